import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import type { JsonObject } from '../events/json.js';
import { ConfigurationError } from '../errors/errors.js';
import type { Message, ToolSpec } from '../messages/message.js';
import type { Provider, ToolChoice } from '../provider.js';
import type { Tool } from '../tools/types.js';
import type { History } from './history.js';

/** Tools, or a source of tools that is subscribed for the length of a run; each iteration uses its latest value. */
export type ToolSource = Tool | Observable<readonly Tool[]>;

/** What an agent is made of. */
export interface AgentOptions {
  /** The model: `anthropic({ model })` and its like. */
  readonly provider: Provider;
  /** Default: none. */
  readonly tools?: readonly ToolSource[];
  /** The system prompt. */
  readonly instructions?: string;
  /** Where the conversation is kept. Default: nowhere, each run stands alone. */
  readonly history?: History;
  /** The most model turns of one run. Default 10. */
  readonly maxIterations?: number;
  /** What the model is told before the last allowed turn, when the one before it called tools. */
  readonly finalAnswerPrompt?: string;
  /** How many tools run at once. Default 8; 1 runs them one after the other. */
  readonly toolConcurrency?: number;
  /** How long one tool call may take, in milliseconds. Default: no limit. */
  readonly toolTimeout?: number;
  /**
   * Whether the provider is wrapped in `retrying()` and `timingOut()` with their defaults. Default true; a provider that
   * the application has decorated itself is never wrapped again.
   */
  readonly resilience?: boolean;
  /** The agent's name, shown in `run_start`. */
  readonly name?: string;
}

/** What one run is told. */
export interface RunParams {
  /** Ends the run with an `error` event of code `aborted`. To stop it silently, unsubscribe. */
  readonly signal?: AbortSignal;
  /** Wins over the agent's history. */
  readonly history?: History;
  /** Whether the history is read and written. Default true. */
  readonly useHistory?: boolean;
  /** Default: a new id. */
  readonly runId?: string;
  /** The ids of the tool calls that lead to this run, where another agent started it. Default `[]`. */
  readonly path?: readonly string[];
  /** Shown in `run_start`, for applications that keep threads. */
  readonly threadId?: string;
  /** Shown in the metadata of `run_start`. */
  readonly metadata?: JsonObject;
  /** Wins over the agent's `maxIterations`. */
  readonly maxIterations?: number;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** For the first turn; `any` and a name are dropped afterwards, or the model could never answer. */
  readonly toolChoice?: ToolChoice;
  /** Which tools the model is offered. Default: all. */
  readonly toolFilter?: (tool: ToolSpec) => boolean;
}

/** What a run may begin with. */
export type AgentInput = string | Message | readonly Message[];

/** A run for each subscription: from one input to `complete` or `error`. */
export type Agent = (input: AgentInput, params?: RunParams) => Observable<StreamEvent>;

/** The options of one run, defaults filled in. */
export interface RunSettings extends AgentOptions {
  readonly tools: readonly ToolSource[];
  readonly maxIterations: number;
  readonly finalAnswerPrompt: string;
  readonly toolConcurrency: number;
}

/** The prompt that asks for a final answer, where the agent has none of its own. */
const defaultFinalAnswerPrompt =
  'You have used all the tool calls that this run allows. Answer now with what you know, without calling a tool, and say what is missing.';

/** Fills in the defaults. @throws ConfigurationError for a count below 1 */
export function settingsOf(options: AgentOptions): RunSettings {
  const { tools = [], maxIterations = 10, toolConcurrency = 8, finalAnswerPrompt = defaultFinalAnswerPrompt } = options;
  requireCount('maxIterations', maxIterations);
  requireCount('toolConcurrency', toolConcurrency);
  return { ...options, tools, maxIterations, toolConcurrency, finalAnswerPrompt };
}

/** The value itself. @throws ConfigurationError if it is not a whole number from 1 */
export function requireCount(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigurationError(`${name} must be a whole number of at least 1, not ${String(value)}.`);
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
