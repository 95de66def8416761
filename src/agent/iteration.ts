import { concatMap, EMPTY, from, mergeMap, of } from 'rxjs';
import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { messageOf } from '../errors/describe.js';
import { CallbackError, TruncatedStreamError } from '../errors/errors.js';
import { now } from '../internal/clock.js';
import { inTurn, type Steps } from '../internal/in-turn.js';
import { isolated } from '../internal/isolated.js';
import { Later } from '../internal/later.js';
import { queued } from '../internal/queued.js';
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
}

/** A run whose tools are there. */
export interface ToolRun extends Run {
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
export function iteration(run: ToolRun, start: Start): Iteration {
  // Remembers, since a synchronous turn is over before anyone asks what follows.
  const next = new Later<Iteration>();
  // Without the queue a loop of synchronous turns nests a stack of calls that grows with each, and dies silently.
  return { events$: queued(() => inTurn(() => steps(run, start, next))), next$: queued(() => next.asked()) };
}

/** The iteration's events in their order, and what comes next when all of it has been torn down. */
function* steps(run: ToolRun, start: Start, next: Later<Iteration>): Steps<StreamEvent> {
  const { ledger, settings } = run;
  const last = start.iteration + 1 >= settings.maxIterations;
  const prompt = last && start.afterTools ? userText(settings.finalAnswerPrompt) : undefined;
  const tools = offered(run);
  ledger.beginIteration(start.iteration, prompt);
  yield [ledger.create({ type: 'iteration_start' })];
  if (prompt !== undefined) yield [ledger.create({ type: 'message', message: prompt })];
  yield turn(run, requestFor(run, start.iteration, tools, prompt !== undefined));
  const step = nextStep(turnOf(ledger), ledger.finishedCalls(), last, prompt !== undefined);
  yield* afterTurn(run, tools, step);
  next.settle(step.stop === null ? iteration(run, { iteration: start.iteration + 1, afterTools: step.calls.length > 0 }) : null);
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
function* afterTurn(run: ToolRun, tools: readonly Tool[], step: NextStep): Steps<StreamEvent> {
  const { ledger, history, settings } = run;
  const { stopReason } = turnOf(ledger);
  if (step.calls.length > 0) yield from(step.calls).pipe(mergeMap((planned) => answered(run, tools, planned), settings.toolConcurrency));
  const results = ledger.results();
  if (results !== undefined) yield [ledger.create({ type: 'message', message: results })];
  const kept = ledger.takeKept(true);
  if (kept.length > 0) yield history.append(kept);
  const end = ledger.create({ type: 'iteration_end', usage: ledger.iterationUsage(), stopReason });
  ledger.closeIteration(step.stop?.reason ?? null);
  yield [end];
}

/** Runs one call, or answers it with why it is not run: its events, its result, its end. */
function answered(run: Run, tools: readonly Tool[], { call, refusal }: PlannedCall): Observable<StreamEvent> {
  const { ledger, settings } = run;
  const begun = now();
  const context = { runId: ledger.runId, path: ledger.path, iteration: ledger.iteration };
  const running$ = refusal === undefined ? runTool(tools, call, context, settings.toolTimeout) : of(errorOutcome(refusal));
  return running$.pipe(concatMap((value) => (isOutcome(value) ? answer(ledger, call, value, now() - begun) : shown(ledger, call, value))));
}

function answer(ledger: Ledger, call: FinishedCall, outcome: ToolOutcome, durationMs: number): Observable<StreamEvent> {
  return inTurn(function* () {
    yield [ledger.result(call, outcome, durationMs)];
    yield [ledger.end(call)];
  });
}

/** A tool may report and, as a sub-agent, stream a run of its own; it cannot speak for the run that called it. */
function shown(ledger: Ledger, call: FinishedCall, event: StreamEvent): Observable<StreamEvent> {
  if (event.path.length > ledger.path.length) return of(ledger.pass(event));
  return event.type === 'tool_progress' || event.type === 'custom' ? of(ledger.report(event, call)) : EMPTY;
}

function offered({ latestTools, params }: ToolRun): readonly Tool[] {
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
