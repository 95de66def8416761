import { from, isObservable, of, type Observable } from 'rxjs';
import { fromAsyncIterable } from './from-async-iterable.js';

function isThenable(value: object): value is PromiseLike<unknown> {
  return 'then' in value && typeof value.then === 'function';
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

/**
 * What a function of the user's returned, as an Observable: an Observable, a Promise and an AsyncIterable are followed;
 * anything else, strings and arrays included, is one value.
 */
export function observe(returned: unknown): Observable<unknown> {
  if (isObservable(returned)) return returned;
  if (typeof returned === 'object' && returned !== null) {
    if (isAsyncIterable(returned)) return fromAsyncIterable(returned);
    if (isThenable(returned)) return from(returned);
  }
  return of(returned);
}
