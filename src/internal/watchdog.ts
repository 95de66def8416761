import { asyncScheduler, Observable, type Subscriber, type Subscription } from 'rxjs';
import { longestTimer, now } from './clock.js';
import { Relay } from './relay.js';

/** When each limit passes, by its name; `Infinity` while it does not run. */
export type Ends<Name extends string> = Record<Name, number>;

/** The watch of one subscription. */
export interface Watch {
  /** To be called when an end has come nearer. */
  nearer(): void;
}

/** What is watched, and how. */
export interface Watched<T, Name extends string> {
  /** The limits as they begin. Move an end away as often as you like: it is looked at when the timer fires. */
  readonly ends: Ends<Name>;
  /** How soon the nearest limit can pass that may begin later, in milliseconds. The timer is set for that from the start. */
  readonly soonest: number;
  /** Makes the source. */
  source(watch: Watch): Observable<T>;
  /** Told of each value as it passes, before anybody else is. */
  seen(value: T): void;
  /** The error for the limit that passed. */
  fail(name: Name): unknown;
}

const same = <T>(value: T): T => value;

class WatchingRelay<T, Name extends string> extends Relay<T, T> implements Watch {
  private timer: Subscription | undefined = undefined;
  private due = Infinity;
  /** The end that passed while the process was busy, and was given another look. */
  private excused = NaN;

  constructor(
    to: Subscriber<T>,
    private readonly watched: Watched<T, Name>,
  ) {
    super(to, same);
  }

  override next(value: T): void {
    if (this.closed || this.ended) return;
    this.watched.seen(value);
    this.to.next(value);
  }

  nearer(): void {
    this.watch(this.nearest());
  }

  /** Sets the timer, unless it fires soon enough. */
  watch(at: number): void {
    // A source that still touches its watch after its end starts nothing.
    if (at >= this.due || this.closed || this.ended) return;
    this.timer?.unsubscribe();
    this.due = at;
    this.timer = asyncScheduler.schedule(look, Math.min(Math.max(0, at - now()), longestTimer), this);
  }

  nearest(): number {
    return Math.min(...Object.values<number>(this.watched.ends));
  }

  /** Fails if a limit has passed, and waits for the nearest otherwise. */
  look(): void {
    const time = now();
    const { ends } = this.watched;
    for (const name in ends) {
      const end = ends[name];
      if (end > time) continue;
      // A timer that fires late tells of a process that was busy: what has come meanwhile is read first, once.
      if (end < time && this.excused !== end) {
        this.excused = end;
        break;
      }
      this.error(this.watched.fail(name));
      return;
    }
    this.due = Infinity;
    this.nearer();
  }

  override unsubscribe(): void {
    this.timer?.unsubscribe();
    super.unsubscribe();
  }
}

/** One function for all watches, so that a timer holds no other. */
function look(watch?: { look(): void }): void {
  watch?.look();
}

/**
 * Fails a source when a limit passes. One timer serves all limits and all events: it is set again when it fires or when
 * a limit begins that is nearer, never per event.
 *
 * @param watched makes what is watched, for one subscription
 */
export function watchdog<T, Name extends string>(watched: () => Watched<T, Name>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const what = watched();
    const relay = new WatchingRelay(subscriber, what);
    subscriber.add(relay);
    relay.watch(Math.min(relay.nearest(), now() + what.soonest));
    relay.add(what.source(relay).subscribe(relay));
  });
}
