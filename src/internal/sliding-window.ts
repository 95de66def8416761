import { now } from './clock.js';

interface Entry {
  at: number;
  amount: number;
}

/** What was spent within the last minute or so, and when less of it will count. It sets no timer. */
export interface SlidingWindow {
  /** Something was spent just now. */
  add(amount: number): void;
  /** The milliseconds until the sum is below the limit; 0 where it is. */
  wait(): number;
}

/**
 * A sum over the last `length` milliseconds of the scheduler's clock.
 *
 * @param limit what the sum may come to; `Infinity` keeps no book at all
 * @param length of the window in milliseconds
 */
export function slidingWindow(limit: number, length: number): SlidingWindow {
  if (limit === Infinity) return { add: () => undefined, wait: () => 0 };
  const entries: Entry[] = [];
  let sum = 0;

  /** A clock that was set back would hold what was spent for longer than the window is. */
  const settle = (time: number): void => {
    const last = entries.at(-1);
    if (last !== undefined && last.at > time) for (const entry of entries) entry.at = Math.min(entry.at, time);
  };

  const forget = (time: number): void => {
    settle(time);
    for (let oldest = entries[0]; oldest !== undefined && oldest.at + length <= time; oldest = entries[0]) {
      sum -= oldest.amount;
      entries.shift();
    }
  };

  return {
    add: (amount) => {
      const at = now();
      forget(at);
      sum += amount;
      const last = entries.at(-1);
      if (last?.at === at) last.amount += amount;
      else entries.push({ at, amount });
    },
    wait: () => {
      const time = now();
      forget(time);
      if (sum < limit) return 0;
      let left = sum;
      for (const { at, amount } of entries) {
        left -= amount;
        if (left < limit) return at + length - time;
      }
      return 0;
    },
  };
}
