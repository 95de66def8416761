import { takeWhile, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';

/**
 * Ends a source once its subscriber is closed. A source that emits synchronously is not yet linked to the subscription
 * that holds it, so nothing else would stop it in the middle of its values.
 */
export function whileOpen<T>(subscriber: Subscriber<unknown>): MonoTypeOperatorFunction<T> {
  const isOpen = (): boolean => !subscriber.closed;
  return takeWhile(isOpen);
}
