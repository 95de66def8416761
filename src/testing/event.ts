import { withEnvelope } from '../events/construct.js';
import type {
  Complete,
  Envelope,
  ErrorEvent,
  EventBody,
  IterationEnd,
  MessageEvent,
  Retry,
  RunStart,
  StreamEventOf,
  ToolApproval,
  ToolProgress,
  ToolResult,
} from '../events/events.js';
import type { Json } from '../events/json.js';
import type { ContentBlock, Message } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';

/** Members of the envelope that differ from the default. */
export type EnvelopeOverrides = Partial<Envelope>;

interface InBlock extends EnvelopeOverrides {
  /** Position of the block in the message; default 0. */
  readonly block?: number;
}

type Overrides<Body> = EnvelopeOverrides & Partial<Omit<Body, 'type'>>;

const plainEnvelope: Envelope = { runId: 'run_1', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} };

function make<Body extends EventBody>(body: Body, overrides: EnvelopeOverrides = {}): StreamEventOf<Body['type']> {
  return withEnvelope({ ...plainEnvelope, ...overrides }, body);
}

/** Token counts: what is not given is 0. */
export function tokens(inputTokens: number, outputTokens: number, rest: Partial<Usage> = {}): Usage {
  return { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, raw: {}, ...rest };
}

const blocksOf = (content: string | readonly ContentBlock[]): readonly ContentBlock[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** A user's message. */
export function user(content: string | readonly ContentBlock[]): Message {
  return { role: 'user', content: blocksOf(content) };
}

/** A model's message. */
export function assistant(content: string | readonly ContentBlock[]): Message {
  return { role: 'assistant', content: blocksOf(content) };
}

/**
 * The event alphabet: one function an event type, each with what matters first and an envelope of `runId: 'run_1'`,
 * `seq: 0`, `path: []`, `iteration: 0`, `timestamp: 0`, `model: null`, `metadata: {}` that the last argument overrides.
 */
export const event = {
  runStart: (input: string | readonly Message[] = 'Hi', overrides: Overrides<RunStart> = {}) =>
    make({ type: 'run_start', input: typeof input === 'string' ? [user(input)] : input, historyLength: 0 }, overrides),
  iterationStart: (overrides?: EnvelopeOverrides) => make({ type: 'iteration_start' }, overrides),
  text: (content: string, overrides: InBlock = {}) => make({ type: 'text_delta', content, block: 0, ...overrides }),
  thinking: (content: string, overrides: InBlock = {}) => make({ type: 'thinking', content, block: 0, ...overrides }),
  citation: (content: Json, overrides: InBlock = {}) => make({ type: 'citation', content, block: 0, ...overrides }),
  toolInputStart: (id: string, name: string, overrides: InBlock = {}) =>
    make({ type: 'tool_input_start', content: { id, name }, block: 0, ...overrides }),
  toolInputDelta: (id: string, delta: string, overrides: InBlock = {}) =>
    make({ type: 'tool_input_delta', content: { id, delta }, block: 0, ...overrides }),
  /** `tool_use_start`: a finished call. */
  toolUse: (id: string, name: string, input: Json = {}, overrides?: EnvelopeOverrides) =>
    make({ type: 'tool_use_start', content: { id, name, input } }, overrides),
  /** `tool_use_start` of a call whose JSON is invalid. */
  invalidToolUse: (id: string, name: string, text: string, message = 'invalid JSON', overrides?: EnvelopeOverrides) =>
    make({ type: 'tool_use_start', content: { id, name, input: {}, inputError: { text, message } } }, overrides),
  toolProgress: (id: string, name: string, report: Omit<ToolProgress['content'], 'id' | 'name'>, overrides?: EnvelopeOverrides) =>
    make({ type: 'tool_progress', content: { id, name, ...report } }, overrides),
  toolApproval: (
    id: string,
    name: string,
    decision: ToolApproval['content']['decision'],
    details: { readonly input?: Json; readonly reason?: string } = {},
    overrides?: EnvelopeOverrides,
  ) => make({ type: 'tool_approval', content: { id, name, input: {}, decision, ...details } }, overrides),
  toolResult: (
    id: string,
    name: string,
    content: string | readonly ContentBlock[] = 'done',
    details: Partial<Pick<ToolResult['content'], 'isError' | 'structured' | 'durationMs'>> = {},
    overrides?: EnvelopeOverrides,
  ) => make({ type: 'tool_result', content: { id, name, content: blocksOf(content), isError: false, durationMs: 0, ...details } }, overrides),
  toolUseEnd: (id: string, name: string, overrides?: EnvelopeOverrides) => make({ type: 'tool_use_end', content: { id, name } }, overrides),
  serverToolUse: (id: string, name: string, input: Json = {}, block = 0, overrides?: EnvelopeOverrides) =>
    make({ type: 'server_tool_use', content: { id, name, input, block } }, overrides),
  serverToolResult: (id: string, name: string, content: Json, block = 1, overrides?: EnvelopeOverrides) =>
    make({ type: 'server_tool_result', content: { id, name, content, isError: false, block } }, overrides),
  usage: (usage: Usage, overrides?: EnvelopeOverrides) => make({ type: 'usage', usage }, overrides),
  /** A model's message, unless a whole `Message` says otherwise. */
  message: (message: string | Message, overrides: Overrides<MessageEvent> = {}) =>
    make({ type: 'message', message: typeof message === 'string' ? assistant(message) : message, ...overrides }),
  retry: (content: Partial<Retry['content']> = {}, usage: Usage | null = null, overrides?: EnvelopeOverrides) =>
    make(
      {
        type: 'retry',
        content: { attempt: 1, delayMs: 0, error: { code: 'overloaded', message: 'Overloaded' }, discard: true, ...content },
        usage,
      },
      overrides,
    ),
  raw: (wireEvent: Json, provider = 'test', overrides?: EnvelopeOverrides) =>
    make({ type: 'raw', content: { provider, event: wireEvent } }, overrides),
  custom: (name: string, content: Json = null, overrides?: EnvelopeOverrides) => make({ type: 'custom', name, content }, overrides),
  iterationEnd: (usage: Usage | null = null, overrides: Overrides<IterationEnd> = {}) =>
    make({ type: 'iteration_end', usage, stopReason: 'end_turn', ...overrides }),
  complete: (overrides: Overrides<Complete> = {}) =>
    make({ type: 'complete', usage: null, stopReason: 'end_turn', iterations: 1, messages: [], ...overrides }),
  error: (content: string | Partial<ErrorEvent['content']> = {}, overrides: Overrides<ErrorEvent> = {}) =>
    make({
      type: 'error',
      content: {
        error: 'Overloaded',
        code: 'overloaded',
        retryable: true,
        partial: false,
        ...(typeof content === 'string' ? { error: content } : content),
      },
      usage: null,
      messages: [],
      ...overrides,
    }),
};
