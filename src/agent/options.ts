import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import type { JsonObject } from '../events/json.js';
import { requireCount } from '../errors/require.js';
import type { Message, ToolSpec } from '../messages/message.js';
import type { Provider, ToolChoice } from '../provider.js';
import type { ToolInput } from '../tools/input-type.js';
import type { ApprovalPolicy, Tool } from '../tools/types.js';
import { defaultPolicy, type Approve } from './approve.js';
import { requireBudget, type Budget } from './budget.js';
import type { History } from './history.js';
import { answerRules, stillJson, type AnswerRules } from './output.js';
import type { StopWhen } from './stop-when.js';

/** Tools, or a source of tools that is subscribed for the length of a run; each iteration uses its latest value. */
export type ToolSource = Tool | Observable<readonly Tool[]>;

/** What an agent is made of. */
export interface AgentOptions {
  /** The model: `anthropic({ model })` and its like. */
  readonly provider: Provider;
  /** Default: none. */
  readonly tools?: readonly ToolSource[] | undefined;
  /** The system prompt. */
  readonly instructions?: string | undefined;
  /** Where the conversation is kept. Default: nowhere, each run stands alone. */
  readonly history?: History | undefined;
  /** The most model turns of one run. Default 10. */
  readonly maxIterations?: number | undefined;
  /** What the model is told before the last allowed turn, when the one before it called tools. */
  readonly finalAnswerPrompt?: string | undefined;
  /**
   * What the answer must be: a JSON Schema, a Standard Schema (zod 4, valibot, arktype), or `{ codec, jsonSchema }` with
   * io-ts. The model is told to answer with JSON alone; the decoded value is `output` of the run's `complete`. An answer
   * that does not fit is asked for once more; if the next does not either, the run ends with an `error` event of code
   * `output` that says where. A turn that ends in another way (`max_tokens`, a limit of the run) has no `output`.
   * Default: any answer.
   */
  readonly output?: ToolInput<unknown> | undefined;
  /**
   * Asked at the end of each iteration that another would follow: `true` ends the run there, with the stop reason
   * `stopped`. Where it fails the run ends with an `error` event of code `callback`. Default: never.
   */
  readonly stopWhen?: StopWhen | undefined;
  /**
   * What one run may spend, sub-agents included. A run that has spent it is stopped wherever it is, the model's turn and
   * running tools too, and ends with the stop reason `budget`. Default: no limit.
   */
  readonly budget?: Budget | undefined;
  /**
   * How often in a row the model may make the same call, with the same input. The one after that is not run, and the
   * model is told so; if it makes it again in its next turn, the run ends with the stop reason `repeated_calls`. Default
   * 5; `false` for any number.
   */
  readonly maxRepeats?: number | false | undefined;
  /** How many tools run at once. Default 8; 1 runs them one after the other. */
  readonly toolConcurrency?: number | undefined;
  /** How long one tool call may take, in milliseconds; the time of its approval is left out. Default: no limit. */
  readonly toolTimeout?: number | undefined;
  /**
   * Decides about a call before it runs; `decidedBy(decisions$)` where people do. Several calls may wait at once, and a
   * waiting call takes no place of `toolConcurrency`. What it fails with ends the run with an `error` event.
   */
  readonly approve?: Approve | undefined;
  /**
   * What a call needs whose tool has no `approval` of its own: `'ask'` has `approve` decide, `'allow'` and `'deny'` need
   * nobody, and a function looks at each call. Default: `'ask'` where there is an `approve`, else `'allow'`.
   */
  readonly approval?: ApprovalPolicy | undefined;
  /**
   * Whether the provider is wrapped in `retrying()` and `timingOut()` with their defaults. Default true; what one of our
   * decorators returned is not wrapped again. A function of your own around such a provider hides that: say false then.
   */
  readonly resilience?: boolean | undefined;
  /** The agent's name, shown in `run_start`. */
  readonly name?: string | undefined;
}

/** What one run is told. */
export interface RunParams {
  /** Ends the run with an `error` event of code `aborted`. To stop it silently, unsubscribe. */
  readonly signal?: AbortSignal | undefined;
  /** Wins over the agent's history. */
  readonly history?: History | undefined;
  /** Whether the history is read and written. Default true. */
  readonly useHistory?: boolean | undefined;
  /** Default: a new id. */
  readonly runId?: string | undefined;
  /** The ids of the tool calls that lead to this run, where another agent started it. Default `[]`. */
  readonly path?: readonly string[] | undefined;
  /** Shown in `run_start`, for applications that keep threads. */
  readonly threadId?: string | undefined;
  /** Shown in the metadata of `run_start`. */
  readonly metadata?: JsonObject | undefined;
  /** Wins over the agent's `maxIterations`. */
  readonly maxIterations?: number | undefined;
  /** Takes the place of the agent's `budget`. */
  readonly budget?: Budget | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  /** For the first turn; `any` and a name are dropped afterwards, or the model could never answer. */
  readonly toolChoice?: ToolChoice | undefined;
  /** Which tools the model is offered. Default: all. */
  readonly toolFilter?: ((tool: ToolSpec) => boolean) | undefined;
}

/** What a run may begin with. */
export type AgentInput = string | Message | readonly Message[];

/** A run for each subscription: from one input to `complete` or `error`. */
export type Agent = (input: AgentInput, params?: RunParams) => Observable<StreamEvent>;

/** The options of one run, defaults filled in. */
export interface RunSettings extends Omit<AgentOptions, 'output'> {
  readonly answer?: AnswerRules;
  readonly tools: readonly ToolSource[];
  readonly maxIterations: number;
  readonly finalAnswerPrompt: string;
  readonly toolConcurrency: number;
  readonly approval: ApprovalPolicy;
  readonly maxRepeats: number | false;
}

/** The prompt that asks for a final answer, where the agent has none of its own. */
const defaultFinalAnswerPrompt =
  'You have used all the tool calls that this run allows. Answer now with what you know, without calling a tool, and say what is missing.';

/** Fills in the defaults. @throws ConfigurationError for a limit that cannot be meant, or where nobody could be asked */
export function settingsOf(options: AgentOptions): RunSettings {
  const { tools = [], maxIterations = 10, maxRepeats = 5, toolConcurrency = 8, finalAnswerPrompt = defaultFinalAnswerPrompt } = options;
  requireCount('maxIterations', maxIterations);
  if (maxRepeats !== false) requireCount('maxRepeats', maxRepeats);
  requireBudget(options.budget);
  requireCount('toolConcurrency', toolConcurrency);
  const settings = { ...options, tools, maxIterations, maxRepeats, toolConcurrency, finalAnswerPrompt, approval: defaultPolicy(options) };
  return options.output === undefined ? settings : { ...settings, ...heldTo(options.output, settings) };
}

/** What changes where the answer is held to a schema. */
function heldTo(output: ToolInput<unknown>, { instructions = '', finalAnswerPrompt }: RunSettings): Partial<RunSettings> {
  const answer = answerRules(output);
  const told = instructions.trim() === '' ? answer.instructions : `${instructions}\n\n${answer.instructions}`;
  return { answer, instructions: told, finalAnswerPrompt: finalAnswerPrompt + stillJson };
}

/** A user message of one text. */
export function userText(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** Any input as messages. */
export function toMessages(input: AgentInput): readonly Message[] {
  if (typeof input === 'string') return [userText(input)];
  return isMessages(input) ? input : [input];
}

function isMessages(input: Message | readonly Message[]): input is readonly Message[] {
  return Array.isArray(input);
}
