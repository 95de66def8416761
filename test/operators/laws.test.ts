import { concat, defer, finalize, from, NEVER, Observable, take, tap, throwError } from 'rxjs';
import * as operators from 'coldstream/operators';
import { firstDifference } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { runs } from './runs.js';
import { rows } from './table.js';

interface Outcome {
  readonly values: unknown[];
  readonly end: 'complete' | 'error' | 'open';
  readonly error?: unknown;
}

/** All that a source does synchronously. */
function outcomeOf(source: Observable<unknown>): Outcome {
  const values: unknown[] = [];
  let end: Pick<Outcome, 'end' | 'error'> = { end: 'open' };
  source
    .subscribe({
      next: (value) => void values.push(value),
      error: (error: unknown) => void (end = { end: 'error', error }),
      complete: () => void (end = { end: 'complete' }),
    })
    .unsubscribe();
  return { values, ...end };
}

const same = (actual: unknown, expected: unknown): void => expect(firstDifference(actual, expected, { envelope: true })).toBeUndefined();

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** Counts how often anything is read from the events. */
function counting(events: readonly StreamEvent[]): { readonly events: readonly StreamEvent[]; readonly reads: () => number } {
  let reads = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, key, receiver) => {
        reads++;
        const value: unknown = Reflect.get(from, key, receiver);
        return typeof value === 'object' && value !== null ? watched(value) : value;
      },
    });
  return { events: events.map(watched), reads: () => reads };
}

it('has every exported operator in its table', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(operators).sort());
});

describe.each(rows)('$name keeps the laws of operators', ({ make }) => {
  it.each(Object.keys(runs))('over %s', (run) => {
    const events = frozen(runs[run] ?? []);
    const expected = outcomeOf(make()(from(events)));

    // Nothing happens before subscribe; one subscription is one of the source.
    let subscriptions = 0;
    const counted$ = defer(() => {
      subscriptions++;
      return from(events);
    });
    const applied$ = make()(counted$);
    expect(subscriptions).toBe(0);
    same(outcomeOf(applied$), expected);
    expect(subscriptions).toBe(1);

    // Subscribed again, and again after it was left at any point: the same, for one stream and for one operator.
    const operator = make();
    for (let left = 0; left <= events.length; left++) {
      outcomeOf(operator(from(events.slice(0, left))));
      outcomeOf(applied$.pipe(take(left)));
      same(outcomeOf(operator(from(events))), expected);
      same(outcomeOf(applied$), expected);
    }

    // Two subscriptions side by side share nothing.
    const side: unknown[][] = [[], []];
    const feeds: ((event: StreamEvent) => void)[] = [];
    const fed$ = make()(new Observable<StreamEvent>((subscriber) => void feeds.push((each) => subscriber.next(each))));
    side.forEach((values) => fed$.subscribe({ next: (value) => values.push(value), error: () => undefined }));
    for (const each of events) for (const feed of feeds) feed(each);
    same(side[0], side[1]);
  });

  it.each(Object.keys(runs))('stops the source when it is left at any event of %s', (run) => {
    const events = runs[run] ?? [];
    for (let open = 0; open <= events.length; open++) {
      let stopped = 0;
      const source$ = concat(from(events.slice(0, open)), NEVER).pipe(finalize(() => stopped++));
      make()(source$).subscribe({ error: () => undefined }).unsubscribe();
      expect(stopped).toBe(1);
    }
    // Left from within: a synchronous source gives nothing more.
    const values = outcomeOf(make()(from(events))).values.length;
    for (let wanted = 1; wanted <= values; wanted++) {
      let given = 0;
      const whole = outcomeOf(make()(from(events)).pipe(take(wanted))).values;
      make()(from(events).pipe(tap(() => given++))).pipe(take(wanted)).subscribe({ error: () => undefined });
      const short = outcomeOf(make()(from(events.slice(0, given))).pipe(take(wanted))).values;
      same(short, whole);
      expect(whole).toHaveLength(wanted);
    }
  });

  it.each(['a provider without an agent', 'a run without its end', 'no run at all'])('passes an error of the source as it is, over %s', (run) => {
    const broken = new TypeError('broken');
    const { end, error } = outcomeOf(make()(concat(from(runs[run] ?? []), throwError(() => broken))));
    expect(end).toBe('error');
    expect(error).toBe(broken);
  });

  it('reads each event a bounded number of times, however long the run is', () => {
    const readsOf = (turns: number): number => {
      const long = Array.from({ length: turns }, (_, iteration) =>
        (runs['a run without its end'] ?? []).map((each) => ({ ...each, iteration: 2 * iteration + each.iteration })),
      ).flat();
      const { events, reads } = counting(long);
      outcomeOf(make()(from(events)));
      return reads();
    };
    const [short, long] = [readsOf(20), readsOf(40)];
    expect(short).toBeGreaterThan(0);
    expect(long).toBeLessThanOrEqual(2.1 * short);
  });
});
