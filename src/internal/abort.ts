import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { AbortedError } from '../errors/errors.js';
import { messageOf } from '../errors/describe.js';
import { Relay } from './relay.js';

/**
 * Gives the work a signal that aborts when it is unsubscribed before its end, and only then: a signal that fired after
 * a normal end would cancel work that is already done.
 *
 * @param settles whether a value is the work's last; a consumer that leaves with it has stopped nothing
 */
export function withSignal<T>(work: (signal: AbortSignal) => Observable<T>, settles: (value: T) => boolean = () => false): Observable<T> {
  return new Observable<T>((subscriber) => {
    const controller = new AbortController();
    let settled = false;
    const relay = new Relay<T, T>(subscriber, (value) => {
      settled = settles(value);
      return value;
    });
    // The work is torn down before its signal fires.
    subscriber.add(relay);
    subscriber.add(() => {
      if (!relay.ended && !settled) controller.abort();
    });
    relay.add(work(controller.signal).subscribe(relay));
  });
}

/** Fails with `AbortedError` once the signal fires, at once if it already has. Leaves no listener behind. */
function aborted(signal: AbortSignal): Observable<never> {
  return new Observable<never>((subscriber) => {
    const fail = (): void => {
      subscriber.error(new AbortedError(`The run was aborted by its signal: ${messageOf(signal.reason)}`, { cause: signal.reason }));
    };
    if (signal.aborted) {
      fail();
      return;
    }
    signal.addEventListener('abort', fail, { once: true });
    subscriber.add(() => signal.removeEventListener('abort', fail));
  });
}

/**
 * Ends the source with `AbortedError` when the caller's signal fires; a signal that has fired already keeps the source
 * from being subscribed at all. Without a signal it returns the source itself.
 */
export function untilAborted<T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> {
  if (signal === undefined) return (source) => source;
  return (source) =>
    new Observable<T>((subscriber) => {
      subscriber.add(aborted(signal).subscribe({ error: (error: unknown) => subscriber.error(error) }));
      if (!subscriber.closed) source.subscribe(subscriber);
    });
}
