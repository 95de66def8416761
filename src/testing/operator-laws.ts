import type { StreamEvent } from '../events/events.js';
import { globalRunner, heldLaws, holdingLaw, type LawRunner } from './law-runner.js';
import { operatorLawList, type Applied, type OperatorLaw } from './operator-laws/laws.js';
import { sampleRuns } from './operator-laws/sample-runs.js';
import { describeFailureOver } from './provider-laws/judge.js';

/** An operator on the events of a run, handed over to the laws. */
export interface OperatorSubject {
  readonly name: string;
  /** Makes the operator, afresh each time: `() => textOnly()`. */
  readonly make: () => Applied;
  /** Runs to hold the laws over, by what is in them. Default: `sampleRuns`. */
  readonly runs?: Readonly<Record<string, readonly StreamEvent[]>>;
  /** Laws that cannot be held over this operator, with the reason; the title of the suite names them. */
  readonly without?: Readonly<Partial<Record<OperatorLaw, string>>>;
}

/**
 * Tests that an operator on events keeps the laws of operators: one test a law, for any runner.
 *
 * | law | says |
 * |---|---|
 * | `cold` | it subscribes to its source when it is subscribed, and once |
 * | `again` | used or subscribed again, wherever it was left before, it tells the same: no state outside the subscription |
 * | `apart` | two subscriptions share nothing |
 * | `left` | left at any event, it unsubscribes from its source |
 * | `left within` | left while its source emits at once, it takes nothing more from it |
 * | `errors` | an error of its source passes as it is |
 * | `unchanged` | it changes no event |
 * | `linear` | it reads each event a bounded number of times, however long the run is |
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import type { StreamEvent } from 'coldstream';
 * import { operatorLaws } from 'coldstream/testing';
 * import { filter } from 'rxjs';
 *
 * operatorLaws({ name: 'onlyErrors', make: () => filter((event: StreamEvent) => event.type === 'error') }, { describe, it });
 * ```
 * @param subject the operator
 * @param runner where tests are announced; default: the global `describe` and `it`
 */
export function operatorLaws(subject: OperatorSubject, runner: LawRunner = globalRunner('operatorLaws')): void {
  const { name: title, make, runs = sampleRuns, without = {} } = subject;
  const { held, lacking } = heldLaws(operatorLawList, without);
  runner.describe(`${title} keeps the laws of operators${lacking}`, () => {
    for (const { name, says, hold } of held) {
      runner.it(`${name}: ${says}`, () =>
        holdingLaw(name, () => {
          for (const [run, events] of Object.entries(runs)) describeFailureOver(run, () => hold(make, structuredClone(events)));
        }),
      );
    }
  });
}
