import { catchError, concatMap, defer, EMPTY, expand, from, map, of, type Observable } from 'rxjs';
import { describeError } from '../errors/describe.js';
import { requireCount } from '../errors/require.js';
import type { StreamEvent } from '../events/events.js';
import type { JsonObject } from '../events/json.js';
import { untilAborted } from '../internal/abort.js';
import { finalized } from '../internal/finalized.js';
import { newId } from '../internal/ids.js';
import { inTurn, type Steps } from '../internal/in-turn.js';
import { recovering } from '../internal/isolated.js';
import { stopping } from '../internal/stopping.js';
import { runDetached } from '../internal/run-detached.js';
import type { Provider } from '../provider.js';
import { isDecorated } from '../resilience/marks.js';
import { retrying } from '../resilience/retrying.js';
import { timingOut } from '../resilience/timing-out.js';
import { errorOutcome } from '../tools/types.js';
import { BudgetMeter, isOutOfBudget, requireBudget } from './budget.js';
import { hold, stateless, type HeldHistory } from './history.js';
import { endIteration, iteration } from './iteration.js';
import { Ledger } from './ledger.js';
import { settingsOf, toMessages, type Agent, type AgentInput, type AgentOptions, type RunParams, type RunSettings } from './options.js';
import { Repeats } from './repeats.js';
import type { Run, ToolRun } from './run.js';
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

const stoppedCall = errorOutcome('This call was not answered: the run reached its budget.');

/** One run. Whatever goes wrong in it becomes its last event. */
function startRun(options: RunSettings, provider: Provider, input: AgentInput, params: RunParams): Observable<StreamEvent> {
  const ledger = new Ledger(params.runId ?? newId('run'), params.path ?? [], toMessages(input));
  let run: Run;
  try {
    const maxIterations = requireCount('maxIterations', params.maxIterations ?? options.maxIterations);
    const settings = maxIterations === options.maxIterations ? options : { ...options, maxIterations };
    const limits = limitsOf(settings, params, ledger);
    // Last, since what throws after it would keep the history from every other run.
    const history = hold(params.useHistory === false ? undefined : (params.history ?? settings.history));
    run = { settings, params, provider, ledger, history, ...limits };
  } catch (error) {
    return failed({ settings: options, params, provider, ledger, history: stateless }, error);
  }
  const { history, budget } = run;
  const events$ = recovering(() => ({
    source: () => inTurn(() => steps(run)).pipe(untilAborted(params.signal), stopping(budget)),
    recover: (error) => (isOutOfBudget(error) ? cut(run) : failed(run, error)),
  }));
  return finalized(events$, () => {
    if (!ledger.ended) keepAfterwards(ledger, history);
    history.release();
  });
}

/** What holds the run to its limits, as far as it has any. */
function limitsOf({ budget, maxRepeats }: RunSettings, params: RunParams, { path }: Ledger): Pick<Run, 'budget' | 'repeats'> {
  const allowed = requireBudget(params.budget ?? budget);
  return {
    ...(allowed === undefined ? {} : { budget: new BudgetMeter(allowed, path.length) }),
    ...(maxRepeats === false ? {} : { repeats: new Repeats(maxRepeats) }),
  };
}

/** A run that nothing goes wrong in. */
function* steps(run: Run): Steps<StreamEvent> {
  const { ledger, history, settings } = run;
  yield history.load().pipe(
    map((loaded) => {
      ledger.loaded = loaded;
      return begin(run);
    }),
  );
  yield withTools(settings.tools, (latestTools) => iterations({ ...run, latestTools }));
  history.release();
  yield [ledger.complete(told(run))];
}

/** Which limit ended the run, where its budget did. */
function told({ budget, ledger: { stopReason } }: Run): JsonObject | undefined {
  return stopReason === 'budget' && budget !== undefined ? { budget: budget.reached } : undefined;
}

/** The run's first event. */
function begin({ ledger, params, settings: { name } }: Run): StreamEvent {
  const { threadId, metadata } = params;
  return ledger.create(
    {
      type: 'run_start',
      input: ledger.waiting,
      historyLength: ledger.loaded.length,
      ...(name === undefined ? {} : { name }),
      ...(threadId === undefined ? {} : { threadId }),
    },
    metadata,
  );
}

/** Turn after turn, each begun when the one before it has been torn down. */
function iterations(run: ToolRun): Observable<StreamEvent> {
  return of(iteration(run, { iteration: 0, afterTools: false, said: '', asked: false })).pipe(
    expand(({ next$ }) => next$),
    concatMap(({ events$ }) => events$),
  );
}

/** What follows when a run is out of budget in the middle of something; a failure in it is one of the run. */
function cut(run: Run): Observable<StreamEvent> {
  if (run.ledger.ended) return EMPTY;
  return recovering(() => ({
    source: () => inTurn(() => cutShort(run)).pipe(untilAborted(run.params.signal)),
    recover: (error) => failed(run, error),
  }));
}

/** The end of a run that was stopped: its calls are answered, the history stays valid, and it completes. */
function* cutShort(run: Run): Steps<StreamEvent> {
  const { ledger, history } = run;
  if (!ledger.begun) yield [begin(run)];
  yield from(ledger.owed(stoppedCall));
  if (ledger.open) yield* endIteration(run, ledger.turn?.stopReason ?? null);
  else yield keep(ledger, history, true);
  ledger.stopReason = 'budget';
  history.release();
  yield [ledger.complete(told(run))];
}

/** What follows a failure; nothing where it comes too late, from a signal that fires while the last event is delivered. */
function failed(run: Run, error: unknown): Observable<StreamEvent> {
  return run.ledger.ended ? EMPTY : inTurn(() => failure(run, error));
}

/** The end of a run that failed: what open calls are owed, what keeps the history valid, then `error`. */
function* failure(run: Run, error: unknown): Steps<StreamEvent> {
  const { ledger, history, params } = run;
  if (!ledger.begun) yield [begin(run)];
  const { message, code, retryable, partial } = describeError(error);
  yield from(ledger.owed());
  if (code === 'aborted') keepAfterwards(ledger, history);
  else yield keep(ledger, history, false).pipe(untilAborted(params.signal), catchError(() => EMPTY));
  history.release();
  yield [ledger.fail({ error: message, code, retryable, partial: partial || ledger.delivered })];
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
