import { defer, finalize, type Observable } from 'rxjs';
import type { SubscriptionFrames } from './notation.js';

/** Something that counts its subscriptions: a `watched` source, a scripted provider, a scripted tool. */
export interface Counted {
  /** How many there have been. */
  readonly opened: number;
  /** How many there are now. */
  readonly open: number;
}

/** What `toBeCold` and `toTearDown` look at: something that counts, or a source of a marble test. */
export type Witness = Counted | { readonly subscriptions: readonly SubscriptionFrames[] };

/** A source that counts its subscriptions. */
export interface Watched<T> extends Observable<T>, Counted {}

/**
 * The source, counting its subscriptions, for `toBeCold` and `toTearDown`.
 *
 * @example
 * ```ts
 * import { NEVER } from 'rxjs';
 * import { watched } from 'coldstream/testing';
 *
 * const source = watched(NEVER);
 * source.subscribe().unsubscribe();
 * console.log(source.opened, source.open);
 * ```
 * @param source any source
 * @returns the source itself in what it does
 */
export function watched<T>(source: Observable<T>): Watched<T> {
  let [opened, open] = [0, 0];
  const counting$ = defer(() => {
    opened += 1;
    open += 1;
    return source.pipe(finalize(() => (open -= 1)));
  });
  return Object.defineProperties(Object.assign(counting$, { opened, open }), { opened: { get: () => opened }, open: { get: () => open } });
}

/** What a witness has counted. */
export function countsOf(witness: Witness): Counted {
  if (!('subscriptions' in witness)) return witness;
  const { subscriptions } = witness;
  return { opened: subscriptions.length, open: subscriptions.filter(({ unsubscribedFrame }) => unsubscribedFrame === Infinity).length };
}
