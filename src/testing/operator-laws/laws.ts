import { concat, defer, finalize, from, map, NEVER, Subject, take, tap, throwError, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { firstDifference } from '../compare.js';
import { describeValue } from '../describe.js';
import { outcomeOf, type Outcome } from '../matchers/received.js';
import { fail } from '../provider-laws/judge.js';
import { counting, frozen } from './watched-events.js';

/** What an operator owes, by name. {@link operatorLaws} says what each means. */
export type OperatorLaw = 'cold' | 'again' | 'apart' | 'left' | 'left within' | 'errors' | 'unchanged' | 'linear';

/** An operator, applied. */
export type Applied = (source: Observable<StreamEvent>) => Observable<unknown>;

/** One law: what it says, and how it is held over one run. */
export interface HeldOperatorLaw {
  readonly name: OperatorLaw;
  readonly says: string;
  readonly hold: (make: () => Applied, events: readonly StreamEvent[]) => void;
}

function same(actual: Outcome, expected: Outcome, when: string): void {
  const difference = firstDifference(actual, expected, { envelope: true });
  if (difference !== undefined) fail(`${when}, it told something else than it tells by itself: ${difference}.`);
}

function cold(make: () => Applied, events: readonly StreamEvent[]): void {
  let subscriptions = 0;
  const counted$ = defer(() => {
    subscriptions += 1;
    return from(events);
  });
  const applied$ = make()(counted$);
  if (subscriptions > 0) fail('It subscribed to its source before anybody subscribed to it.');
  outcomeOf(applied$);
  if (subscriptions !== 1) fail(`For one subscription it subscribed to its source ${subscriptions} times.`);
}

function again(make: () => Applied, events: readonly StreamEvent[]): void {
  const expected = outcomeOf(make()(from(events)));
  const operator = make();
  const applied$ = make()(from(events));
  for (let count = 0; count <= events.length; count += 1) {
    outcomeOf(operator(from(events.slice(0, count))));
    same(outcomeOf(operator(from(events))), expected, `Used again after a stream of ${count} events`);
    outcomeOf(applied$.pipe(take(count)));
    same(outcomeOf(applied$), expected, `Subscribed again after it was left at value ${count}`);
  }
}

/** Two subscriptions of one stream, the second one event behind: what the one has heard is no business of the other. */
function apart(make: () => Applied, events: readonly StreamEvent[]): void {
  const feeds: Subject<StreamEvent>[] = [];
  const fed$ = make()(
    defer(() => {
      const feed = new Subject<StreamEvent>();
      feeds.push(feed);
      return feed;
    }),
  );
  const heard: unknown[][] = [[], []];
  const subscriptions = heard.map((values) => fed$.subscribe({ next: (value) => void values.push(value), error: () => undefined }));
  if (feeds.length !== heard.length) fail(`Two subscriptions to it subscribed to its source ${feeds.length === 1 ? 'once' : `${feeds.length} times`}.`);
  [undefined, ...events].forEach((behind, index) => {
    const ahead = events[index];
    if (ahead !== undefined) feeds[0]?.next(ahead);
    if (behind !== undefined) feeds[1]?.next(behind);
  });
  for (const subscription of subscriptions) subscription.unsubscribe();
  const alone = outcomeOf(make()(concat(from(events), NEVER))).values;
  for (const values of heard) {
    const difference = firstDifference(values, alone, { envelope: true });
    if (difference !== undefined) fail(`Beside another subscription it told something else than alone: ${difference}.`);
  }
}

function left(make: () => Applied, events: readonly StreamEvent[]): void {
  for (let count = 0; count <= events.length; count += 1) {
    let stopped = 0;
    outcomeOf(make()(concat(from(events.slice(0, count)), NEVER).pipe(finalize(() => (stopped += 1)))));
    if (stopped !== 1) fail(`Left after ${count} events, it did not unsubscribe from its source.`);
  }
}

/** Left while a synchronous source emits: it takes no more events from it than the value that it was left with needs. */
function leftWithin(make: () => Applied, events: readonly StreamEvent[]): void {
  const whole = outcomeOf(make()(from(events)));
  whole.values.forEach((_, index) => {
    let given = 0;
    const counted$ = from(events).pipe(tap(() => (given += 1)));
    const told = outcomeOf(make()(counted$).pipe(take(index + 1)));
    const difference = firstDifference(told.values, whole.values.slice(0, index + 1), { envelope: true });
    if (difference !== undefined) fail(`Left at value ${index}, it had told something else than it tells by itself: ${difference}.`);
    const needed = neededFor(make, events, index + 1);
    if (given > needed) fail(`Left at value ${index}, it went on to take ${given - needed} events from a source that emits at once.`);
  });
}

/** How many events it takes until so many values have been told. */
function neededFor(make: () => Applied, events: readonly StreamEvent[], values: number): number {
  for (let count = 0; count < events.length; count += 1) {
    if (outcomeOf(make()(concat(from(events.slice(0, count)), NEVER))).values.length >= values) return count;
  }
  return events.length;
}

function errors(make: () => Applied, events: readonly StreamEvent[]): void {
  const broken = new TypeError('broken on purpose');
  const before = outcomeOf(make()(concat(from(events), NEVER)));
  // A run that has ended for the operator hears no more.
  if (before.end !== 'open') return;
  const { values, end, error } = outcomeOf(make()(concat(from(events), throwError(() => broken))));
  if (end !== 'error') fail(`Its source failed, and it ${end === 'complete' ? 'completed' : 'did not end'}.`);
  if (error !== broken) fail(`Its source failed with ${describeValue(broken)}, and it failed with ${describeValue(error)}.`);
  const difference = firstDifference(values, before.values, { envelope: true });
  if (difference !== undefined) fail(`Its source failed, and before it failed too it told something else than it had told: ${difference}.`);
}

function unchanged(make: () => Applied, events: readonly StreamEvent[]): void {
  const copies = events.map((event): StreamEvent => structuredClone(event));
  const expected = outcomeOf(make()(from(copies)));
  const changed = copies.findIndex((event, index) => firstDifference(event, events[index], { envelope: true }) !== undefined);
  if (changed !== -1) fail(`It changed event ${changed} (${describeValue(events[changed])}).`);
  same(outcomeOf(make()(from(frozen(copies)))), expected, 'Given events that cannot be changed');
}

const most = 2.1;

function linear(make: () => Applied, events: readonly StreamEvent[]): void {
  if (events.length === 0) return;
  const readsOf = (rounds: number): number => {
    const long = Array.from({ length: rounds }, (_, round) => events.map((event) => ({ ...event, iteration: 2 * round + event.iteration }))).flat();
    const { events: watched, reads } = counting(long.filter(({ type }) => type !== 'complete' && type !== 'error'));
    outcomeOf(make()(from(watched).pipe(map((event) => event))));
    return reads();
  };
  const [short, long] = [readsOf(20), readsOf(40)];
  if (long > most * short) fail(`It reads ${short} members of a run, and ${long} of one that is twice as long.`);
}

export const operatorLawList: readonly HeldOperatorLaw[] = [
  { name: 'cold', says: 'it subscribes to its source when it is subscribed, and once', hold: cold },
  { name: 'again', says: 'used or subscribed again, wherever it was left before, it tells the same', hold: again },
  { name: 'apart', says: 'two subscriptions share nothing', hold: apart },
  { name: 'left', says: 'left at any event, it unsubscribes from its source', hold: left },
  { name: 'left within', says: 'left while its source emits at once, it takes nothing more from it', hold: leftWithin },
  { name: 'errors', says: 'an error of its source passes as it is', hold: errors },
  { name: 'unchanged', says: 'it changes no event', hold: unchanged },
  { name: 'linear', says: 'it reads each event a bounded number of times, however long the run is', hold: linear },
];
