import { asyncScheduler } from 'rxjs';

/** Milliseconds since the epoch; virtual under `TestScheduler`. The only clock of the package. */
export function now(): number {
  return asyncScheduler.now();
}
