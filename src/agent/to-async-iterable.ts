import { Subscription, type Observable } from 'rxjs';
import { OverflowError } from '../errors/errors.js';
import { requireCount } from '../errors/require.js';
import { holdBack } from '../internal/handing-on.js';
import { Queue } from '../internal/queue.js';

/** How much is kept for a loop that is slower than its source. */
export interface AsyncIterableOptions {
  /** From how many waiting values on the source's connection is paused. Default 256. */
  readonly buffer?: number;
  /** With how many waiting values the source is given up. Default 65,536. */
  readonly limit?: number;
}

interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

type Step<T> = IteratorResult<T, undefined>;

const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One loop over one subscription. */
class Pulling<T> implements AsyncIterator<T, undefined> {
  private readonly takers = new Queue<Taker<T>>();
  private readonly waiting = new Queue<Step<T>>();
  private releases: (() => void)[] = [];
  private subscription: Subscription | undefined = undefined;
  private ended = false;
  private failure: { readonly error: unknown } | undefined = undefined;

  constructor(
    private readonly source: Observable<T>,
    private readonly buffer: number,
    private readonly limit: number,
  ) {}

  next(): Promise<Step<T>> {
    return new Promise((resolve, reject) => {
      this.takers.push({ resolve, reject });
      this.begin();
      this.serve();
    });
  }

  return(): Promise<Step<T>> {
    this.waiting.clear();
    this.end();
    return Promise.resolve(over);
  }

  private begin(): void {
    if (this.subscription !== undefined || this.ended) return;
    this.subscription = new Subscription();
    this.subscription.add(
      this.source.subscribe({
        next: (value) => this.keep(value),
        error: (error: unknown) => this.end({ error }),
        complete: () => this.end(),
      }),
    );
    // A synchronous source may have been given up before there was something to unsubscribe.
    if (this.ended) this.subscription.unsubscribe();
  }

  private keep(value: T): void {
    if (this.ended) return;
    this.waiting.push({ done: false, value });
    this.serve();
    const { length } = this.waiting;
    if (length >= this.limit) {
      this.end({ error: new OverflowError(`${length} values wait for a loop that does not take them. Take them sooner, or raise the limit.`) });
    } else if (length >= this.buffer) {
      const release = holdBack();
      if (release !== undefined) this.releases.push(release);
    }
  }

  private end(failure?: { readonly error: unknown }): void {
    if (!this.ended) this.failure = failure;
    this.ended = true;
    this.subscription?.unsubscribe();
    this.serve();
  }

  /** Gives what waits to those who ask; that it is over is told when all before it has been taken, and why it failed once. */
  private serve(): void {
    while (this.takers.length > 0) {
      const step = this.waiting.take() ?? (this.ended ? over : undefined);
      if (step === undefined) break;
      const taker = this.takers.take();
      const { failure } = this;
      if (step !== over || failure === undefined) taker?.resolve(step);
      else {
        this.failure = undefined;
        taker?.reject(failure.error);
      }
    }
    if (this.waiting.length >= this.buffer / 2) return;
    const { releases } = this;
    this.releases = [];
    for (const release of releases) release();
  }
}

/**
 * A run, or any other Observable, for a `for await` loop: the loop takes values one by one, and leaving it unsubscribes.
 *
 * Each loop is a subscription of its own, which begins with the first value that is asked for. What the loop has not
 * taken yet is kept. When `buffer` values wait, the connection that they come from is paused until the loop has taken
 * half of them, so that neither side keeps a whole answer: no more is read than what came in one piece. That works where
 * values come in the same moment in which they are read, through an agent and through operators that take no time. What
 * was delayed on the way, or comes from a timer or a Subject, cannot be held back; when `limit` values wait, the source is
 * unsubscribed and the loop gets an `OverflowError` after them.
 *
 * While a connection is paused nothing comes, and `timingOut` takes that for silence when its `idle` has passed.
 *
 * ```
 * source      -a-b-c|
 * asked for   x--------x--xx
 * given       -a-------b--c|
 * ```
 *
 * @example
 * ```ts run
 * import { agent, toAsyncIterable } from 'coldstream';
 * import { textOnly } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const ask = agent({ provider: scriptedProvider([textTurn('tic', 'tac', 'toe')]) });
 *
 * async function main(): Promise<void> {
 *   for await (const text of toAsyncIterable(ask('Shall we play?').pipe(textOnly()))) console.log(text);
 * }
 * void main();
 * // Logs:
 * // tic
 * // tac
 * // toe
 * ```
 *
 * @param source what is looped over; its failure is thrown in the loop, after the values that came before
 * @param options how much is kept
 * @returns an iterable, for any number of loops
 * @throws ConfigurationError for limits below 1
 */
export function toAsyncIterable<T>(source: Observable<T>, { buffer = 256, limit = 65_536 }: AsyncIterableOptions = {}): AsyncIterable<T> {
  requireCount('buffer', buffer);
  requireCount('limit', limit);
  return { [Symbol.asyncIterator]: () => new Pulling(source, buffer, limit) };
}
