import type { Observable } from 'rxjs';
import { pinIdsAndChance } from '../internal/ids.js';
import type { CompareOptions } from './compare.js';
import { judgeMarbles, judgeSubscriptions, record, type Expectation } from './expectation.js';
import { parseRows, parseSubscription, type Rows, type SubscriptionFrames, type Values } from './notation.js';
import { BoundedTestScheduler } from './scheduler.js';

/** A scripted source that knows when it was subscribed and unsubscribed. */
export interface TestSource<T> extends Observable<T> {
  /** One entry a subscription, in order. */
  readonly subscriptions: readonly SubscriptionFrames[];
}

/** Says what a source is expected to do. One of the two must be called, or the test fails. */
export interface ObservableExpectation {
  /**
   * @param rows the diagram; see `Rows`.
   * @param values what its characters stand for; without it each stands for itself.
   * @param error what `#` stands for; default `'error'`.
   */
  readonly toBe: (rows: Rows, values?: Values<unknown>, error?: unknown) => void;
  /** Does exactly what another source does over the same frames. */
  readonly toEqual: (other: Observable<unknown>) => void;
}

/** Says when a source is expected to be subscribed: one diagram (`'^--!'`) or one a subscription, `[]` for none. */
export interface SubscriptionExpectation {
  readonly toBe: (diagrams: string | readonly string[]) => void;
}

/** What a marble test works with. */
export interface Marbles {
  /** A source that plays its diagram from each subscription on. */
  readonly cold: <T = string>(rows: Rows, values?: Values<T>, error?: unknown) => TestSource<T>;
  /** A source that plays its diagram once, from frame 0; `^` moves frame 0. */
  readonly hot: <T = string>(rows: Rows, values?: Values<T>, error?: unknown) => TestSource<T>;
  /**
   * Subscribes to the source when virtual time runs.
   *
   * @param subscription when: `'---!'` unsubscribes at frame 3, `'--^--!'` subscribes at frame 2.
   * @param options by default of an event only its `type` and payload are compared.
   */
  readonly expectObservable: (source: Observable<unknown>, subscription?: string, options?: CompareOptions) => ObservableExpectation;
  readonly expectSubscriptions: (subscriptions: readonly SubscriptionFrames[]) => SubscriptionExpectation;
  /** The frame of the `|`. */
  readonly time: (diagram: string) => number;
  /** The frame that virtual time has reached. */
  readonly now: () => number;
  /** Runs virtual time to its end and judges what was expected so far. Happens by itself at the end of the test. */
  readonly flush: () => void;
}

/** What is wrong, and the line of the test that says otherwise. */
interface Complaint {
  readonly text: string;
  readonly from: string;
}

/** Where the test called the kit, as stack lines: a failure is found out later, when virtual time has run. */
function calledFrom(kit: (...args: never[]) => unknown): string {
  const here = { stack: '' };
  if ('captureStackTrace' in Error) Error.captureStackTrace(here, kit);
  return here.stack.split('\n').slice(1).join('\n');
}

function failWith(complaints: readonly Complaint[]): void {
  const [first] = complaints;
  if (first === undefined) return;
  const error = new Error(complaints.map(({ text }) => text).join('\n\n'));
  if (first.from !== '') error.stack = `Error: ${error.message}\n${first.from}`;
  throw error;
}

class Harness {
  private readonly scheduler = new BoundedTestScheduler();
  private expectations: Expectation[] = [];
  private readonly forgotten = new Set<Complaint>();
  private readonly api: Marbles = {
    cold: (rows, values, error) => this.cold(rows, values, error),
    hot: (rows, values, error) => this.hot(rows, values, error),
    expectObservable: (source, subscription, options = {}) => this.expectObservable(source, subscription, options),
    expectSubscriptions: (subscriptions) => this.expectSubscriptions(subscriptions),
    time: (diagram) => this.scheduler.createTime(diagram),
    now: () => this.scheduler.frame,
    flush: () => this.flush(),
  };

  run(test: (m: Marbles) => unknown): void {
    const restore = pinIdsAndChance();
    try {
      this.scheduler.run(() => {
        const returned = test(this.api);
        if (typeof returned === 'object' && returned !== null && 'then' in returned) {
          throw new Error('A marble test is synchronous: promises do not run in virtual time.');
        }
        this.flush();
      });
    } finally {
      restore();
    }
    failWith([...this.forgotten]);
  }


  private cold<T>(rows: Rows, values: Values<T> | undefined, error: unknown): TestSource<T> {
    if ([rows].flat().some((row) => row.includes('^'))) throw new Error('A cold source has no ^: it begins when it is subscribed.');
    const source = this.scheduler.createColdObservable<T>('');
    source.messages = [...parseRows(rows, values, error)];
    return source;
  }

  private hot<T>(rows: Rows, values: Values<T> | undefined, error: unknown): TestSource<T> {
    const source = this.scheduler.createHotObservable<T>('');
    source.messages = [...parseRows(rows, values, error)];
    return source;
  }

  private expectObservable(source: Observable<unknown>, subscription: string | undefined, options: CompareOptions): ObservableExpectation {
    const parsed = parseSubscription(subscription ?? '^');
    const during = { ...parsed, subscribedFrame: parsed.subscribedFrame === Infinity ? 0 : parsed.subscribedFrame };
    const actual = record(this.scheduler, source, during);
    const from = calledFrom(this.api.expectObservable);
    const settle = this.mustSay('expectObservable(source) has no .toBe() or .toEqual(): it expects nothing.', from);
    const expectation: ObservableExpectation = {
      toBe: (rows, values, error) => {
        const expected = parseRows(rows, values, error);
        settle(() => judgeMarbles(actual, expected, options), calledFrom(expectation.toBe));
      },
      toEqual: (other) => {
        const expected = record(this.scheduler, other, during);
        settle(() => judgeMarbles(actual, expected, options), calledFrom(expectation.toEqual));
      },
    };
    return expectation;
  }

  private expectSubscriptions(actual: readonly SubscriptionFrames[]): SubscriptionExpectation {
    const from = calledFrom(this.api.expectSubscriptions);
    const settle = this.mustSay('expectSubscriptions(…) has no .toBe(): it expects nothing.', from);
    const expectation: SubscriptionExpectation = {
      toBe: (diagrams) => {
        const expected = (typeof diagrams === 'string' ? [diagrams] : diagrams)
          .map(parseSubscription)
          .filter(({ subscribedFrame }) => subscribedFrame !== Infinity);
        settle(() => judgeSubscriptions(actual, expected), calledFrom(expectation.toBe));
      },
    };
    return expectation;
  }

  /** An expectation that is opened and never finished would pass whatever happens. */
  private mustSay(text: string, from: string): (judge: () => string | undefined, from: string) => void {
    const complaint: Complaint = { text, from };
    this.forgotten.add(complaint);
    return (judge, saidFrom) => {
      this.forgotten.delete(complaint);
      this.expectations.push({ judge, from: saidFrom });
    };
  }

  private flush(): void {
    this.scheduler.flush();
    if (this.scheduler.exhausted) throw new Error('Virtual time did not come to an end: unsubscribe what never ends.');
    const judged = this.expectations.map(({ judge, from }) => ({ text: judge(), from }));
    this.expectations = [];
    failWith(judged.flatMap(({ text, from }) => (text === undefined ? [] : [{ text, from }])));
  }
}

/**
 * A marble test: time is virtual, ids and chance are pinned (`run_1`, `run_2` …; 0.5), nothing real is waited for.
 *
 * ```ts
 * it('passes text on as it comes', marbles((m) => {
 *   const source = m.cold('-a-b|', { a: event.text('Hel'), b: event.text('lo') });
 *   m.expectObservable(source.pipe(textOnly())).toBe('-a-b|', { a: 'Hel', b: 'lo' });
 *   m.expectSubscriptions(source.subscriptions).toBe('^---!');
 * }));
 * ```
 *
 * Works under any test runner: what is wrong is thrown as an `Error`. The traps of `TestScheduler` fail the test here:
 * an expectation without `.toBe`, errors that are alike in their message alone, a group that moves what follows it, a
 * character that has no value, a test that is asynchronous, virtual time without an end.
 *
 * @param test the test; further arguments are those of a table test (`it.each`).
 * @returns the function that the test runner calls.
 */
export function marbles<Row extends readonly unknown[]>(test: (m: Marbles, ...row: Row) => void): (...row: Row) => void {
  return (...row) => new Harness().run((m) => test(m, ...row));
}
