import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { messageOf } from '../errors/describe.js';
import { CallbackError, TruncatedStreamError } from '../errors/errors.js';
import { inTurn, type Steps } from '../internal/in-turn.js';
import { isolated } from '../internal/isolated.js';
import { Later } from '../internal/later.js';
import { queued } from '../internal/queued.js';
import { asProviders, type ModelRequest, type ToolChoice } from '../provider.js';
import type { Message } from '../messages/message.js';
import type { Tool } from '../tools/types.js';
import { eagerTurn, isEager } from './eager.js';
import { follow, planned, type Start } from './following.js';
import type { Ledger } from './ledger.js';
import { nextStep, type NextStep } from './next-step.js';
import { userText, type RunSettings } from './options.js';
import { askAgain } from './output.js';
import type { Run, ToolRun } from './run.js';
import { answers } from './schedule.js';

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
  const final = last && start.afterTools;
  const prompt = promptOf(start, final, settings);
  const tools = offered(run);
  ledger.beginIteration(start.iteration, prompt);
  yield [ledger.create({ type: 'iteration_start' })];
  if (prompt !== undefined) yield [ledger.create({ type: 'message', message: prompt })];
  const request = requestFor(run, start.iteration, tools, prompt !== undefined);
  const plan = (): NextStep => planned(run, nextStep(turnOf(ledger), ledger.finishedCalls(), last, final));
  const step = yield* !last && tools.some(isEager) ? eagerly(run, tools, request, plan) : inOrder(run, tools, request, plan);
  const turned = turnOf(ledger);
  yield* endIteration(run, turned.stopReason);
  const following = yield* follow(run, start, turned, step, last);
  next.settle(following === null ? null : iteration(run, following));
}

/** What the agent itself says before a turn. */
function promptOf({ fault }: Start, final: boolean, { finalAnswerPrompt }: RunSettings): Message | undefined {
  if (fault !== undefined) return userText(askAgain(fault));
  return final ? userText(finalAnswerPrompt) : undefined;
}

/** The turn, and when it is over its calls. */
function* inOrder(run: ToolRun, tools: readonly Tool[], request: ModelRequest, plan: () => NextStep): Generator<Observable<StreamEvent>, NextStep> {
  yield turn(run, request);
  const step = plan();
  if (step.calls.length > 0) yield answers(run, tools, step.calls);
  return step;
}

/** The turn and its calls, some of which begin before it is over. */
function* eagerly(run: ToolRun, tools: readonly Tool[], request: ModelRequest, plan: () => NextStep): Generator<Observable<StreamEvent>, NextStep> {
  let step: NextStep | undefined;
  yield eagerTurn(run, tools, request, () => (step = plan()).calls);
  return step ?? plan();
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

/** Tells the calls' results, hands all to the history, and ends the iteration. */
export function* endIteration({ ledger, history }: Run, stopReason: string | null): Steps<StreamEvent> {
  const results = ledger.results();
  if (results !== undefined) yield [ledger.create({ type: 'message', message: results })];
  const kept = ledger.takeKept(true);
  if (kept.length > 0) yield history.append(kept);
  const end = ledger.create({ type: 'iteration_end', usage: ledger.iterationUsage(), stopReason });
  ledger.closeIteration();
  yield [end];
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
