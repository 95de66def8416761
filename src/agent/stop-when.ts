import { catchError, defaultIfEmpty, defer, map, take, throwError, type Observable } from 'rxjs';
import { messageOf } from '../errors/describe.js';
import { CallbackError } from '../errors/errors.js';
import { isolated } from '../internal/isolated.js';
import { observe } from '../internal/observe.js';
import type { Message } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';
import type { Ledger } from './ledger.js';

/** What a run has done up to the end of an iteration. */
export interface RunSoFar {
  readonly runId: string;
  /** The ids of the tool calls that lead to the run, where another agent started it. */
  readonly path: readonly string[];
  /** How many iterations are over. */
  readonly iterations: number;
  /** Why the last turn ended, in the provider's own word. */
  readonly stopReason: string | null;
  /** What the run cost, sub-agents included. */
  readonly usage: Usage | null;
  /** What the run added to the conversation: its input first, the results of the last calls last. */
  readonly messages: readonly Message[];
}

/**
 * Says at the end of an iteration whether the run is to stop there. Of an Observable, a Promise or an AsyncIterable the
 * first value counts; none at all means that the run goes on.
 */
export type StopWhen = (run: RunSoFar) => boolean | Observable<boolean> | PromiseLike<boolean> | AsyncIterable<boolean>;

/** Asks it. Fails with a `CallbackError` where it fails. */
export function askWhether(stopWhen: StopWhen, ledger: Ledger, stopReason: string | null): Observable<boolean> {
  return isolated(defer(() => observe(stopWhen(soFar(ledger, stopReason))))).pipe(
    take(1),
    map((said) => said === true),
    defaultIfEmpty(false),
    catchError((error: unknown) => throwError(() => new CallbackError(`stopWhen failed: ${messageOf(error)}`, { cause: error }))),
  );
}

function soFar(ledger: Ledger, stopReason: string | null): RunSoFar {
  const { runId, path, iterations, added } = ledger;
  return { runId, path, iterations, stopReason, usage: ledger.runUsage(), messages: [...added] };
}
