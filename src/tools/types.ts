import type { Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import type { Json } from '../events/json.js';
import type { ContentBlock, ToolSpec } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';

/** A finished tool call of the model, ready to run. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

/** What a tool knows of the call it answers. */
export interface ToolContext {
  readonly id: string;
  readonly name: string;
  /** Aborts when the call is stopped: the run was unsubscribed, or a time limit passed. */
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly path: readonly string[];
  readonly iteration: number;
}

/** What a call needs before it runs: nothing, or that somebody is asked (`approve` of the agent); or that it must not run. */
export type ApprovalRule = 'allow' | 'ask' | 'deny';

/** What whoever decides about a call is told, beside the call. */
export interface ApprovalContext {
  readonly runId: string;
  /** The ids of the tool calls that lead to the sub-agent that calls; `[]` for the run's own calls. */
  readonly path: readonly string[];
  readonly iteration: number;
  /** The tool as it was offered to the model. Its `annotations` are its maker's word, and prove nothing. */
  readonly tool: Tool;
  /** Aborts when nobody waits for the decision any more. */
  readonly signal: AbortSignal;
}

/** A rule for all calls of a tool, or one that looks at each: at once, without asking anybody. */
export type ApprovalPolicy = ApprovalRule | ((call: ToolCall, context: Omit<ApprovalContext, 'signal'>) => ApprovalRule);

/** The answer to a call: the last thing that a tool emits. */
export interface ToolOutcome {
  readonly type: 'tool_outcome';
  readonly content: readonly ContentBlock[];
  readonly isError: boolean;
  /** The result as a value, beside its form for the model. */
  readonly structured?: Json;
  /** What the tool itself spent on models (a sub-agent); added to the run's total. */
  readonly usage?: Usage | null;
}

/**
 * What a tool's maker says of it, in MCP's words. These are hints: people and policies are shown them, and nothing here
 * acts on them, since a server may say of itself what it likes.
 */
export interface ToolAnnotations {
  readonly title?: string;
  /** It changes nothing. */
  readonly readOnlyHint?: boolean;
  /** What it changes may be lost. */
  readonly destructiveHint?: boolean;
  /** Called again with the same input, it changes nothing more. */
  readonly idempotentHint?: boolean;
  /** It deals with the world outside. */
  readonly openWorldHint?: boolean;
}

/**
 * A tool in its inner form; `tool()`, `agentTool()` and `mcpTools()` make them.
 * `run` emits events (`tool_progress`, `custom`, a sub-agent's own) and then one `ToolOutcome`. The agent turns an
 * error, an early end and a second outcome into defined results, so nothing that a tool does can break the loop.
 */
export interface Tool extends ToolSpec {
  readonly run: (call: ToolCall, context: ToolContext) => Observable<StreamEvent | ToolOutcome>;
  /** How long one call may take, in milliseconds; wins over the agent's `toolTimeout`, `Infinity` lifts it. */
  readonly timeout?: number;
  /** What its maker says of it; shown to whoever approves a call, and never trusted. */
  readonly annotations?: ToolAnnotations;
  /** What its calls need before they run. Default: the agent's `approval`. */
  readonly approval?: ApprovalPolicy;
  /** Its calls run alone: while one runs, no other call of the same turn does. */
  readonly exclusive?: boolean;
  /** Its calls start at their `tool_use_start`, while the model still streams. */
  readonly eager?: boolean;
}

/** An outcome in which the model reads why the call failed. */
export function errorOutcome(message: string): ToolOutcome {
  return { type: 'tool_outcome', content: [{ type: 'text', text: message }], isError: true };
}
