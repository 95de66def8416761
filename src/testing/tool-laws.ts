import { concatMap, defer, firstValueFrom, map } from 'rxjs';
import { globalRunner, heldLaws, holdingLaw, type LawRunner } from './law-runner.js';
import { createToolTrial, toolLawList, type HeldToolLaw } from './tool-laws/laws.js';
import type { ToolSubject } from './tool-laws/subject.js';

/** Opens the bench, holds the law, closes the bench. */
function hold({ name, hold: holdOver }: HeldToolLaw, subject: ToolSubject): Promise<void> {
  const held$ = subject.open().pipe(
    concatMap((bench) =>
      defer(async () => {
        const trial = createToolTrial(subject, bench);
        try {
          await holdOver(trial);
        } finally {
          trial.dispose();
        }
      }),
    ),
    map(() => true),
  );
  return holdingLaw(name, async () => {
    if (!(await firstValueFrom(held$, { defaultValue: false }))) throw new Error('The subject opened nothing: what `open` gives completed at once.');
  });
}

/**
 * Tests that a tool keeps the laws of tools: one test a law, for any runner. A tool is what `tool()`, `agentTool()` and
 * `mcpTools()` make, or anything else with a `run`.
 *
 * | law | says |
 * |---|---|
 * | `cold` | nothing begins before somebody subscribes |
 * | `apart` | each subscription is a call of its own, and shares nothing with another |
 * | `left …` | unsubscribed at once, or while it works, it stops its work, and tells no more |
 * | `answered` | its answer is one outcome, last, and then it completes |
 * | `failed` | a failure is an error, or an outcome that is one |
 * | `of the call` | what it tells meanwhile is of its call: run, path, iteration, id and name |
 * | `plain` | what it tells is plain JSON |
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import { toolLaws, type ToolSubject } from 'coldstream/testing';
 *
 * // The tool, and what it works on, which does as the laws say.
 * declare const subject: ToolSubject;
 *
 * toolLaws(subject, { describe, it });
 * ```
 * @param subject the tool, and what it works on, which the laws control
 * @param runner where tests are announced; default: the global `describe` and `it`
 */
export function toolLaws(subject: ToolSubject, runner: LawRunner = globalRunner('toolLaws')): void {
  const { held, lacking } = heldLaws(toolLawList, subject.without ?? {});
  runner.describe(`${subject.name} keeps the laws of tools${lacking}`, () => {
    for (const law of held) runner.it(`${law.name}: ${law.says}`, () => hold(law, subject));
  });
}
