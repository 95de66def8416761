import { asyncScheduler } from 'rxjs';

/** Milliseconds since the epoch; virtual under `TestScheduler`. The only clock of the package. */
export function now(): number {
  return asyncScheduler.now();
}

/** The time of the burst under way. */
let burst: number | undefined;

/**
 * The time of what is being handled: within `inOneMoment` the time at which it began, elsewhere `now()`. For what is done
 * for every event, since reading the clock costs as much as the rest of it; a duration is measured with `now()`.
 */
export function moment(): number {
  return burst ?? asyncScheduler.now();
}

/** Does the work of one burst, which comes at one moment: `moment()` reads the clock once for all of it. */
export function inOneMoment(work: () => void): void {
  const outer = burst;
  burst = now();
  try {
    work();
  } finally {
    burst = outer;
  }
}

/** The longest that a timer can be set for (24.8 days): a longer one would fire at once. */
export const longestTimer = 2 ** 31 - 1;
