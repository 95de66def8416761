import { asyncScheduler, Observable, type Subscription } from 'rxjs';
import { longestTimer, now } from './clock.js';

/** Sets the limits of one watched subscription. */
export interface Watch<Name extends string> {
  /** Starts a limit of `ms` milliseconds, counted from now; `Infinity` is no limit. */
  start(name: Name, ms: number): void;
  /** Counts a started limit, or two, from now again. Cheap: called for every event. */
  touch(name: Name, other?: Name): void;
  /** Takes a limit away. */
  stop(name: Name): void;
}

/**
 * Fails a source when a limit passes without being touched. One timer serves all limits and all events: it is set
 * again when it fires or when a nearer limit starts, never per event.
 *
 * @param watched makes the source; it is handed the watch to set its limits
 * @param fail the error for the limit that passed
 */
export function watchdog<T, Name extends string>(
  watched: (watch: Watch<Name>) => Observable<T>,
  fail: (name: Name, ms: number) => unknown,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const limits = new Map<Name, { readonly ms: number; since: number }>();
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
      let next = Infinity;
      for (const [name, limit] of limits) {
        const end = limit.since + limit.ms;
        if (end <= time) {
          subscriber.error(fail(name, limit.ms));
          return;
        }
        next = Math.min(next, end);
      }
      schedule(next);
    };
    subscriber.add(() => timer?.unsubscribe());
    const watch: Watch<Name> = {
      start: (name, ms) => {
        const since = now();
        limits.set(name, { ms, since });
        if (since + ms < due) schedule(since + ms);
      },
      touch: (name, other) => {
        const since = now();
        const limit = limits.get(name);
        if (limit !== undefined) limit.since = since;
        const second = other === undefined ? undefined : limits.get(other);
        if (second !== undefined) second.since = since;
      },
      stop: (name) => limits.delete(name),
    };
    watched(watch).subscribe(subscriber);
  });
}
