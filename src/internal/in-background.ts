import { Subscription } from 'rxjs';

/** Does the work every so many milliseconds until it is unsubscribed, without keeping a process alive for it. */
export function inBackground(everyMs: number, work: () => void): Subscription {
  const timer = setInterval(work, everyMs);
  timer.unref();
  return new Subscription(() => clearInterval(timer));
}
