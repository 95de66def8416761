import { catchError, concat, defer, EMPTY, filter, from, map, mergeMap, NEVER, Observable, of, ReplaySubject, retry, scan, Subject, Subscription, tap, throwError, toArray } from 'rxjs';
import { operatorLaws, type Applied, type OperatorLaw } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

/** The laws that an operator breaks, with what is said of each. */
async function brokenBy(make: () => Applied): Promise<Readonly<Record<string, string>>> {
  const tests: { readonly law: string; readonly body: () => Promise<void> }[] = [];
  operatorLaws({ name: 'broken', make }, { describe: (_title, body) => body(), it: (title, body) => tests.push({ law: title.slice(0, title.indexOf(':')), body }) });
  const broken: Record<string, string> = {};
  for (const { law, body } of tests) {
    await body().catch((error: unknown) => {
      broken[law] = String(error);
    });
  }
  return broken;
}

const types: Applied = (source) => source.pipe(map(({ type }) => type));

const faults: readonly { readonly fault: string; readonly make: () => Applied; readonly breaks: readonly OperatorLaw[]; readonly says: RegExp }[] = [
  {
    fault: 'subscribes at once, and keeps what it heard',
    make: () => (source) => {
      const kept$ = new ReplaySubject<StreamEvent>(1_000);
      source.subscribe(kept$);
      return types(kept$);
    },
    breaks: ['cold', 'apart', 'left', 'left within'],
    says: /before anybody subscribed to it/,
  },
  {
    fault: 'subscribes twice',
    make: () => (source) => concat(types(source), source.pipe(filter(() => false))),
    breaks: ['cold'],
    says: /subscribed to its source 2 times/,
  },
  {
    fault: 'counts in its closure',
    make: () => {
      let count = 0;
      return map(() => (count += 1));
    },
    breaks: ['again', 'apart'],
    says: /Over a provider without an agent: .*, it told something else than it tells by itself/,
  },
  {
    fault: 'keeps the sum of all streams that it was applied to',
    make: () => {
      let count = 0;
      return (source) => {
        const before = count;
        return source.pipe(map((_, index) => before + index), tap(() => (count += 1)));
      };
    },
    breaks: ['again'],
    says: /Used again after a stream of \d+ events/,
  },
  {
    fault: 'shares its source among its subscribers',
    make: () => (source) => {
      let heard = new Subject<unknown>();
      let listeners = 0;
      let connection = Subscription.EMPTY;
      return new Observable((subscriber) => {
        listeners += 1;
        subscriber.add(heard.subscribe(subscriber));
        if (listeners === 1) connection = types(source).subscribe(heard);
        return () => {
          listeners -= 1;
          if (listeners > 0) return;
          connection.unsubscribe();
          heard = new Subject();
        };
      });
    },
    breaks: ['apart', 'left within'],
    says: /Two subscriptions to it subscribed to its source once/,
  },
  {
    fault: 'forgets to unsubscribe',
    make: () => (source) =>
      new Observable((subscriber) => {
        source.subscribe({ next: ({ type }) => subscriber.next(type), error: (error: unknown) => subscriber.error(error), complete: () => subscriber.complete() });
      }),
    breaks: ['left', 'left within'],
    says: /Left after 0 events, it did not unsubscribe/,
  },
  {
    fault: 'drains what emits at once, though nobody listens any more',
    make: () => (source) =>
      new Observable((subscriber) => {
        const subscription = source.subscribe({
          next: ({ type }) => subscriber.next(type),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        return subscription;
      }),
    breaks: ['left within'],
    says: /it went on to take \d+ events from a source that emits at once/,
  },
  {
    fault: 'swallows errors',
    make: () => (source) => types(source).pipe(catchError(() => EMPTY)),
    breaks: ['errors'],
    says: /Its source failed, and it completed/,
  },
  {
    fault: 'hides an error and never ends',
    make: () => (source) => types(source).pipe(catchError(() => NEVER)),
    breaks: ['errors'],
    says: /Its source failed, and it did not end/,
  },
  {
    fault: 'wraps errors',
    make: () => (source) => types(source).pipe(catchError((error: unknown) => throwError(() => new Error('wrapped', { cause: error })))),
    breaks: ['errors'],
    says: /it failed with Error "wrapped"/,
  },
  {
    fault: 'asks its source again when that fails',
    make: () => (source) => types(source).pipe(retry(1)),
    breaks: ['errors'],
    says: /before it failed too it told something else than it had told/,
  },
  {
    fault: 'writes into the events',
    make: () => map((event) => Object.assign(event, { seen: true })),
    breaks: ['unchanged'],
    says: /It changed event 0/,
  },
  {
    fault: 'reads all that it has heard for each event',
    make: () => (source) => source.pipe(scan((all: readonly StreamEvent[], event) => [...all, event], []), map((all) => all.map(({ type }) => type).length)),
    breaks: ['linear'],
    says: /members of a run, and \d+ of one that is twice as long/,
  },
];

const every: Readonly<Record<OperatorLaw, true>> = { cold: true, again: true, apart: true, left: true, 'left within': true, errors: true, unchanged: true, linear: true };

it('has an operator that breaks each law', () => {
  expect([...new Set(faults.flatMap(({ breaks }) => breaks))].sort()).toEqual(Object.keys(every).sort());
});

it('an honest operator breaks none', async () => {
  expect(await brokenBy(() => types)).toEqual({});
  expect(await brokenBy(() => (source) => source.pipe(toArray(), mergeMap((events) => of(events.length))))).toEqual({});
  expect(await brokenBy(() => (source) => defer(() => from(source)))).toEqual({});
});

it.each(faults)('an operator that $fault breaks $breaks', async ({ make, breaks, says }) => {
  const broken = await brokenBy(make);
  expect(Object.keys(broken).sort()).toEqual([...breaks].sort());
  expect(broken[breaks[0] ?? ''] ?? '').toMatch(says);
});
