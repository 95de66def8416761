import { ignoreElements, Observable, tap, type Subscriber } from 'rxjs';
import { Relay } from './relay.js';

/** Parts that follow each other: what is yielded is a source, or values that are there already; it runs to its end before the next one is made. */
export type Steps<T> = Generator<Observable<T> | readonly T[], void>;

/** Some of the steps of a sequence, and what they come to. */
export type Part<T> = Generator<Observable<never>, T>;

function isList<T>(made: Observable<T> | readonly T[]): made is readonly T[] {
  return Array.isArray(made);
}

const same = <T>(value: T): T => value;

/** One subscription of a sequence. */
class Sequence<T> {
  private running = false;
  private closed = false;
  private current: StepRelay<T> | undefined = undefined;

  constructor(
    readonly to: Subscriber<T>,
    private readonly steps: Steps<T>,
  ) {}

  /** Goes on to the next step that does not end at once. */
  run(): void {
    if (this.running) return;
    this.running = true;
    try {
      do {
        if (this.closed) return;
        const { done, value } = this.steps.next();
        if (done === true) break;
        if (!this.take(value)) return;
      } while (!this.to.closed);
    } catch (error) {
      this.to.error(error);
      return;
    } finally {
      this.running = false;
    }
    if (!this.to.closed) this.to.complete();
  }

  /** Whether the step is over. */
  private take(made: Observable<T> | readonly T[]): boolean {
    if (isList(made)) {
      for (const value of made) this.to.next(value);
      return true;
    }
    const step = new StepRelay(this);
    this.current = step;
    step.add(made.subscribe(step));
    return step.over;
  }

  unsubscribe(): void {
    this.closed = true;
    this.current?.unsubscribe();
  }
}

/** Follows the source of one step, and has the next one begin when it has been torn down. */
class StepRelay<T> extends Relay<T, T> {
  over = false;

  constructor(private readonly sequence: Sequence<T>) {
    super(sequence.to, same);
  }

  override complete(): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.over = true;
    this.unsubscribe();
    this.sequence.run();
  }
}

/**
 * Steps one after the other, each made when the one before it has been torn down: `concat` of `defer`s in one
 * subscription. An error ends it, one in the making of a step too.
 *
 * ```
 * first           -a-b-|
 * then                  -c-|
 * inTurn()        -a-b--c-|
 * ```
 *
 * @param steps yields each; called for each subscription
 */
export function inTurn<T>(steps: () => Steps<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const sequence = new Sequence(subscriber, steps());
    subscriber.add(sequence);
    sequence.run();
  });
}

/** A step that emits nothing, and comes to the last value of a source: undefined where there was none. */
export function* valueOf<T>(source: Observable<T>): Part<T | undefined> {
  let value: T | undefined;
  yield source.pipe(
    tap((latest) => {
      value = latest;
    }),
    ignoreElements(),
  );
  return value;
}
