import { AsyncSubject, concat, concatMap, defer, EMPTY, from, mergeMap, of, queueScheduler, subscribeOn } from 'rxjs';
import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { messageOf } from '../errors/describe.js';
import { CallbackError, TruncatedStreamError } from '../errors/errors.js';
import { now } from '../internal/clock.js';
import { isolated } from '../internal/isolated.js';
import { asProviders, type ModelRequest, type Provider, type ToolChoice } from '../provider.js';
import { isOutcome, runTool } from '../tools/run-tool.js';
import { errorOutcome, type Tool, type ToolOutcome } from '../tools/types.js';
import type { HeldHistory } from './history.js';
import type { FinishedCall, Ledger } from './ledger.js';
import { nextStep, type NextStep, type PlannedCall } from './next-step.js';
import { userText, type RunParams, type RunSettings } from './options.js';
import type { LatestTools } from './tool-sources.js';

/** All that one run is made of. */
export interface Run {
  readonly settings: RunSettings;
  readonly params: RunParams;
  readonly provider: Provider;
  readonly ledger: Ledger;
  readonly history: HeldHistory;
  readonly latestTools: LatestTools;
}

/** What one iteration starts from. */
export interface Start {
  readonly iteration: number;
  /** Whether the iteration before it called tools. */
  readonly afterTools: boolean;
}

/** One model turn and the tools it asks for. */
export interface Iteration {
  readonly events$: Observable<StreamEvent>;
  /** The iteration that follows, once the events are over; completes without one after the run's last. */
  readonly next$: Observable<Iteration>;
}

/** Prepares an iteration; nothing happens before its events are subscribed. It serves one subscription. */
export function iteration(run: Run, start: Start): Iteration {
  // Remembers, since a synchronous turn is over before anyone asks what follows.
  const next$ = new AsyncSubject<Iteration>();
  const follow = (next: Start | null): Observable<never> =>
    defer(() => {
      if (next !== null) next$.next(iteration(run, next));
      next$.complete();
      return EMPTY;
    });
  return { events$: events(run, start, follow), next$: next$.pipe(subscribeOn(queueScheduler)) };
}

/** The iteration's events in their order; `follow` is told what comes next when all of it has been torn down. */
function events(run: Run, start: Start, follow: (next: Start | null) => Observable<never>): Observable<StreamEvent> {
  return defer(() => {
    const { ledger, settings } = run;
    const last = start.iteration + 1 >= settings.maxIterations;
    const prompt = last && start.afterTools ? userText(settings.finalAnswerPrompt) : undefined;
    const tools = offered(run);
    ledger.beginIteration(start.iteration, prompt);
    return concat(
      defer(() => of(ledger.create({ type: 'iteration_start' }))),
      prompt === undefined ? EMPTY : defer(() => of(ledger.create({ type: 'message', message: prompt }))),
      defer(() => turn(run, requestFor(run, start.iteration, tools, prompt !== undefined))),
      defer(() => {
        const step = nextStep(turnOf(ledger), ledger.finishedCalls(), last, prompt !== undefined);
        const next = step.stop === null ? { iteration: start.iteration + 1, afterTools: step.calls.length > 0 } : null;
        return concat(afterTurn(run, tools, step), follow(next));
      }),
    );
  }).pipe(
    // Without the queue a loop of synchronous turns nests a stack of calls that grows with each, and dies silently.
    subscribeOn(queueScheduler),
  );
}

/** The provider's events up to its `message`; then its subscription, and so its socket, is closed. */
function turn({ ledger, provider }: Run, request: ModelRequest): Observable<StreamEvent> {
  return isolated(
    provider(request),
    (event) => ledger.adopt(asProviders(event)),
    (event) => event.type === 'message',
  );
}

function turnOf({ turn }: Ledger): NonNullable<Ledger['turn']> {
  if (turn === null) throw new TruncatedStreamError('The provider ended without a message.');
  return turn;
}

/** Answers the calls, tells the results, hands all to the history, and ends the iteration. */
function afterTurn(run: Run, tools: readonly Tool[], step: NextStep): Observable<StreamEvent> {
  const { ledger, history, settings } = run;
  const { stopReason } = turnOf(ledger);
  return concat(
    from(step.calls).pipe(mergeMap((planned) => answered(run, tools, planned), settings.toolConcurrency)),
    defer(() => {
      const results = ledger.results();
      return results === undefined ? EMPTY : of(ledger.create({ type: 'message', message: results }));
    }),
    defer(() => {
      const kept = ledger.takeKept(true);
      return kept.length === 0 ? EMPTY : history.append(kept);
    }),
    defer(() => {
      const event = ledger.create({ type: 'iteration_end', usage: ledger.iterationUsage(), stopReason });
      ledger.closeIteration(step.stop?.reason ?? null);
      return of(event);
    }),
  );
}

/** Runs one call, or answers it with why it is not run: its events, its result, its end. */
function answered(run: Run, tools: readonly Tool[], { call, refusal }: PlannedCall): Observable<StreamEvent> {
  const { ledger, settings } = run;
  return defer(() => {
    const begun = now();
    const context = { runId: ledger.runId, path: ledger.path, iteration: ledger.iteration };
    const running$ = refusal === undefined ? runTool(tools, call, context, settings.toolTimeout) : of(errorOutcome(refusal));
    return running$.pipe(concatMap((value) => (isOutcome(value) ? answer(ledger, call, value, now() - begun) : shown(ledger, call, value))));
  });
}

function answer(ledger: Ledger, call: FinishedCall, outcome: ToolOutcome, durationMs: number): Observable<StreamEvent> {
  return concat(
    defer(() => of(ledger.result(call, outcome, durationMs))),
    defer(() => of(ledger.end(call))),
  );
}

/** A tool may report and, as a sub-agent, stream a run of its own; it cannot speak for the run that called it. */
function shown(ledger: Ledger, call: FinishedCall, event: StreamEvent): Observable<StreamEvent> {
  if (event.path.length > ledger.path.length) return of(ledger.pass(event));
  return event.type === 'tool_progress' || event.type === 'custom' ? of(ledger.report(event, call)) : EMPTY;
}

function offered({ latestTools, params }: Run): readonly Tool[] {
  const { toolFilter } = params;
  if (toolFilter === undefined) return latestTools();
  try {
    return latestTools().filter(toolFilter);
  } catch (error) {
    throw new CallbackError(`toolFilter failed: ${messageOf(error)}`, { cause: error });
  }
}

function requestFor(run: Run, iteration: number, tools: readonly Tool[], final: boolean): ModelRequest {
  const { ledger, params, settings } = run;
  const { maxTokens, temperature, stopSequences } = params;
  const toolChoice = final ? 'none' : choiceFor(params.toolChoice, iteration);
  return {
    messages: ledger.conversation(),
    ...(settings.instructions === undefined ? {} : { instructions: settings.instructions }),
    ...(tools.length === 0 ? {} : { tools: tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })) }),
    ...(toolChoice === undefined || tools.length === 0 ? {} : { toolChoice }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    runId: ledger.runId,
    path: ledger.path,
    iteration,
    attempt: 1,
    seq: ledger.next,
  };
}

/** A forced call is for the first turn: forced again, the model could never answer. */
function choiceFor(choice: ToolChoice | undefined, iteration: number): ToolChoice | undefined {
  return iteration === 0 || choice === 'auto' || choice === 'none' ? choice : undefined;
}
