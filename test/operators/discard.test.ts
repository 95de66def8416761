import fc, { type Arbitrary } from 'fast-check';
import { firstValueFrom, from, lastValueFrom } from 'rxjs';
import { collectRun, finalText, usageTotals } from 'coldstream/operators';
import { event, firstDifference, tokens } from 'coldstream/testing';
import type { Retry, StreamEvent } from '../../src/events/events.js';
import { addUsage, type Usage } from '../../src/messages/usage.js';
import { turn } from '../support/turn-arbitrary.js';
import { runs } from './runs.js';

/** An attempt that was given up in the middle: what it told, and the `retry` that takes it back. */
interface Abandoned {
  readonly events: readonly StreamEvent[];
  readonly usage: Usage | null;
}

/** Some pieces of an answer, with a running count that the `retry` may or may not repeat. */
const abandoned: Arbitrary<Abandoned> = fc
  .tuple(turn, fc.nat(), fc.option(fc.nat(1_000)), fc.boolean(), fc.boolean())
  .map(([{ events }, length, count, repeated, switched]) => {
    const usage = count === null ? null : tokens(count, 1);
    const content: Partial<Retry['content']> = { discard: true, ...(switched ? { to: 'spare' } : {}) };
    const told = usage === null ? [] : [event.usage(usage)];
    return { events: [...events.slice(0, length % (events.length + 1)), ...told, event.retry(content, repeated ? usage : null)], usage };
  });

const wanted = ['a provider without an agent', 'a run with a tool and a sub-agent', 'a run without its end', 'a run that fails'];

/** A run with an abandoned attempt at the beginning of one of its turns, cut after any of its events. */
const disturbed = fc
  .tuple(fc.constantFrom(...wanted), fc.array(abandoned, { minLength: 1, maxLength: 2 }), fc.nat(), fc.nat())
  .map(([name, attempts, turnAt, cut]) => {
    const events = runs[name] ?? [];
    const starts = events.flatMap(({ type, path }, index) => (type === 'iteration_start' && path.length === 0 ? [index + 1] : []));
    const at = starts[turnAt % Math.max(1, starts.length)] ?? 0;
    const { runId = 'run_1', iteration = 0 } = events[at - 1] ?? {};
    const after = events.slice(at, at + (cut % (events.length - at + 1)));
    const inserted = attempts.flatMap((attempt) => attempt.events).map((each) => ({ ...each, runId, iteration }));
    const usage = attempts.reduce<Usage | null>((sum, attempt) => addUsage(sum, attempt.usage), null);
    return { plain: [...events.slice(0, at), ...after], whole: [...events.slice(0, at), ...inserted, ...after], usage };
  });

const same = (actual: unknown, expected: unknown): void => expect(firstDifference(actual, expected)).toBeUndefined();

describe('an attempt that a retry discards', () => {
  it('is in nothing that collectRun and toolCalls tell of the answer, wherever the run was cut', async () => {
    await fc.assert(
      fc.asyncProperty(disturbed, async ({ plain, whole }) => {
        const [expected, actual] = await Promise.all([plain, whole].map((events) => firstValueFrom(from(events).pipe(collectRun()))));
        for (const member of ['text', 'thinking', 'toolCalls', 'stopReason', 'messages', 'error'] as const) same(actual?.[member], expected?.[member]);
      }),
    );
  });

  it('is in no final text', async () => {
    const textOf = (events: readonly StreamEvent[]) => lastValueFrom(from(events).pipe(finalText()), { defaultValue: undefined }).catch((error: unknown) => error);
    await fc.assert(fc.asyncProperty(disturbed, async ({ plain, whole }) => same(await textOf(whole), await textOf(plain))));
  });

  it('is in the bill, once', async () => {
    const totalOf = (events: readonly StreamEvent[]) => lastValueFrom(from(events).pipe(usageTotals()), { defaultValue: null });
    await fc.assert(
      fc.asyncProperty(disturbed, async ({ plain, whole, usage }) => {
        // What the fixtures report of a whole iteration knows nothing of the attempts that are put into it here.
        const counted = (events: readonly StreamEvent[]) => events.filter(({ type }) => type !== 'iteration_end');
        const [without, withIt] = [await totalOf(counted(plain)), await totalOf(counted(whole))];
        same(withIt, usage === null ? without : { ...addUsage(without, usage), raw: {} });
      }),
    );
  });
});
