import { messageOf } from '../errors/describe.js';
import { LawFailure } from './provider-laws/judge.js';
import { withNothingUnhandled } from './provider-laws/unhandled.js';

/** How tests are announced: `describe` and `it` of jest, vitest, mocha or node:test. */
export interface LawRunner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

function isRunner(value: object): value is LawRunner {
  return 'describe' in value && typeof value.describe === 'function' && 'it' in value && typeof value.it === 'function';
}

/** The runner whose `describe` and `it` are global. */
export function globalRunner(suite: string): LawRunner {
  const found: object = globalThis;
  if (!isRunner(found)) {
    throw new Error(`${suite} found no global describe and it: pass them, as in ${suite}(subject, { describe, it }).`);
  }
  return found;
}

/** The laws that a subject is held to, and the end of the suite's title that names the others. */
export function heldLaws<Held extends { readonly name: string }>(laws: readonly Held[], without: Readonly<Partial<Record<string, string>>>): { readonly held: readonly Held[]; readonly lacking: string } {
  const lacking = Object.entries(without).map(([name, reason]) => `; not “${name}”, since ${String(reason)}`).join('');
  return { held: laws.filter(({ name }) => without[name] === undefined), lacking };
}

/** Holds a law, in words that begin with its name; what nobody handles meanwhile breaks it too. */
export async function holdingLaw(name: string, hold: () => Promise<void> | void): Promise<void> {
  try {
    await withNothingUnhandled(async () => hold());
  } catch (error) {
    throw new Error(`The law “${name}” is broken. ${messageOf(error)}`, error instanceof LawFailure ? undefined : { cause: error });
  }
}
