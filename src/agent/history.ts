import { catchError, concat, defaultIfEmpty, defer, EMPTY, from, ignoreElements, of, take, tap, throwError } from 'rxjs';
import type { Observable, ObservableInput } from 'rxjs';
import { isColdstreamError, messageOf } from '../errors/describe.js';
import { HistoryBusyError, HistoryError } from '../errors/errors.js';
import { runDetached } from '../internal/run-detached.js';
import type { Message } from '../messages/message.js';

/** The conversation across runs: where an agent reads what was said before and writes what was said now. */
export interface History {
  /** The messages so far; its first value counts. Subscribed once at the start of a run. */
  load(): ObservableInput<readonly Message[]>;
  /** Adds messages. Subscribed at the end of each iteration, which waits until it completes. */
  append(messages: readonly Message[]): ObservableInput<unknown>;
  /** Told of an `append` that failed after its run had been unsubscribed, when nobody else is left to tell. */
  onError?(error: unknown): void;
  /** Told that the run is over: nothing more is appended for it, though an append that has begun may still be on its way. What `load` took may be let go. */
  release?(): void;
}

/** Who uses a history now, and what is still being written to it. By object, since two agents may share a history. */
interface Lease {
  /** The run that holds it. */
  holder: object | null;
  writing: Observable<never>;
}

const leases = new WeakMap<History, Lease>();

function leaseOf(history: History): Lease {
  const lease = leases.get(history) ?? { holder: null, writing: EMPTY };
  leases.set(history, lease);
  return lease;
}

/** A history that loads otherwise. It writes to the same place, so who holds one of the two holds both. */
export function loadedBy(load: () => Observable<readonly Message[]>, base: History): History {
  const history: History = {
    load,
    append: (messages) => base.append(messages),
    onError: (error) => base.onError?.(error),
    release: () => base.release?.(),
  };
  leases.set(history, leaseOf(base));
  return history;
}

/** A history held by one run. */
export interface HeldHistory {
  /** Waits for what an earlier run is still writing, then loads. */
  load(): Observable<readonly Message[]>;
  /** Appends, whether or not anybody stays to see it end. Completes, or fails with `HistoryError`. */
  append(messages: readonly Message[]): Observable<never>;
  /** Tells the history's owner what nobody else is left to hear. */
  onError(error: unknown): void;
  /** Lets the next run have it; called before the run's last event, so that a consumer may ask again at once. */
  release(): void;
}

/** What a run without memory holds. */
export const stateless: HeldHistory = { load: () => of([]), append: () => EMPTY, onError: () => undefined, release: () => undefined };

/**
 * Holds a history for one run, until it releases it.
 *
 * @param history none for a run without memory
 * @throws HistoryBusyError while another run holds it
 */
export function hold(history: History | undefined): HeldHistory {
  if (history === undefined) return stateless;
  const lease = leaseOf(history);
  if (lease.holder !== null) throw new HistoryBusyError('Another run is using this history. Wait for its end, or give each conversation a history of its own.');
  const run = held(history, lease);
  lease.holder = run;
  return run;
}

function held(history: History, lease: Lease): HeldHistory {
  const run: HeldHistory = {
    load: () =>
      concat(
        lease.writing,
        defer(() => from(history.load())).pipe(take(1), defaultIfEmpty([]), catchError(failed('loaded'))),
      ),
    append: (messages) =>
      defer(() => {
        let left = false;
        const appended$ = concat(
          lease.writing,
          defer(() => from(history.append(messages))).pipe(ignoreElements(), catchError(failed('written'))),
        );
        // Nobody cuts the writing short: an append that a run had begun is finished when the run is unsubscribed.
        const written$ = runDetached(
          appended$.pipe(
            tap({
              error: (error: unknown) => {
                if (left) history.onError?.(error);
              },
            }),
          ),
        );
        lease.writing = written$.pipe(catchError(() => EMPTY));
        return written$.pipe(
          tap({
            unsubscribe: () => {
              left = true;
            },
          }),
        );
      }),
    onError: (error) => history.onError?.(error),
    release: () => {
      if (lease.holder !== run) return;
      lease.holder = null;
      try {
        history.release?.();
      } catch (error) {
        // The run is over, and its teardown is no place to throw.
        history.onError?.(error);
      }
    },
  };
  return run;
}

function failed(what: string): (error: unknown) => Observable<never> {
  return (error) =>
    throwError(() =>
      isColdstreamError(error) && error.code === 'history_busy' ? error : new HistoryError(`The history could not be ${what}: ${messageOf(error)}`, { cause: error }),
    );
}
