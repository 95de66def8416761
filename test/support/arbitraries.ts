import fc, { type Arbitrary } from 'fast-check';
import { withEnvelope } from '../../src/events/construct.js';
import type { Envelope, EventBody, StreamEvent, StreamEventType } from '../../src/events/events.js';
import { isJson } from '../../src/events/json-guard.js';
import type { Json, JsonObject } from '../../src/events/json.js';
import type { ErrorCode } from '../../src/errors/codes.js';
import type { ContentBlock, MediaSource, Message } from '../../src/messages/message.js';
import type { Usage } from '../../src/messages/usage.js';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const id = fc.stringMatching(/^[a-z]{1,4}_[0-9]{1,3}$/);
const position = fc.nat({ max: 1_000 });
/** JSON has no negative zero. */
const decimal = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number));

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON of any shape that {@link isJson} takes; what `JSON.parse` gives for its text is equal to it. */
export const json: Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter(isJson);

export const jsonObject: Arbitrary<JsonObject> = fc
  .dictionary(text, json, { maxKeys: 3 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter(isJson)
  .filter(isJsonObject);

export const usage: Arbitrary<Usage> = fc.record(
  { inputTokens: position, outputTokens: position, cacheReadTokens: position, cacheWriteTokens: position, reasoningTokens: position, raw: jsonObject },
  { requiredKeys: ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'raw'] },
);

const mediaSource: Arbitrary<MediaSource> = fc.oneof(
  fc.record({ type: fc.constant('base64' as const), mediaType: fc.constantFrom('image/png', 'application/pdf'), data: fc.base64String() }),
  fc.record({ type: fc.constant('url' as const), url: fc.webUrl() }),
);

function contentBlockOf(depth: number): Arbitrary<ContentBlock> {
  const inner = depth > 0 ? fc.array(contentBlockOf(depth - 1), { maxLength: 2 }) : fc.constant([]);
  return fc.oneof(
    fc.record(
      { type: fc.constant('text' as const), text, citations: fc.array(json, { maxLength: 2 }), wire: jsonObject },
      { requiredKeys: ['type', 'text'] },
    ),
    fc.record({ type: fc.constant('image' as const), source: mediaSource, wire: jsonObject }, { requiredKeys: ['type', 'source'] }),
    fc.record({ type: fc.constant('document' as const), source: mediaSource, wire: jsonObject }, { requiredKeys: ['type', 'source'] }),
    fc.record(
      { type: fc.constant('tool_use' as const), id, name: text, input: json, wire: jsonObject },
      { requiredKeys: ['type', 'id', 'name', 'input'] },
    ),
    fc.record(
      { type: fc.constant('tool_result' as const), toolUseId: id, content: inner, isError: fc.boolean(), wire: jsonObject },
      { requiredKeys: ['type', 'toolUseId', 'content', 'isError'] },
    ),
    fc.record(
      { type: fc.constant('thinking' as const), thinking: text, signature: text, wire: jsonObject },
      { requiredKeys: ['type', 'thinking'] },
    ),
    fc.record({ type: fc.constant('redacted_thinking' as const), data: text, wire: jsonObject }, { requiredKeys: ['type', 'data'] }),
    fc.record({ type: fc.constant('provider' as const), provider: text, block: jsonObject }),
  );
}

export const contentBlock: Arbitrary<ContentBlock> = contentBlockOf(2);

export const message: Arbitrary<Message> = fc.record(
  { role: fc.constantFrom('user' as const, 'assistant' as const), content: fc.array(contentBlock, { maxLength: 3 }), origin: text, wire: jsonObject },
  { requiredKeys: ['role', 'content'] },
);

export const envelope: Arbitrary<Envelope> = fc.record({
  runId: id,
  seq: position,
  path: fc.array(id, { maxLength: 2 }),
  iteration: position,
  timestamp: fc.nat({ max: 4_000_000_000_000 }),
  model: fc.option(text),
  metadata: jsonObject,
});

const errorCode = fc.constantFrom<ErrorCode>('connection', 'rate_limit', 'truncated', 'history_busy', 'unknown');
const messages = fc.array(message, { maxLength: 2 });
const stopReason = fc.option(text);
const maybeUsage = fc.option(usage);
const call = { id, name: text };

/** One arbitrary for each type of event, without its envelope. */
export const eventBody: { readonly [Type in StreamEventType]: Arbitrary<Extract<EventBody, { readonly type: Type }>> } = {
  run_start: fc.record(
    { type: fc.constant('run_start'), input: messages, historyLength: position, name: text, threadId: id },
    { requiredKeys: ['type', 'input', 'historyLength'] },
  ),
  iteration_start: fc.record({ type: fc.constant('iteration_start') }),
  text_delta: fc.record({ type: fc.constant('text_delta'), content: text, block: position }),
  thinking: fc.record({ type: fc.constant('thinking'), content: text, block: position }),
  citation: fc.record({ type: fc.constant('citation'), content: json, block: position }),
  tool_input_start: fc.record({ type: fc.constant('tool_input_start'), content: fc.record(call), block: position }),
  tool_input_delta: fc.record({ type: fc.constant('tool_input_delta'), content: fc.record({ id, delta: text }), block: position }),
  tool_use_start: fc.record({
    type: fc.constant('tool_use_start'),
    content: fc.record(
      { ...call, input: json, inputError: fc.record({ text, message: text }) },
      { requiredKeys: ['id', 'name', 'input'] },
    ),
  }),
  tool_progress: fc.record({
    type: fc.constant('tool_progress'),
    content: fc.record(
      { ...call, progress: decimal, total: decimal, message: text, partial: json },
      { requiredKeys: ['id', 'name'] },
    ),
  }),
  tool_approval: fc.record({
    type: fc.constant('tool_approval'),
    content: fc.record(
      { ...call, input: json, decision: fc.constantFrom('requested' as const, 'granted' as const, 'denied' as const), reason: text },
      { requiredKeys: ['id', 'name', 'input', 'decision'] },
    ),
  }),
  tool_result: fc.record({
    type: fc.constant('tool_result'),
    content: fc.record(
      { ...call, content: fc.array(contentBlock, { maxLength: 2 }), isError: fc.boolean(), structured: json, durationMs: position },
      { requiredKeys: ['id', 'name', 'content', 'isError', 'durationMs'] },
    ),
  }),
  tool_use_end: fc.record({ type: fc.constant('tool_use_end'), content: fc.record(call) }),
  server_tool_use: fc.record({ type: fc.constant('server_tool_use'), content: fc.record({ ...call, input: json, block: position }) }),
  server_tool_result: fc.record({
    type: fc.constant('server_tool_result'),
    content: fc.record({ ...call, content: json, isError: fc.boolean(), block: position }),
  }),
  usage: fc.record({ type: fc.constant('usage'), usage }),
  message: fc.record({ type: fc.constant('message'), message, id, stopReason, usage: maybeUsage }, { requiredKeys: ['type', 'message'] }),
  retry: fc.record({
    type: fc.constant('retry'),
    content: fc.record(
      {
        attempt: position,
        delayMs: position,
        error: fc.record({ code: errorCode, message: text }),
        discard: fc.boolean(),
        to: text,
      },
      { requiredKeys: ['attempt', 'delayMs', 'error', 'discard'] },
    ),
    usage: maybeUsage,
  }),
  raw: fc.record({ type: fc.constant('raw'), content: fc.record({ provider: text, event: json }) }),
  custom: fc.record({ type: fc.constant('custom'), name: text, content: json }),
  iteration_end: fc.record({ type: fc.constant('iteration_end'), usage: maybeUsage, stopReason }),
  complete: fc.record(
    { type: fc.constant('complete'), usage: maybeUsage, stopReason, iterations: position, messages, output: json, pending: fc.array(json, { maxLength: 2 }) },
    { requiredKeys: ['type', 'usage', 'stopReason', 'iterations', 'messages'] },
  ),
  error: fc.record({
    type: fc.constant('error'),
    content: fc.record({ error: text, code: errorCode, retryable: fc.boolean(), partial: fc.boolean() }),
    usage: maybeUsage,
    messages,
  }),
};

/** Events of one type. */
export function streamEventOf(type: StreamEventType): Arbitrary<StreamEvent> {
  const body: Arbitrary<EventBody> = eventBody[type];
  return fc.tuple(envelope, body).map(([around, inner]) => withEnvelope(around, inner));
}

/** Events of every type. */
export const streamEvent: Arbitrary<StreamEvent> = fc
  .tuple(envelope, fc.oneof<Arbitrary<EventBody>[]>(...Object.values(eventBody)))
  .map(([around, inner]) => withEnvelope(around, inner));
