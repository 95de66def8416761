import { concat, defer, of, tap, type Observable } from 'rxjs';
import { requireCount } from '../errors/require.js';
import { isTerminal } from '../events/construct.js';
import type { StreamEvent, StreamEventOf } from '../events/events.js';
import type { ContentBlock, Message } from '../messages/message.js';
import { checkedTool, type CommonToolOptions } from '../tools/checked-tool.js';
import type { InputOf, ToolInput } from '../tools/input-type.js';
import { errorOutcome, type Tool, type ToolOutcome } from '../tools/types.js';
import type { Agent, AgentInput } from './options.js';

const promptSchema = {
  type: 'object',
  properties: { prompt: { type: 'string', description: 'What to do, with all that is needed to do it: nothing else is known there.' } },
  required: ['prompt'],
} as const;

/** What `agentTool` is made of. */
export interface AgentToolOptions<Input = typeof promptSchema> extends CommonToolOptions {
  /** Who does the work. It knows nothing of the conversation but what it is sent. */
  readonly agent: Agent;
  /** As the `input` of `tool`. Default: `{ prompt }`, a text. */
  readonly input?: Input | undefined;
  /** What the agent is sent. Default: the `prompt`, or the input as JSON where it has none. */
  readonly toPrompt?: ((input: InputOf<Input>) => AgentInput) | undefined;
  /** How many sub-agents may stand inside each other, this one counted; deeper calls get an error result. Default 5. */
  readonly maxDepth?: number | undefined;
}

// A method is compared in both directions, so that a function of any input fits.
type AnyPrompt = { make(input: unknown): AgentInput }['make'];

/** The options with any input. */
interface AnyAgentToolOptions extends CommonToolOptions {
  readonly agent: Agent;
  readonly input?: ToolInput<unknown> | undefined;
  readonly toPrompt?: AnyPrompt | undefined;
  readonly maxDepth?: number | undefined;
}

/**
 * Makes an agent a tool of another: a sub-agent.
 *
 * Its events are events of the same run, shown as they come, with `path` extended by the id of the call; they share `runId`
 * and are counted by the run's `seq`. The text of its last answer is the result. What it cost is added to the run's total,
 * also where it failed or was stopped; `iteration_end` counts an iteration's own turns alone.
 *
 * ```
 * run          s-i-(call a)-m-----------------R-…    R: tool_result of a
 * sub-agent                  s-i-t-t-m-e-c          path: ['a']
 * ```
 *
 * - A sub-agent that fails is an error result, which the model reads; the run goes on. One that is cut short says so.
 * - Several run side by side like any tools, and their events mix. Stopping the call stops its requests and tools.
 * - Its rules are its own: its tools, `maxIterations`, history, and its `approve`, whose `context.path` leads to it. Calls in
 *   parallel need no history, or one each.
 *
 * @example
 * ```ts
 * import { agent, agentTool, type Provider, type Tool } from 'coldstream';
 *
 * export function chief(provider: Provider, search: Tool) {
 *   const researcher = agent({ provider, tools: [search], instructions: 'Find facts, with their sources.', name: 'researcher' });
 *   const research = agentTool({ name: 'research', description: 'Has a researcher look something up.', agent: researcher });
 *   return agent({ provider, tools: [research], instructions: 'Answer. Have facts looked up.' });
 * }
 * ```
 *
 * @param options the agent, what it is called, and what it is sent
 * @returns the tool, for `agent({ tools })`
 * @throws ConfigurationError for a name, a schema or a depth that cannot be meant
 */
export function agentTool(options: AgentToolOptions): Tool;
export function agentTool<const Input extends ToolInput<unknown>>(options: AgentToolOptions<Input> & { readonly input: Input }): Tool;
export function agentTool(options: AnyAgentToolOptions): Tool {
  const { agent, input = promptSchema, toPrompt = promptOf, maxDepth = 5 } = options;
  requireCount('maxDepth', maxDepth);
  return checkedTool(options, input, (value, context) => {
    const path = [...context.path, context.id];
    if (path.length > maxDepth) return of(errorOutcome(`${options.name} was not run: no more than ${String(maxDepth)} sub-agents may stand inside each other.`));
    return running(options.name, path, defer(() => agent(toPrompt(value), { runId: context.runId, path })));
  });
}

/** The sub-agent's events, and what they come to as a result. */
function running(name: string, path: readonly string[], events$: Observable<StreamEvent>): Observable<StreamEvent | ToolOutcome> {
  return defer(() => {
    let outcome = errorOutcome(`The agent ${name} ended without an answer.`);
    const noted$ = events$.pipe(
      tap((event) => {
        if (event.path.length === path.length && isTerminal(event)) outcome = outcomeOf(name, event);
      }),
    );
    return concat(
      noted$,
      defer(() => of(outcome)),
    );
  });
}

function outcomeOf(name: string, event: StreamEventOf<'complete' | 'error'>): ToolOutcome {
  if (event.type === 'error') return errorOutcome(`The agent ${name} failed: ${event.content.error}`);
  const { messages, stopReason } = event;
  const text = answerOf(messages);
  const whole = stopReason === null || stopReason === 'end_turn' || stopReason === 'stop_sequence';
  if (text === '') return errorOutcome(`The agent ${name} gave no answer${whole ? '' : `; it ended with ${stopReason}`}.`);
  const note: readonly ContentBlock[] = whole ? [] : [{ type: 'text', text: `(The agent was cut short: it ended with ${stopReason}.)` }];
  return { type: 'tool_outcome', isError: false, content: [{ type: 'text', text }, ...note] };
}

/** The text of the last answer. */
function answerOf(messages: readonly Message[]): string {
  const last = messages.findLast(({ role }) => role === 'assistant');
  return (last?.content ?? []).map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function promptOf(value: unknown): string {
  const prompt = typeof value === 'object' && value !== null && 'prompt' in value ? value.prompt : undefined;
  return typeof prompt === 'string' ? prompt : JSON.stringify(value);
}
