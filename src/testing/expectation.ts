import type { Observable, Unsubscribable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { firstDifference, type CompareOptions } from './compare.js';
import { drawParting, drawSubscription, partingOf, wrapped, type SameMarble } from './draw.js';
import type { Marble, SubscriptionFrames } from './notation.js';

/** Something that a test expects; judged when virtual time has run. */
export interface Expectation {
  /** What is wrong, or `undefined`. */
  readonly judge: () => string | undefined;
  /** Where the test says it, as stack lines. */
  readonly from: string;
}

/** Records all that a source does between two frames. */
export function record(scheduler: TestScheduler, source: Observable<unknown>, during: SubscriptionFrames): readonly Marble[] {
  const marbles: Marble[] = [];
  let subscription: Unsubscribable | undefined;
  const put = (notification: Marble['notification']): void => {
    marbles.push({ frame: scheduler.frame, notification });
  };
  scheduler.schedule(() => {
    subscription = source.subscribe({
      next: (value) => put({ kind: 'N', value }),
      error: (error: unknown) => put({ kind: 'E', error }),
      complete: () => put({ kind: 'C' }),
    });
  }, during.subscribedFrame);
  if (during.unsubscribedFrame !== Infinity) {
    scheduler.schedule(() => subscription?.unsubscribe(), during.unsubscribedFrame);
  }
  return marbles;
}

function notificationDifference(options: CompareOptions): (actual: Marble, expected: Marble) => string | undefined {
  return ({ notification: actual }, { notification: expected }) => {
    if (actual.kind === 'N' && expected.kind === 'N') return firstDifference(actual.value, expected.value, options);
    if (actual.kind === 'E' && expected.kind === 'E') return firstDifference(actual.error, expected.error, options);
    return actual.kind === expected.kind ? undefined : 'they are of different kinds';
  };
}

/** Judges what came against what was expected, value by value and frame by frame. */
export function judgeMarbles(actual: readonly Marble[], expected: readonly Marble[], options: CompareOptions): string | undefined {
  const difference = notificationDifference(options);
  const same: SameMarble = (left, right) => difference(left, right) === undefined;
  const parting = partingOf(expected, actual, difference);
  return parting === undefined ? undefined : drawParting(expected, actual, parting, same);
}

/** Judges when a source was subscribed and unsubscribed. */
export function judgeSubscriptions(actual: readonly SubscriptionFrames[], expected: readonly SubscriptionFrames[]): string | undefined {
  const agree = (frames: SubscriptionFrames | undefined, index: number): boolean =>
    frames?.subscribedFrame === expected[index]?.subscribedFrame && frames?.unsubscribedFrame === expected[index]?.unsubscribedFrame;
  const count = Math.max(actual.length, expected.length);
  const wrong = Array.from({ length: count }, (_, index) => index).find((index) => !agree(actual[index], index));
  if (wrong === undefined) return undefined;
  const draw = (all: readonly SubscriptionFrames[]): string => (all.length === 0 ? '(none)' : all.map(drawSubscription).join('\n            '));
  const words = (frames: SubscriptionFrames | undefined): string => {
    if (frames === undefined) return 'none';
    const end = frames.unsubscribedFrame === Infinity ? 'never unsubscribed' : `unsubscribed at frame ${frames.unsubscribedFrame}`;
    return `one from frame ${frames.subscribedFrame}, ${end}`;
  };
  return [
    'The subscriptions differ.',
    `  expected  ${draw(expected)}`,
    `  actual    ${draw(actual)}`,
    wrapped(`First difference: of subscription ${wrong + 1} ${words(expected[wrong])} was expected, but there was ${words(actual[wrong])}`),
  ].join('\n');
}
