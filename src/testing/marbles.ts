import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { pinIdsAndChance } from '../internal/ids.js';
import type { CompareOptions } from './compare.js';
import { judgeMarbles, judgeSubscriptions, record, type Expectation } from './expectation.js';
import { turnMarbles, type MarbleTurnEnd } from './marble-turn.js';
import { parseRows, parseSubscription, type Marble, type Rows, type SubscriptionFrames, type Values } from './notation.js';
import { runJudge, type RunLanes } from './run-expectation.js';
import { BoundedTestScheduler } from './scheduler.js';
import type { TurnPiece } from './turns.js';

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

/** Says what a run is expected to do, in the notation for runs: a letter an event. `toBe` must be called, or the test fails. */
export interface RunExpectation {
  /**
   * @param lanes one line for the whole run, or one for each lane: `run`, `model`, and a tool's for its name or its call's
   *   id; `research/model` for a sub-agent's. In a lane a group, `(si)`, takes one frame, and `@31s` goes on at that time.
   * @param values what letters stand for that are more than a kind of event.
   * @param error what `#` stands for; default `'error'`.
   */
  readonly toBe: (lanes: RunLanes, values?: Readonly<Record<string, StreamEvent>>, error?: unknown) => void;
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
  /**
   * A model's turn: characters stand for text, thinking, tool calls and events, and for themselves as text without a table;
   * `|` is the turn's usage and its message, which holds what came before, and its end.
   *
   * @param end stop reason, usage, and what `#` stands for.
   */
  readonly turn: (rows: Rows, pieces?: Values<TurnPiece>, end?: MarbleTurnEnd) => TestSource<StreamEvent>;
  /** The same as `expectObservable` for a run, told by the kinds of its events; `subscription` and `options` as there. */
  readonly expectRun: (run: Observable<StreamEvent>, subscription?: string, options?: CompareOptions) => RunExpectation;
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
function calledFrom(kit: KitFunction): string {
  const here = { stack: '' };
  if ('captureStackTrace' in Error) Error.captureStackTrace(here, kit);
  return here.stack.split('\n').slice(1).join('\n');
}

/** A function of the kit that a test calls. */
type KitFunction = (...args: never[]) => unknown;

/** Reads what the test has written; what cannot be read is an error on the test's own line. */
function atTheTest<Value>(kit: KitFunction, read: () => Value): Value {
  const from = calledFrom(kit);
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && from !== '') error.stack = `Error: ${error.message}\n${from}`;
    throw error;
  }
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
    turn: (rows, pieces, end = {}) => this.turn(rows, pieces, end),
    expectRun: (run, subscription, options = {}) => this.expectRun(run, subscription, options),
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
    return this.scripted(this.scheduler.createColdObservable<T>(''), this.api.cold, () => parseRows(rows, values, error));
  }

  private hot<T>(rows: Rows, values: Values<T> | undefined, error: unknown): TestSource<T> {
    return this.scripted(this.scheduler.createHotObservable<T>(''), this.api.hot, () => parseRows(rows, values, error));
  }

  private turn(rows: Rows, pieces: Values<TurnPiece> | undefined, end: MarbleTurnEnd): TestSource<StreamEvent> {
    return this.scripted(this.scheduler.createColdObservable<StreamEvent>(''), this.api.turn, () => turnMarbles(rows, pieces, end));
  }

  /** The source with what its diagram says; a diagram that says nothing sensible is the test's fault, on the test's line. */
  private scripted<Source extends TestSource<unknown> & { messages: unknown[] }>(source: Source, kit: KitFunction, parse: () => readonly Marble[]): Source {
    source.messages = [...atTheTest(kit, parse)];
    return source;
  }

  private during(subscription = '^'): SubscriptionFrames {
    const parsed = parseSubscription(subscription);
    return { ...parsed, subscribedFrame: parsed.subscribedFrame === Infinity ? 0 : parsed.subscribedFrame };
  }

  private expectObservable(source: Observable<unknown>, subscription: string | undefined, options: CompareOptions): ObservableExpectation {
    const during = this.during(subscription);
    const actual = record(this.scheduler, source, during);
    const from = calledFrom(this.api.expectObservable);
    const settle = this.mustSay('expectObservable(source) has no .toBe() or .toEqual(): it expects nothing.', from);
    const expectation: ObservableExpectation = {
      toBe: (rows, values, error) => {
        const expected = atTheTest(expectation.toBe, () => parseRows(rows, values, error));
        settle(() => judgeMarbles(actual, expected, options), calledFrom(expectation.toBe));
      },
      toEqual: (other) => {
        const expected = record(this.scheduler, other, during);
        settle(() => judgeMarbles(actual, expected, options), calledFrom(expectation.toEqual));
      },
    };
    return expectation;
  }

  private expectRun(run: Observable<StreamEvent>, subscription: string | undefined, options: CompareOptions): RunExpectation {
    const actual = record(this.scheduler, run, this.during(subscription));
    const settle = this.mustSay('expectRun(run) has no .toBe(): it expects nothing.', calledFrom(this.api.expectRun));
    const expectation: RunExpectation = {
      toBe: (lanes, values = {}, error = 'error') => {
        const judge = atTheTest(expectation.toBe, () => runJudge(lanes, values, error, options));
        settle(() => judge(actual), calledFrom(expectation.toBe));
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
