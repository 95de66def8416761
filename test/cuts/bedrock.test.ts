import { bedrock } from 'coldstream/bedrock';
import type { EventBody } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock } from '../../src/messages/message.js';
import { EVENT_STREAM, eventFrame } from '../support/event-stream.js';
import { asEvents, bytesOf, type CutStream, type ToldFrame } from './cut-stream.js';
import { serveHttp1, ways, type CutServer } from './http1.js';
import { http2Ways, serveCutsOverHttp2 } from './http2.js';
import { summaryOf, tryCuts } from './try-cuts.js';

const frame = (type: string, body: JsonObject, ...tells: EventBody[]): ToldFrame => ({ bytes: eventFrame(type, body), tells });
const delta = (change: JsonObject, ...tells: EventBody[]): ToldFrame => frame('contentBlockDelta', { contentBlockIndex: 0, delta: change }, ...tells);
const began = frame('messageStart', { role: 'assistant' });
const closed = (...tells: EventBody[]): ToldFrame => frame('contentBlockStop', { contentBlockIndex: 0 }, ...tells);
const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, raw: { inputTokens: 1, outputTokens: 2 } };

/** With its stop the turn is whole, and all that a cut then takes is what it cost. */
function stream(name: string, stopReason: string, block: ContentBlock, ...frames: readonly ToldFrame[]): CutStream {
  const message: EventBody = { type: 'message', message: { role: 'assistant', content: [block], origin: 'bedrock' }, stopReason, usage };
  return {
    name,
    contentType: EVENT_STREAM,
    frames: [...frames, frame('messageStop', { stopReason }), frame('metadata', { usage: usage.raw }, { type: 'usage', usage }, message)],
    enough: {
      frames: frames.length + 1,
      adds: asEvents([{ ...message, usage: null }]).map((event) => ({ ...event, metadata: { incomplete: 'metadata' } })),
    },
  };
}

const streams: readonly CutStream[] = [
  stream(
    'text of several bytes a character',
    'end_turn',
    { type: 'text', text: 'Ďá 😀' },
    began,
    delta({ text: 'Ďá 😀' }, { type: 'text_delta', content: 'Ďá 😀', block: 0 }),
    closed(),
  ),
  stream(
    'a tool call',
    'tool_use',
    { type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } },
    began,
    frame('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'c', name: 'f' } } }, { type: 'tool_input_start', content: { id: 'c', name: 'f' }, block: 0 }),
    delta({ toolUse: { input: '{"a":1}' } }, { type: 'tool_input_delta', content: { id: 'c', delta: '{"a":1}' }, block: 0 }),
    closed({ type: 'tool_use_start', content: { id: 'c', name: 'f', input: { a: 1 } } }),
  ),
  stream(
    'signed reasoning',
    'end_turn',
    { type: 'thinking', thinking: 'Hm', signature: 'c2ln' },
    began,
    delta({ reasoningContent: { text: 'Hm' } }, { type: 'thinking', content: 'Hm', block: 0 }),
    delta({ reasoningContent: { signature: 'c2ln' } }),
    closed(),
  ),
];

const isEnd = (way: string): boolean => way === 'a clean end';

async function cutEverywhere(cut: CutStream, handler: 'http1' | 'http2', breaks: boolean, tags: readonly string[], serving: Promise<CutServer>): Promise<void> {
  const server = await serving;
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'none' };
  try {
    const provider = bedrock({ model: 'm', region: 'us-east-1', endpoint: server.url, handler, credentials });
    expect(summaryOf(await tryCuts(cut, { provider, server, breaks, tags }))).toBe('');
    expect(server.requests()).toBe(bytesOf(cut).length + 1);
  } finally {
    await server.close();
  }
}

describe.each(streams)('N40 N41 N44: $name, cut after every byte', (cut) => {
  it.each(http2Ways)('over HTTP/2 by %s: exactly the events of the whole frames, then a typed error; whole with messageStop', async (way) => {
    await cutEverywhere(cut, 'http2', way !== 'a clean end', [isEnd(way) ? 'TruncatedStreamError' : 'ConnectionError'], serveCutsOverHttp2(cut, way));
  });

  it.each(ways)('over HTTP/1.1 by %s: exactly the events of the whole frames, then a typed error; whole with messageStop', async (way) => {
    await cutEverywhere(cut, 'http1', way !== 'a clean end', [isEnd(way) ? 'TruncatedStreamError' : 'ConnectionError'], serveHttp1(cut, way));
  });
});
