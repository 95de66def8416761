import { asyncScheduler } from 'rxjs';

/** Milliseconds since the epoch; virtual under `TestScheduler`. The only clock of the package. */
export function now(): number {
  return asyncScheduler.now();
}

/** The longest that a timer can be set for (24.8 days): a longer one would fire at once. */
export const longestTimer = 2 ** 31 - 1;
