import { asyncScheduler, defer, EMPTY, Observable, type Subscription } from 'rxjs';
import { slidingWindow } from './sliding-window.js';

/** What passes a gate; `Infinity` is no limit. */
export interface GateLimits {
  /** How many may be inside at once. */
  readonly concurrency: number;
  /** How many may enter within the window. */
  readonly entries: number;
  /** How much may be spent within the window before the next may enter. */
  readonly spending: number;
  /** The length of the window in milliseconds. */
  readonly window: number;
}

/** One budget for all that passes it. */
export interface Gate {
  /**
   * Waits for its turn, first come, first served, and then subscribes the source. It is out when it completes, fails or
   * is unsubscribed, and has been torn down; unsubscribed while it waits, it leaves the queue at once.
   *
   * @param places how many of the places it takes; default 1
   */
  pass<T>(source: Observable<T>, places?: number): Observable<T>;
  /** Something has been spent by one who is inside. */
  spend(amount: number): void;
}

/**
 * A gate in front of sources. Its state is shared by all that passes it, on purpose. It has a timer only while somebody
 * waits for the window to move on.
 */
export function createGate({ concurrency, entries, spending, window }: GateLimits): Gate {
  /** What lets each in that waits, and how many places it takes. */
  const waiting = new Map<() => void, number>();
  const entered = slidingWindow(entries, window);
  const spent = slidingWindow(spending, window);
  let inside = 0;
  let letting = false;
  let timer: Subscription | undefined;

  const forgetTimer = (): void => {
    timer?.unsubscribe();
    timer = undefined;
  };

  /** Comes back when the window has moved on, if that is what the next one waits for. */
  const plan = (): void => {
    const [first] = waiting.values();
    if (first === undefined || inside + first > concurrency) forgetTimer();
    else timer ??= asyncScheduler.schedule(comeBack, Math.max(entered.wait(), spent.wait()));
  };

  const comeBack = (): void => {
    forgetTimer();
    letIn();
  };

  const mayEnter = (places: number): boolean => inside + places <= concurrency && entered.wait() === 0 && spent.wait() === 0;

  const letIn = (): void => {
    // Whoever enters may be out again, or bring another, before it returns: the loop sees to them in their order.
    if (letting) return;
    letting = true;
    try {
      for (const [enter, places] of waiting) {
        if (!mayEnter(places)) break;
        waiting.delete(enter);
        inside += places;
        entered.add(1);
        enter();
      }
    } finally {
      letting = false;
      plan();
    }
  };

  const leave = (places: number): void => {
    inside -= places;
    letIn();
  };

  return {
    pass: (source, places = 1) =>
      new Observable((subscriber) => {
        const enter = (): void => {
          try {
            source.subscribe(subscriber);
          } finally {
            // Added last, so that it comes last: the next one enters when this one's connection is closed.
            subscriber.add(() => leave(places));
          }
        };
        waiting.set(enter, places);
        subscriber.add(() => {
          if (waiting.delete(enter)) plan();
        });
        letIn();
      }),
    spend: (amount) => spent.add(amount),
  };
}

/**
 * Work whose parts pass a gate of its own. Once the work is stopped no part is begun any more, not even in the place of one
 * that leaves because of that.
 *
 * @param places how many may be inside at once
 * @param work makes the work, for one subscription
 */
export function throughGate<T>(places: number, work: (pass: Gate['pass']) => Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const gate = createGate({ concurrency: places, entries: Infinity, spending: Infinity, window: 0 });
    work((source, taken) => gate.pass(defer(() => (subscriber.closed ? EMPTY : source)), taken)).subscribe(subscriber);
  });
}
