import { Subscription, throwError, type Observer } from 'rxjs';

const nobody: Partial<Observer<never>> = {};

/**
 * Reports an error that nobody is left to be told of, as RxJS reports one that has no handler: by `config.onUnhandledError`,
 * else as an uncaught error. To throw it in a teardown would skip the teardowns after it.
 */
export function reportUnhandled(error: unknown): void {
  new Subscription().add(throwError(() => error).subscribe(nobody));
}
