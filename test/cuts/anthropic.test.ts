import Anthropic from '@anthropic-ai/sdk';
import { anthropic } from 'coldstream/anthropic';
import type { EventBody } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock } from '../../src/messages/message.js';
import { bytesOf, type CutStream } from './cut-stream.js';
import { serveHttp1, ways } from './http1.js';
import { summaryOf, tryCuts } from './try-cuts.js';

const frame = (type: string, rest: JsonObject, ...tells: EventBody[]): CutStream['frames'][number] => ({
  bytes: new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`),
  tells,
});

const usage = (outputTokens: number): Extract<EventBody, { readonly type: 'usage' }> => ({
  type: 'usage',
  usage: { inputTokens: 1, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, raw: { input_tokens: 1, output_tokens: outputTokens } },
});
const began = frame('message_start', { message: { id: 'm', model: 'x', content: [], usage: { input_tokens: 1, output_tokens: 1 } } }, usage(1));
const opened = (content_block: JsonObject, ...tells: EventBody[]) => frame('content_block_start', { index: 0, content_block }, ...tells);
const changed = (delta: JsonObject, ...tells: EventBody[]) => frame('content_block_delta', { index: 0, delta }, ...tells);
const closed = (...tells: EventBody[]) => frame('content_block_stop', { index: 0 }, ...tells);
const stopped = (stopReason: string, block: ContentBlock) => [
  frame('message_delta', { delta: { stop_reason: stopReason }, usage: { output_tokens: 7 } }, usage(7)),
  frame('message_stop', {}, { type: 'message', message: { role: 'assistant', content: [block], origin: 'anthropic' }, id: 'm', stopReason, usage: usage(7).usage }),
];
const stream = (name: string, ...frames: CutStream['frames']): CutStream => ({ name, contentType: 'text/event-stream', frames });

const streams: readonly CutStream[] = [
  stream(
    'text of several bytes a character',
    began,
    opened({ type: 'text', text: '' }),
    changed({ type: 'text_delta', text: 'Ďá 😀' }, { type: 'text_delta', content: 'Ďá 😀', block: 0 }),
    closed(),
    ...stopped('end_turn', { type: 'text', text: 'Ďá 😀' }),
  ),
  stream(
    'a tool call',
    began,
    opened({ type: 'tool_use', id: 'c', name: 'f', input: {} }, { type: 'tool_input_start', content: { id: 'c', name: 'f' }, block: 0 }),
    changed({ type: 'input_json_delta', partial_json: '{"a":1}' }, { type: 'tool_input_delta', content: { id: 'c', delta: '{"a":1}' }, block: 0 }),
    closed({ type: 'tool_use_start', content: { id: 'c', name: 'f', input: { a: 1 } } }),
    ...stopped('tool_use', { type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } }),
  ),
  stream(
    'signed thinking',
    began,
    opened({ type: 'thinking', thinking: '', signature: '' }),
    changed({ type: 'thinking_delta', thinking: 'Hm' }, { type: 'thinking', content: 'Hm', block: 0 }),
    changed({ type: 'signature_delta', signature: 'c2ln' }),
    closed(),
    ...stopped('end_turn', { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }),
  ),
];

describe.each(streams)('N4 N5 N6 N7: $name, cut after every byte', (cut) => {
  it.each(ways)('by %s: exactly the events of the whole frames, then a typed error; whole only with its last byte', async (way) => {
    const server = await serveHttp1(cut, way);
    try {
      const provider = anthropic({ model: 'x', client: new Anthropic({ apiKey: 'none', baseURL: server.url }) });
      const tags = [way === 'a clean end' ? 'TruncatedStreamError' : 'ConnectionError'];
      expect(summaryOf(await tryCuts(cut, { provider, server, breaks: way !== 'a clean end', tags }))).toBe('');
      expect(server.requests()).toBe(bytesOf(cut).length + 1);
    } finally {
      await server.close();
    }
  });
});
