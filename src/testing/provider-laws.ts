import { concatMap, defer, firstValueFrom, map } from 'rxjs';
import { globalRunner, heldLaws, holdingLaw, type LawRunner } from './law-runner.js';
import { coldLaws } from './provider-laws/cold.js';
import { contentLaws } from './provider-laws/content.js';
import { endLaws } from './provider-laws/ends.js';
import type { Law } from './provider-laws/law.js';
import type { LawTurn, ProviderSubject } from './provider-laws/subject.js';
import { teardownLaws } from './provider-laws/teardown.js';
import { createTrial } from './provider-laws/trial.js';

const laws: readonly Law[] = [...coldLaws, ...teardownLaws, ...endLaws, ...contentLaws];

/** Opens the service, holds the law, closes the service. */
async function hold<Turn extends LawTurn>(law: Law, subject: ProviderSubject<Turn>, turn: Turn): Promise<void> {
  const held$ = subject.open(turn).pipe(
    concatMap((bench) =>
      defer(async () => {
        const trial = createTrial(subject, turn, bench, law.needs ?? []);
        try {
          await law.hold(trial);
        } finally {
          trial.dispose();
        }
      }),
    ),
    map(() => true),
  );
  await holdingLaw(law.name, async () => {
    if (!(await firstValueFrom(held$, { defaultValue: false }))) throw new Error('The subject opened no service: what `open` gives completed at once.');
  });
}

/**
 * Tests that a provider keeps the laws of providers: one test a law and turn, for any runner.
 *
 * | law | says |
 * |---|---|
 * | `cold` | nothing is sent before somebody subscribes |
 * | `apart` | each subscription is a request of its own, shares nothing with another, and is told the same |
 * | `left …` | unsubscribed at any moment (at once, while connecting, before the answer, before the first event, within and between events) the request is closed at the service, and nothing is told any more |
 * | `answer announced` | `onAnswer` of the request is called once, when the answer begins |
 * | `ended early`, `broken …` | a stream that ends or breaks after any number of frames tells exactly their events and then fails with one typed error, whose `partial` is right |
 * | `held open` | a whole turn completes though the connection stays open, and closes it |
 * | `surplus` | what follows the terminal frame is ignored |
 * | `order` | only events of a provider, numbered, of the step that was asked, one `message` and last |
 * | `plain` | events are plain JSON that the codec knows, and nobody changes them afterwards |
 * | `lossless` | the message has what the deltas told, and what the turn held |
 * | `round trip` | the message goes into the next request as it has to |
 *
 * In all of them the request is frozen, a rejection that nobody handles is a failure, and a failure says which law is
 * broken and how. No time is measured; `patience` of the subject bounds the waiting for what is owed.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import { providerLaws, type ProviderSubject } from 'coldstream/testing';
 *
 * // The provider, a few turns, and a service that gives them as far as the laws say.
 * declare const subject: ProviderSubject;
 *
 * providerLaws(subject, { describe, it });
 * ```
 * @param subject the provider, and a service for it that the laws control
 * @param runner where tests are announced; default: the global `describe` and `it`
 */
export function providerLaws<Turn extends LawTurn>(subject: ProviderSubject<Turn>, runner: LawRunner = globalRunner('providerLaws')): void {
  const { describe, it } = runner;
  const [first, ...others] = subject.turns;
  if (first === undefined) throw new Error('providerLaws was given a subject without a turn to hold the laws over.');
  const { without = {} } = subject;
  const { held, lacking } = heldLaws(laws, without);
  const announce = (turn: Turn, owed: readonly Law[]): void => {
    describe(`over ${turn.name}`, () => {
      for (const law of owed) it(`${law.name}: ${law.says}`, () => hold(law, subject, turn));
    });
  };
  describe(`${subject.name} keeps the laws of providers${lacking}`, () => {
    announce(first, held);
    for (const turn of others) announce(turn, held.filter(({ once }) => once !== true));
  });
}
