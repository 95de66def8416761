import { catchError, concat, concatMap, defer, EMPTY, expand, from, mergeMap, of, tap, type Observable } from 'rxjs';
import { describeError } from '../errors/describe.js';
import { requireCount } from '../errors/require.js';
import type { StreamEvent } from '../events/events.js';
import { untilAborted } from '../internal/abort.js';
import { newId } from '../internal/ids.js';
import { runDetached } from '../internal/run-detached.js';
import type { Provider } from '../provider.js';
import { isDecorated } from '../resilience/marks.js';
import { retrying } from '../resilience/retrying.js';
import { timingOut } from '../resilience/timing-out.js';
import { stateless, withHistory, type HeldHistory } from './history.js';
import { iteration, type Run } from './iteration.js';
import { Ledger } from './ledger.js';
import { settingsOf, toMessages, type Agent, type AgentInput, type AgentOptions, type RunParams, type RunSettings } from './options.js';
import { withTools } from './tool-sources.js';

/**
 * Makes an agent: a function from an input to a run, which is a cold Observable of events.
 *
 * Each subscription is a run of its own: `run_start`, then for each iteration the model's turn and the tools it asked
 * for, and as the last event either `complete` or `error`. A run never fails on the Rx error channel (`untilError()`
 * takes it back there). Unsubscribing stops everything, down to the socket and the tool.
 *
 * ```
 * ask('…')   s-i-t-t-(um)--i-t-t-(ume c|)
 *            s run_start, i iteration_start, t text, u usage, m message, e iteration_end, c complete
 * ```
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { textOnly } from 'coldstream/operators';
 *
 * const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5' }), instructions: 'Be brief.' });
 * ask('What is an Observable?').pipe(textOnly()).subscribe((text) => process.stdout.write(text));
 * ```
 *
 * @param options the provider, tools and rules of all runs
 * @returns the agent
 * @throws ConfigurationError for options that cannot work
 */
export function agent(options: AgentOptions): Agent {
  const settings = settingsOf(options);
  const provider = resilient(options);
  return (input, params = {}) => defer(() => startRun(settings, provider, input, params));
}

function resilient({ provider, resilience = true }: AgentOptions): Provider {
  return !resilience || isDecorated(provider) ? provider : retrying()(timingOut()(provider));
}

/** One run. Whatever goes wrong in it becomes its last event. */
function startRun(options: RunSettings, provider: Provider, input: AgentInput, params: RunParams): Observable<StreamEvent> {
  const messages = toMessages(input);
  const ledger = new Ledger(params.runId ?? newId('run'), params.path ?? [], messages);
  const begin = (historyLength: number): StreamEvent =>
    ledger.create(
      {
        type: 'run_start',
        input: messages,
        historyLength,
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(params.threadId === undefined ? {} : { threadId: params.threadId }),
      },
      params.metadata,
    );
  const failed = (error: unknown, history: HeldHistory): Observable<StreamEvent> => {
    // A signal that fires while the last event is being delivered comes too late.
    if (ledger.completed) return EMPTY;
    return concat(ledger.begun ? EMPTY : defer(() => of(begin(0))), failure(ledger, history, params.signal, error));
  };
  return defer(() => {
    const settings = { ...options, maxIterations: requireCount('maxIterations', params.maxIterations ?? options.maxIterations) };
    return withHistory(params.useHistory === false ? undefined : (params.history ?? settings.history), (history) =>
      history.load().pipe(
        mergeMap((loaded) =>
          concat(
            defer(() => of(begin(loaded.length))),
            withTools(settings.tools, (latestTools) => iterations({ settings, params, provider, ledger, history, loaded, latestTools })),
          ),
        ),
        untilAborted(params.signal),
        catchError((error: unknown) => failed(error, history)),
        tap({ unsubscribe: () => keepAfterwards(ledger, history) }),
      ),
    );
  }).pipe(catchError((error: unknown) => failed(error, stateless)));
}

/** Turn after turn, each begun when the one before it has been torn down. */
function iterations(run: Run): Observable<StreamEvent> {
  return concat(
    of(iteration(run, { iteration: 0, afterTools: false })).pipe(
      expand(({ next$ }) => next$),
      concatMap(({ events$ }) => events$),
    ),
    defer(() => {
      run.history.release();
      return of(run.ledger.complete());
    }),
  );
}

/** The end of a run that failed: what open calls are owed, what keeps the history valid, then `error`. */
function failure(ledger: Ledger, history: HeldHistory, signal: AbortSignal | undefined, error: unknown): Observable<StreamEvent> {
  const { message, code, retryable, partial } = describeError(error);
  return concat(
    from(ledger.owed()),
    defer(() => {
      if (code !== 'aborted') return keep(ledger, history, false).pipe(untilAborted(signal), catchError(() => EMPTY));
      keepAfterwards(ledger, history);
      return EMPTY;
    }),
    defer(() => {
      history.release();
      const content = { error: message, code, retryable, partial: partial || ledger.delivered };
      return of(ledger.create({ type: 'error', content, usage: ledger.runUsage(), messages: ledger.added }));
    }),
  );
}

/** Hands the history what it does not have yet and may keep. */
function keep(ledger: Ledger, history: HeldHistory, evenUnanswered: boolean): Observable<never> {
  return defer(() => {
    const kept = ledger.takeKept(evenUnanswered);
    return kept.length === 0 ? EMPTY : history.append(kept);
  });
}

/** The same for a run that was unsubscribed: it goes on without anybody. */
function keepAfterwards(ledger: Ledger, history: HeldHistory): void {
  const kept$ = keep(ledger, history, true).pipe(
    catchError((error: unknown) => {
      history.onError(error);
      return EMPTY;
    }),
  );
  void runDetached(kept$);
}
