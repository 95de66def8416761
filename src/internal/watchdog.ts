import { asyncScheduler, Observable, type Subscription } from 'rxjs';
import { longestTimer, now } from './clock.js';
import { Relay } from './relay.js';

/** One limit of a watched subscription. */
export interface Limit {
  /** Starts it anew; `Infinity` is no limit. */
  start(ms: number): void;
  /** Counts it from `at` if it is running. Cheap: called for every event. */
  touch(at: number): void;
  /** Takes it away. */
  stop(): void;
}

/** What is watched, and how. */
export interface Watched<T> {
  readonly source: Observable<T>;
  /** Told of each value as it passes, before anybody else is. */
  readonly seen: (value: T) => void;
}

class RunningLimit implements Limit {
  ms = Infinity;
  since = 0;

  constructor(private readonly started: (end: number) => void) {}

  get end(): number {
    return this.since + this.ms;
  }

  start(ms: number): void {
    this.ms = ms;
    this.since = now();
    this.started(this.end);
  }

  touch(at: number): void {
    this.since = at;
  }

  stop(): void {
    this.ms = Infinity;
  }
}

/**
 * Fails a source when a limit passes without being touched. One timer serves all limits and all events: it is set
 * again when it fires or when a nearer limit starts, never per event.
 *
 * @param watched makes the source; it is handed a function that makes its limits
 * @param fail the error for the limit that passed
 */
export function watchdog<T, Name extends string>(watched: (limit: (name: Name) => Limit) => Watched<T>, fail: (name: Name) => unknown): Observable<T> {
  return new Observable<T>((subscriber) => {
    const limits: (readonly [name: Name, limit: RunningLimit])[] = [];
    let timer: Subscription | undefined;
    let due = Infinity;
    const schedule = (at: number): void => {
      timer?.unsubscribe();
      // A source that still touches its watch after its end starts nothing.
      if (subscriber.closed) return;
      due = at;
      timer = at === Infinity ? undefined : asyncScheduler.schedule(check, Math.min(Math.max(0, at - now()), longestTimer));
    };
    const check = (): void => {
      const time = now();
      const passed = limits.find(([, { end }]) => end <= time);
      if (passed === undefined) schedule(Math.min(...limits.map(([, { end }]) => end)));
      else subscriber.error(fail(passed[0]));
    };
    const { source, seen } = watched((name) => {
      const limit = new RunningLimit((end) => {
        if (end < due) schedule(end);
      });
      limits.push([name, limit]);
      return limit;
    });
    const relay = new Relay<T, T>(subscriber, (value) => {
      seen(value);
      return value;
    });
    subscriber.add(() => timer?.unsubscribe());
    subscriber.add(relay);
    relay.add(source.subscribe(relay));
  });
}
