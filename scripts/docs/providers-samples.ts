import type { JsonObject } from '../../src/events/json.js';
import type { StreamEventType } from '../../src/events/events.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import type { ModelRequest } from '../../src/provider.js';

/** Blocks that a conversation may hold, each with who wrote its message. */
export const blocks: readonly (readonly [what: string, message: Message])[] = (
  [
    ['text', { type: 'text', text: 'Hi' }],
    ['image, as bytes', { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } }],
    ['image, at an address', { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }],
    ['image, in S3', { type: 'image', source: { type: 'url', url: 's3://bucket/a.png' } }],
    ['document', { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } }],
    ['tool_use', { type: 'tool_use', id: 'call_1', name: 'clock', input: {} }],
    ['tool_result', { type: 'tool_result', toolUseId: 'call_1', content: [{ type: 'text', text: 'noon' }], isError: false }],
    ['tool_result, an error', { type: 'tool_result', toolUseId: 'call_1', content: [{ type: 'text', text: 'no' }], isError: true }],
    ['thinking', { type: 'thinking', thinking: 'Hm.', signature: 'Eu0E' }],
    ['redacted_thinking', { type: 'redacted_thinking', data: 'RXRr' }],
    ['text with citations', { type: 'text', text: 'Hi', citations: [{ title: 'a' }] }],
  ] satisfies readonly (readonly [string, ContentBlock])[]
).map(([what, block]) => [what, { role: 'user', content: [block] }]);

const clock = { name: 'clock', description: 'The time.', inputSchema: { type: 'object' } };

/** Members of a request. Those that need tools have them. */
export const requests: readonly (readonly [what: string, request: Partial<ModelRequest>])[] = [
  ['`instructions`', { instructions: 'Be brief.' }],
  ['`maxTokens: 100`', { maxTokens: 100 }],
  ['`temperature: 0`', { temperature: 0 }],
  ["`stopSequences: ['END']`", { stopSequences: ['END'] }],
  ['`tools`', { tools: [clock] }],
  ["`toolChoice: 'auto'`", { tools: [clock], toolChoice: 'auto' }],
  ["`toolChoice: 'any'`", { tools: [clock], toolChoice: 'any' }],
  ["`toolChoice: 'none'`", { tools: [clock], toolChoice: 'none' }],
  ["`toolChoice: { name: 'clock' }`", { tools: [clock], toolChoice: { name: 'clock' } }],
  ["`extra: { anything: 1 }`", { extra: { anything: 1 } }],
];

/** What is told of the wire's events: the last of the given ones brings the event. */
interface EventSample {
  readonly event: StreamEventType;
  readonly anthropic: readonly JsonObject[];
  readonly bedrock: readonly (readonly [type: string, body: JsonObject])[];
}

const open = (index: number, content_block: JsonObject): JsonObject => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, change: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta: change });
const close = (index: number): JsonObject => ({ type: 'content_block_stop', index });
const start = (contentBlockIndex: number, begun: JsonObject): readonly [string, JsonObject] => ['contentBlockStart', { contentBlockIndex, start: begun }];
const change = (contentBlockIndex: number, changed: JsonObject): readonly [string, JsonObject] => ['contentBlockDelta', { contentBlockIndex, delta: changed }];
const stop = (contentBlockIndex: number): readonly [string, JsonObject] => ['contentBlockStop', { contentBlockIndex }];

const call = { type: 'tool_use', id: 'call_1', name: 'clock', input: {} };
const toolUse = { toolUseId: 'call_1', name: 'clock' };

export const events: readonly EventSample[] = [
  {
    event: 'text_delta',
    anthropic: [open(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Hi' })],
    bedrock: [change(0, { text: 'Hi' })],
  },
  {
    event: 'thinking',
    anthropic: [open(0, { type: 'thinking', thinking: '' }), delta(0, { type: 'thinking_delta', thinking: 'Hm.' })],
    bedrock: [change(0, { reasoningContent: { text: 'Hm.' } })],
  },
  {
    event: 'citation',
    anthropic: [open(0, { type: 'text', text: '' }), delta(0, { type: 'citations_delta', citation: { title: 'a' } })],
    bedrock: [change(0, { citation: { title: 'a' } })],
  },
  { event: 'tool_input_start', anthropic: [open(0, call)], bedrock: [start(0, { toolUse })] },
  {
    event: 'tool_input_delta',
    anthropic: [open(0, call), delta(0, { type: 'input_json_delta', partial_json: '{"a"' })],
    bedrock: [start(0, { toolUse }), change(0, { toolUse: { input: '{"a"' } })],
  },
  { event: 'tool_use_start', anthropic: [open(0, call), close(0)], bedrock: [start(0, { toolUse }), stop(0)] },
  {
    event: 'server_tool_use',
    anthropic: [open(0, { ...call, type: 'server_tool_use' }), close(0)],
    bedrock: [start(0, { toolUse: { ...toolUse, type: 'server_tool_use' } }), stop(0)],
  },
  {
    event: 'server_tool_result',
    anthropic: [open(0, { type: 'web_search_tool_result', tool_use_id: 'call_1', content: [] }), close(0)],
    bedrock: [start(0, { toolResult: { toolUseId: 'call_1', type: 'nova_grounding_result', status: 'success' } }), stop(0)],
  },
  {
    event: 'usage',
    anthropic: [{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }],
    bedrock: [
      ['messageStop', { stopReason: 'end_turn' }],
      ['metadata', { usage: { inputTokens: 3, outputTokens: 4 } }],
    ],
  },
  { event: 'raw', anthropic: [{ type: 'not_known_yet' }], bedrock: [['notKnownYet', {}]] },
];

/** Counters of each wire in our words. */
export const anthropicUsage: JsonObject = {
  input_tokens: 1,
  output_tokens: 2,
  cache_read_input_tokens: 3,
  cache_creation_input_tokens: 4,
  output_tokens_details: { thinking_tokens: 5 },
};
export const bedrockUsage: JsonObject = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, cacheWriteInputTokens: 4 };

/** Answers that are refusals. */
export const statuses: readonly number[] = [302, 400, 401, 403, 404, 408, 413, 424, 429, 500, 502, 503, 529];
