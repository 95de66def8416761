import { asyncScheduler, Observable, type MonoTypeOperatorFunction, type Subscriber, type Subscription } from 'rxjs';
import { longestTimer } from './clock.js';
import { Relay } from './relay.js';

/** What may stop a source; made for one subscription. */
export interface Stop<T> {
  /** How long the source may go on, in milliseconds; `Infinity` for as long as it likes. */
  readonly ms: number;
  /**
   * Told of each value when it has been handed on. Says how long the source may go on from here in milliseconds: 0 stops
   * it at once, `Infinity` lifts what was said before, `undefined` changes nothing.
   */
  after(value: T): number | undefined;
  /** The error with which the source ends when `ms` have passed (`late`), or the time that `after` gave it. */
  reason(late: boolean): unknown;
}

const same = <T>(value: T): T => value;

/** One function each for all timers, so that a timer holds nothing else. */
function stopLate(relay?: { stop(late: boolean): void }): void {
  relay?.stop(true);
}
function stopSoon(relay?: { stop(late: boolean): void }): void {
  relay?.stop(false);
}

class StoppingRelay<T> extends Relay<T, T> {
  private grace: Subscription | undefined = undefined;

  constructor(
    to: Subscriber<T>,
    private readonly stopper: Stop<T>,
  ) {
    super(to, same);
    if (stopper.ms <= longestTimer) this.add(asyncScheduler.schedule(stopLate, stopper.ms, this));
  }

  override next(value: T): void {
    if (this.closed || this.ended) return;
    this.to.next(value);
    if (this.isOver()) return;
    try {
      this.allow(this.stopper.after(value));
    } catch (error) {
      this.error(error);
    }
  }

  stop(late: boolean): void {
    this.error(this.stopper.reason(late));
  }

  /** Asked again after a value: whoever got it may have left. */
  private isOver(): boolean {
    return this.closed || this.ended;
  }

  private allow(ms: number | undefined): void {
    if (ms === undefined) return;
    this.grace?.unsubscribe();
    this.grace = undefined;
    if (ms <= 0) this.stop(false);
    else if (ms <= longestTimer) {
      this.grace = asyncScheduler.schedule(stopSoon, ms, this);
      this.add(this.grace);
    }
  }
}

/**
 * The same values, until the source is stopped from within: it then ends with an error, after a value and never in place
 * of one. A synchronous source stops there too. Without anything that may stop it, it is the source itself.
 *
 * ```
 * source                          -a-b-c-d-|
 * stopping(stop), 3 ms after b    -a-b-c#
 * ```
 *
 * @param stop what may stop it; it serves one subscription
 */
export function stopping<T>(stop: Stop<T> | undefined): MonoTypeOperatorFunction<T> {
  if (stop === undefined) return (source) => source;
  return (source) =>
    new Observable<T>((subscriber) => {
      const relay = new StoppingRelay(subscriber, stop);
      subscriber.add(relay);
      relay.add(source.subscribe(relay));
    });
}
