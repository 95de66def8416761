import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { contentBlockPart } from '../messages/content-block-codec.js';
import type { ContentBlock } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';
import { withEnvelope } from './construct.js';
import type { Envelope, EventBody, StreamEvent as StreamEventType } from './events.js';
import { guarded, jsonObjectPart, jsonPart } from './json-codec.js';
import type { Json } from './json.js';
import { mcpAgentProvider, toMcpAgent, type McpAgentEvent, type McpAgentEventType } from './mcp-agent.js';
import { StreamEvent } from './stream-event-codec.js';
import { count, isRecord, nullable, optional, struct } from './struct-codec.js';

/** A member that Python leaves out or writes as null. */
const maybe = <Value>(codec: t.Type<Value>) => optional(nullable(codec));

/** Seconds since the epoch, as far as a date goes. */
const seconds: t.Type<number> = new t.Type<number>(
  'seconds since the epoch',
  (value): value is number => isSeconds(value),
  (value, context) => (isSeconds(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const guideUsage = struct('McpAgentUsage', {
  input_tokens: maybe(t.number),
  output_tokens: maybe(t.number),
  cache_read_input_tokens: maybe(t.number),
  cache_creation_input_tokens: maybe(t.number),
});

const guideEvent = struct('McpAgentEvent', {
  type: t.string,
  content: optional(jsonPart),
  iteration: maybe(count),
  metadata: maybe(jsonObjectPart),
  timestamp: maybe(seconds),
  model: maybe(t.string),
  stop_reason: maybe(t.string),
  usage: maybe(guideUsage),
});
type GuideEvent = t.TypeOf<typeof guideEvent>;

const toolUse = struct('McpAgentToolUse', { id: maybe(t.string), name: t.string, input: optional(jsonPart) });
const toolResult = struct('McpAgentToolResult', {
  id: maybe(t.string),
  name: maybe(t.string),
  is_error: maybe(t.boolean),
  content: maybe(jsonPart),
});
const failure = struct('McpAgentError', { error: t.string });

/** The body of the guide's event, from its content. */
type ReadBody = (event: GuideEvent, context: t.Context) => t.Validation<EventBody>;

function reading<Content>(codec: t.Type<Content>, body: (content: Content, event: GuideEvent) => EventBody): ReadBody {
  return (event, context) => {
    const content = codec.validate(event.content, t.appendContext(context, 'content', codec, event.content));
    return E.isLeft(content) ? content : t.success(body(content.right, event));
  };
}

const withoutContent =
  (body: (event: GuideEvent) => EventBody): ReadBody =>
  (event) =>
    t.success(body(event));

const readBody: Readonly<Record<McpAgentEventType, ReadBody>> = {
  iteration_start: withoutContent(() => ({ type: 'iteration_start' })),
  text_delta: reading(t.string, (content) => ({ type: 'text_delta', content, block: 0 })),
  thinking: reading(t.string, (content) => ({ type: 'thinking', content, block: 0 })),
  tool_use_start: reading(toolUse, ({ id, name, input }) => ({
    type: 'tool_use_start',
    content: { id: id ?? '', name, input: input === undefined ? {} : input },
  })),
  tool_result: reading(toolResult, ({ id, name, is_error, content }) => ({
    type: 'tool_result',
    content: { id: id ?? '', name: name ?? '', content: blocksOf(content ?? null), isError: is_error ?? false, durationMs: 0 },
  })),
  tool_use_end: withoutContent(() => ({ type: 'tool_use_end', content: { id: '', name: '' } })),
  iteration_end: withoutContent((event) => ({
    type: 'iteration_end',
    usage: usageOf(event),
    stopReason: event.stop_reason ?? null,
  })),
  complete: withoutContent((event) => ({
    type: 'complete',
    usage: usageOf(event),
    stopReason: event.stop_reason ?? null,
    iterations: (event.iteration ?? 0) + 1,
    messages: [],
  })),
  error: reading(failure, ({ error }, event) => ({
    type: 'error',
    content: { error, code: 'unknown', retryable: false, partial: false },
    usage: usageOf(event),
    messages: [],
  })),
};

const fromMcpAgent: t.Type<StreamEventType> = new t.Type<StreamEventType>(
  'StreamEventFromMcpAgent',
  StreamEvent.is,
  (value, context) => {
    const event = guideEvent.validate(value, context);
    if (E.isLeft(event)) return event;
    const body = isGuideType(event.right.type) ? readBody[event.right.type](event.right, context) : t.success(rawBody(value));
    return E.isLeft(body) ? body : t.success(withEnvelope(envelopeOf(event.right), body.right));
  },
  t.identity,
);

/**
 * mcp-agent's own JSON, both ways: so that a Python endpoint can be consumed, and a client written for one be served.
 *
 * Decoding takes members that are missing or null for what they are by default, and ignores what it does not know; a
 * type beyond the nine becomes a `raw` event of the provider `mcp-agent`. What that JSON does not tell is neutral:
 * `runId` `''`, `seq` 0, `block` 0, the id and name in `tool_use_end` `''`, an error's code `unknown`. Give the events
 * ids and numbers of your own where you need them. Times are kept to the microsecond.
 *
 * Encoding is `toMcpAgent`: all eight members always, and null for an event that mcp-agent does not know, which is to be
 * left out: `pipe(map(StreamEventFromMcpAgent.encode), filter((event) => event !== null))`.
 */
export const StreamEventFromMcpAgent: t.Type<StreamEventType, McpAgentEvent | null> = new t.Type<StreamEventType, McpAgentEvent | null>(
  fromMcpAgent.name,
  StreamEvent.is,
  guarded(fromMcpAgent).validate,
  toMcpAgent,
);

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e12;
}

function isGuideType(type: string): type is McpAgentEventType {
  return Object.hasOwn(readBody, type);
}

function rawBody(event: unknown): EventBody {
  return { type: 'raw', content: { provider: mcpAgentProvider, event: jsonPart.is(event) ? event : null } };
}

function envelopeOf({ iteration, timestamp, model, metadata }: GuideEvent): Envelope {
  return {
    runId: '',
    seq: 0,
    path: [],
    iteration: iteration ?? 0,
    timestamp: Math.round((timestamp ?? 0) * 1_000_000) / 1_000,
    model: model ?? null,
    metadata: metadata ?? {},
  };
}

function usageOf({ usage }: GuideEvent): Usage | null {
  if (usage === null || usage === undefined) return null;
  return {
    inputTokens: usage.input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    raw: jsonObjectPart.is(usage) ? usage : {},
  };
}

/** A result's content: a text, MCP content blocks, or any value, which is written out. */
function blocksOf(content: Json): readonly ContentBlock[] {
  if (content === null) return [];
  return (Array.isArray(content) ? content : [content]).map((item: unknown) => blockOf(item));
}

function blockOf(item: unknown): ContentBlock {
  if (typeof item === 'string') return { type: 'text', text: item };
  if (!isRecord(item) || typeof item['type'] !== 'string') return { type: 'text', text: JSON.stringify(item) };
  if (contentBlockPart.is(item)) return item;
  const { type, data, mimeType } = item;
  if (type === 'image' && typeof data === 'string' && typeof mimeType === 'string') {
    return { type: 'image', source: { type: 'base64', mediaType: mimeType, data } };
  }
  return { type: 'provider', provider: mcpAgentProvider, block: jsonObjectPart.is(item) ? item : {} };
}
