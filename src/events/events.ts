import type { ErrorCode } from '../errors/codes.js';
import type { ContentBlock, Message } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';
import type { Json, JsonObject } from './json.js';

/** What every event carries. */
export interface Envelope {
  /** The run it belongs to; sub-agents share it. */
  readonly runId: string;
  /** 0, 1, 2 … without gaps within a run; assigned by the root agent. */
  readonly seq: number;
  /** `[]` for the run itself; otherwise the ids of the tool calls that lead to the sub-agent. */
  readonly path: readonly string[];
  /** The iteration within its path, from 0. */
  readonly iteration: number;
  /** Milliseconds since the epoch, from the scheduler's clock (virtual under `TestScheduler`). */
  readonly timestamp: number;
  /** The model that answers, once known. */
  readonly model: string | null;
  /** What the provider or the application adds; `{}` by default. */
  readonly metadata: JsonObject;
}

/** A run begins. */
export interface RunStart {
  readonly type: 'run_start';
  readonly input: readonly Message[];
  /** How many messages the history held. */
  readonly historyLength: number;
  /** The agent's name. */
  readonly name?: string;
  readonly threadId?: string;
}

/** One model turn, with the tools it asks for, begins. */
export interface IterationStart {
  readonly type: 'iteration_start';
}

/** A piece of the answer's text. */
export interface TextDelta {
  readonly type: 'text_delta';
  readonly content: string;
  /** Position of the block in `message.content`. */
  readonly block: number;
}

/** A piece of the model's visible thinking. */
export interface Thinking {
  readonly type: 'thinking';
  readonly content: string;
  readonly block: number;
}

/** A citation that belongs to a text block. */
export interface Citation {
  readonly type: 'citation';
  /** As the provider sent it. */
  readonly content: Json;
  readonly block: number;
}

/** The model begins a tool call; its input follows in pieces. */
export interface ToolInputStart {
  readonly type: 'tool_input_start';
  readonly content: { readonly id: string; readonly name: string };
  readonly block: number;
}

/** A piece of a tool call's input, as JSON text. */
export interface ToolInputDelta {
  readonly type: 'tool_input_delta';
  readonly content: { readonly id: string; readonly delta: string };
  readonly block: number;
}

/** A finished tool call. */
export interface ToolUseStart {
  readonly type: 'tool_use_start';
  readonly content: {
    readonly id: string;
    readonly name: string;
    /** `{}` where the JSON was invalid. */
    readonly input: Json;
    /** The text that could not be parsed; such a call is never run. */
    readonly inputError?: { readonly text: string; readonly message: string };
  };
}

/** A running tool reports. */
export interface ToolProgress {
  readonly type: 'tool_progress';
  readonly content: {
    readonly id: string;
    readonly name: string;
    readonly progress?: number;
    readonly total?: number;
    readonly message?: string;
    /** An intermediate value of the tool. */
    readonly partial?: Json;
  };
}

/** A policy asked whether a call may run. */
export interface ToolApproval {
  readonly type: 'tool_approval';
  readonly content: {
    readonly id: string;
    readonly name: string;
    readonly input: Json;
    readonly decision: 'requested' | 'granted' | 'denied';
    readonly reason?: string;
  };
}

/** A tool call was answered. */
export interface ToolResult {
  readonly type: 'tool_result';
  readonly content: {
    readonly id: string;
    readonly name: string;
    readonly content: readonly ContentBlock[];
    readonly isError: boolean;
    /** The result as a value, where the tool gave one. */
    readonly structured?: Json;
    /** Milliseconds from the call's start to its result; 0 for a call that never ran. */
    readonly durationMs: number;
  };
}

/** A tool call is over. */
export interface ToolUseEnd {
  readonly type: 'tool_use_end';
  readonly content: { readonly id: string; readonly name: string };
}

/** The provider runs one of its own tools; nothing is run here. */
export interface ServerToolUse {
  readonly type: 'server_tool_use';
  readonly content: { readonly id: string; readonly name: string; readonly input: Json; readonly block: number };
}

/** One of the provider's own tools answered. */
export interface ServerToolResult {
  readonly type: 'server_tool_result';
  readonly content: {
    /** The id of the call that it answers. */
    readonly id: string;
    readonly name: string;
    readonly content: Json;
    readonly isError: boolean;
    readonly block: number;
  };
}

/** The attempt's running token counts: each overwrites the one before and is never added to it. */
export interface UsageReport {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** A whole message: the model's turn, or a user-role message that the agent adds. */
export interface MessageEvent {
  readonly type: 'message';
  readonly message: Message;
  /** The provider's id of the message. */
  readonly id?: string;
  /** Why the turn ended, in the provider's own word. */
  readonly stopReason?: string | null;
  readonly usage?: Usage | null;
}

/** An attempt was abandoned and another will be made. */
export interface Retry {
  readonly type: 'retry';
  readonly content: {
    /** The attempt that failed, from 1. */
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: { readonly code: ErrorCode; readonly message: string };
    /** Drop this iteration's deltas so far: the next attempt starts afresh. */
    readonly discard: boolean;
    /** The model that takes over. */
    readonly to?: string;
  };
  /** What the abandoned attempt cost. */
  readonly usage: Usage | null;
}

/** A wire event that Coldstream does not know. */
export interface Raw {
  readonly type: 'raw';
  readonly content: { readonly provider: string; readonly event: Json };
}

/** The application's own event. */
export interface Custom {
  readonly type: 'custom';
  readonly name: string;
  readonly content: Json;
}

/** One model turn and its tools are done. */
export interface IterationEnd {
  readonly type: 'iteration_end';
  /** This iteration's own turns, abandoned attempts included. */
  readonly usage: Usage | null;
  readonly stopReason: string | null;
}

/** The run is over; nothing follows. */
export interface Complete {
  readonly type: 'complete';
  /** The run's total, sub-agents included. */
  readonly usage: Usage | null;
  readonly stopReason: string | null;
  readonly iterations: number;
  /** What the run added to the conversation, its input first. */
  readonly messages: readonly Message[];
  /** The answer's value, where the agent has an `output` and the model answered. */
  readonly output?: Json;
  /** Reserved: calls that wait for a human when a run ends at an approval. */
  readonly pending?: readonly Json[];
}

/** The run failed; nothing follows. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly content: {
    readonly error: string;
    readonly code: ErrorCode;
    readonly retryable: boolean;
    /** Whether part of an answer had been delivered. */
    readonly partial: boolean;
  };
  /** What the run cost so far. */
  readonly usage: Usage | null;
  /** What the run added to the conversation so far. */
  readonly messages: readonly Message[];
}

/** An event without its envelope. */
export type EventBody =
  | RunStart
  | IterationStart
  | TextDelta
  | Thinking
  | Citation
  | ToolInputStart
  | ToolInputDelta
  | ToolUseStart
  | ToolProgress
  | ToolApproval
  | ToolResult
  | ToolUseEnd
  | ServerToolUse
  | ServerToolResult
  | UsageReport
  | MessageEvent
  | Retry
  | Raw
  | Custom
  | IterationEnd
  | Complete
  | ErrorEvent;

/** The `type` of an event. */
export type StreamEventType = EventBody['type'];

/** Everything that flows: a plain, JSON-safe object told apart by its `type`. */
export type StreamEvent = EventBody extends infer Body ? (Body extends EventBody ? Envelope & Body : never) : never;

/** The event (or events) of the given type. */
export type StreamEventOf<Type extends StreamEventType> = Extract<StreamEvent, { readonly type: Type }>;
