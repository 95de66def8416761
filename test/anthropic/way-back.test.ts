import type Anthropic from '@anthropic-ai/sdk';
import fc, { type Arbitrary } from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import { anthropic, fromAnthropic, toAnthropic, type AnthropicConfig } from 'coldstream/anthropic';
import type { StreamEvent } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { buildRequest } from '../../src/providers/anthropic/build-request.js';
import type { ModelRequest } from '../../src/provider.js';
import { json, jsonObject } from '../support/arbitraries.js';
import { close, end, inputJson, KEY, open, sse, start, STOP } from './support.js';

type BlockParam = Anthropic.Beta.BetaContentBlockParam;
type Kind = BlockParam['type'];

const words = fc.string({ unit: 'grapheme', maxLength: 12 });
const id = fc.stringMatching(/^[a-z]{1,4}[_.:][0-9]{1,3}$/);
const cache_control = fc.constantFrom(null, { type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' });
const record = (members: Record<string, Arbitrary<unknown>>, ...requiredKeys: string[]): Arbitrary<object> => fc.record(members, { requiredKeys });
const of = <T>(value: T): Arbitrary<T> => fc.constant(value);

const textBlock = record({ type: of('text'), text: words, citations: fc.option(fc.array(jsonObject, { maxLength: 2 })), cache_control }, 'type', 'text');
const imageSource = fc.oneof(
  record({ type: of('base64'), media_type: fc.constantFrom('image/png', 'image/webp'), data: fc.base64String() }, 'type', 'media_type', 'data'),
  record({ type: of('url'), url: fc.webUrl() }, 'type', 'url'),
  record({ type: of('file'), file_id: words }, 'type', 'file_id'),
);
const documentSource = fc.oneof(
  imageSource,
  record({ type: of('base64'), media_type: fc.constantFrom('application/pdf', 'text/plain'), data: fc.base64String() }, 'type', 'media_type', 'data'),
  record({ type: of('text'), media_type: of('text/plain'), data: words }, 'type', 'media_type', 'data'),
  record({ type: of('content'), content: fc.oneof(words, fc.array(textBlock, { maxLength: 2 })) }, 'type', 'content'),
);
const image = record({ type: of('image'), source: imageSource, cache_control }, 'type', 'source');
const documentBlock = record({ type: of('document'), source: documentSource, title: fc.option(words), context: fc.option(words), citations: fc.option(record({ enabled: fc.boolean() })), cache_control }, 'type', 'source');
const searchResult = record({ type: of('search_result'), source: words, title: words, content: fc.array(textBlock, { maxLength: 2 }), cache_control }, 'type', 'source', 'title', 'content');
const reference = record({ type: of('tool_reference'), tool_name: words }, 'type', 'tool_name');
const inner = fc.array(fc.oneof(textBlock, image, documentBlock, searchResult, reference), { maxLength: 3 });
const toolResult = record({ type: of('tool_result'), tool_use_id: id, content: fc.oneof(words, inner), is_error: fc.boolean(), cache_control }, 'type', 'tool_use_id');
const call = (type: string): Arbitrary<object> =>
  record({ type: of(type), id, name: words, input: json, server_name: words, toolset_name: words, caller: jsonObject, cache_control }, 'type', 'id', 'name', 'input');
const opaque = (type: string): Arbitrary<object> => jsonObject.map((more) => ({ tool_use_id: 'srvtoolu_1', ...more, type }));

/** One for each kind that the SDK's types know: the compiler holds it whole. */
const blocks: Record<Kind, Arbitrary<object>> = {
  text: textBlock,
  image,
  document: documentBlock,
  search_result: searchResult,
  thinking: record({ type: of('thinking'), thinking: words, signature: fc.base64String() }, 'type', 'thinking', 'signature'),
  redacted_thinking: record({ type: of('redacted_thinking'), data: fc.base64String() }, 'type', 'data'),
  tool_use: call('tool_use'),
  tool_result: toolResult,
  server_tool_use: call('server_tool_use'),
  mcp_tool_use: call('mcp_tool_use'),
  web_search_tool_result: opaque('web_search_tool_result'),
  web_fetch_tool_result: opaque('web_fetch_tool_result'),
  advisor_tool_result: opaque('advisor_tool_result'),
  code_execution_tool_result: opaque('code_execution_tool_result'),
  bash_code_execution_tool_result: opaque('bash_code_execution_tool_result'),
  text_editor_code_execution_tool_result: opaque('text_editor_code_execution_tool_result'),
  tool_search_tool_result: opaque('tool_search_tool_result'),
  mcp_tool_result: opaque('mcp_tool_result'),
  mcp_tool_listing: opaque('mcp_tool_listing'),
  container_upload: opaque('container_upload'),
  compaction: opaque('compaction'),
  fallback: opaque('fallback'),
  tool_addition: opaque('tool_addition'),
  tool_removal: opaque('tool_removal'),
};
const anyBlock = fc.oneof(...Object.values(blocks), opaque('hologram'), jsonObject);

describe('fromAnthropic and toAnthropic', () => {
  it.each(Object.entries(blocks))('M14 M18: give back every %s, member by member', (_kind, block) => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), fc.constantFrom('user' as const, 'assistant' as const), (content, role) => {
        expect(toAnthropic(fromAnthropic({ role, content }))).toEqual({ role, content });
      }),
    );
  });

  it('M14: give back any message, also after it was stored as JSON', () => {
    fc.assert(
      fc.property(fc.array(anyBlock, { maxLength: 6 }), (content) => {
        const stored: Message = JSON.parse(JSON.stringify(fromAnthropic({ role: 'user', content })));
        expect(toAnthropic(stored)).toEqual({ role: 'user', content });
      }),
      { numRuns: 300 },
    );
  });

  it('write text that came instead of blocks as the block that it stands for', () => {
    fc.assert(
      fc.property(words, (content) => {
        expect(toAnthropic(fromAnthropic({ role: 'user', content }))).toEqual({ role: 'user', content: [{ type: 'text', text: content }] });
      }),
    );
  });

  it('let a result be changed: what stands in its content and its error is what is sent', () => {
    const came = fromAnthropic({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'long', is_error: false }] });
    const [result] = came.content;
    if (result?.type !== 'tool_result') throw new Error('no result');
    const send = (changed: Partial<typeof result>): unknown => toAnthropic({ ...came, content: [{ ...result, ...changed }] }).content[0];
    expect(send({ content: [{ type: 'text', text: 'cut' }], isError: true })).toEqual({ type: 'tool_result', tool_use_id: 't', content: 'cut', is_error: true });
    const cited: ContentBlock = { type: 'text', text: 'a', citations: [] };
    expect(send({ content: [cited] })).toMatchObject({ content: [{ type: 'text', text: 'a', citations: [] }], is_error: false });
    expect(send({ content: [cited, cited] })).toMatchObject({ content: [{}, {}] });
    expect(send({ content: [] })).toMatchObject({ content: '' });
  });

  it('read messages as the types of the SDK have them, members that are undefined left out', () => {
    const asked = { type: 'document' as const, source: { type: 'url' as const, url: 'https://example.org' }, title: null, citations: {} };
    const history: Anthropic.Beta.BetaMessageParam[] = [{ role: 'user', content: [asked] }];
    expect(history.map((message) => toAnthropic(fromAnthropic(message)))).toEqual(history);
    const loose = { ...asked, title: undefined, citations: { enabled: undefined } };
    expect(toAnthropic(fromAnthropic({ role: 'user', content: [loose] })).content).toStrictEqual([{ type: 'document', source: asked.source, citations: {} }]);
  });

  it('D1: refuse what is not safe to handle, however deep it stands', () => {
    const block = (text: string): object => ({ type: 'text', text: 'a', more: JSON.parse(text) });
    for (const text of ['{"__proto__":{"admin":true}}', '[{"constructor":{"prototype":1}}]', `${'['.repeat(2000)}${']'.repeat(2000)}`]) {
      expect(() => fromAnthropic({ role: 'user', content: [block(text)] })).toThrow(expect.objectContaining({ _tag: 'InvalidRequestError' }));
    }
    const own: object = JSON.parse('{"type":"text","text":"a","__proto__":{"admin":true}}');
    expect(() => fromAnthropic({ role: 'user', content: [own] })).toThrow(/__proto__/);
    expect(() => fromAnthropic({ role: 'user', content: [{ type: 'x', y: 1n }] })).toThrow(/bigint/);
    expect(() => fromAnthropic({ role: 'assistant', content: 'a', container: JSON.parse('{"__proto__":1}') })).toThrow(/__proto__/);
  });
});

const body = (messages: readonly Message[], more: Partial<ModelRequest> = {}, config: Partial<AnthropicConfig> = {}): ReturnType<typeof buildRequest> =>
  buildRequest({ model: 'claude-test', ...config }, { messages, ...more });

describe('a history that Bedrock made', () => {
  const png = { type: 'base64', mediaType: 'image/png', data: 'AAAA' } as const;
  const theirs: Message = {
    role: 'assistant',
    origin: 'bedrock',
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 'theirs' },
      { type: 'redacted_thinking', data: 'theirs' },
      { type: 'text', text: 'a', citations: [{ theirs: 1 }], wire: { theirs: 1 } },
      { type: 'tool_use', id: 'tooluse_1.a:b', name: 'clock', input: {}, wire: { theirs: 1 } },
      { type: 'provider', provider: 'bedrock', block: { toolUse: { type: 'server_tool_use' } } },
    ],
  };
  const answer: Message = {
    role: 'user',
    origin: 'bedrock',
    content: [{ type: 'tool_result', toolUseId: 'tooluse_1.a:b', isError: false, wire: { type: 'x' }, content: [{ type: 'image', source: png }, { type: 'provider', provider: 'bedrock', block: { video: {} } }] }],
  };
  const HI: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };

  it('is sent without what only Bedrock understands, and the message says what was left out', () => {
    const built = body([HI, theirs, answer]);
    const [, asked, answered] = [built.body['messages']].flat();
    const sentId = expect.stringMatching(/^[a-zA-Z0-9_-]+$/);
    expect(asked).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'a' }, { type: 'tool_use', id: sentId, name: 'clock', input: {} }] });
    expect(answered).toEqual({ role: 'user', content: [{ type: 'tool_result', tool_use_id: sentId, content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }] }] });
    expect(JSON.stringify(built.body)).not.toContain('theirs');
    const ids = [...JSON.stringify(built.body).matchAll(/tooluse_[\w-]+/g)].map(String);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(built.metadata).toEqual({
      omitted: [
        { message: 1, type: 'thinking', origin: 'bedrock' },
        { message: 1, type: 'redacted_thinking', origin: 'bedrock' },
        { message: 1, type: 'text', origin: 'bedrock', members: ['citations', 'theirs'] },
        { message: 1, type: 'tool_use', origin: 'bedrock', members: ['theirs'] },
        { message: 1, type: 'provider', origin: 'bedrock' },
        { message: 2, type: 'tool_result', origin: 'bedrock', members: ['type'] },
        { message: 2, type: 'provider', origin: 'bedrock' },
      ],
    });
    expect(toAnthropic(theirs).content).toEqual([{ type: 'text', text: 'a' }, { type: 'tool_use', id: sentId, name: 'clock', input: {} }]);
    expect([toAnthropic(theirs).content[1]?.['id']]).toEqual(ids.slice(0, 1));
  });

  it('is told in the metadata of the message that answers', async () => {
    const frames = [start(), end(), STOP];
    const provider = anthropic({ model: 'claude-test', apiKey: KEY, fetch: () => Promise.resolve(new Response(sse(frames), { headers: { 'content-type': 'text/event-stream' } })) });
    const last = await lastValueFrom(provider({ messages: [HI, { ...theirs, content: theirs.content.slice(0, 1) }, HI] }));
    expect(last).toMatchObject({ type: 'message', metadata: { omitted: [{ message: 1, type: 'thinking', origin: 'bedrock' }] } });
    expect((await lastValueFrom(provider({ messages: [HI] }))).metadata).toEqual({});
  });

  it('names to the model what cannot be loaded here', () => {
    const shown: ContentBlock[] = [
      { type: 'image', source: { type: 'url', url: 's3://bucket/a.png' } },
      { type: 'document', source: { type: 'base64', mediaType: 'application/msword', data: 'AAAA' } },
      { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
      { type: 'document', source: { type: 'base64', mediaType: 'text/csv', data: btoa('a,b') } },
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
    ];
    expect(toAnthropic({ role: 'user', origin: 'bedrock', content: shown }).content).toEqual([
      { type: 'text', text: '[image that could not be sent: s3://bucket/a.png]' },
      { type: 'text', text: '[document that could not be sent: application/msword]' },
      { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } },
    ]);
    // The application's own words are the service's to judge.
    expect(toAnthropic({ role: 'user', content: shown }).content.map(({ type }) => type)).toEqual(['image', 'document', 'image', 'document', 'document']);
  });
});

describe('tool names', () => {
  const OWN = 'files.read/größe';
  const tools = [{ name: OWN, description: 'Reads.', inputSchema: { type: 'object' } }];
  const HI: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };

  it('D15 that the wire refuses are others there and their own again in every event, turn after turn', async () => {
    const bodies: string[] = [];
    const fetch: typeof globalThis.fetch = (_input, init) => {
      const sent = typeof init?.body === 'string' ? init.body : '';
      bodies.push(sent);
      const name = /"tools":\[\{"name":"([^"]+)"/.exec(sent)?.[1] ?? '';
      const call: JsonObject = { type: 'tool_use', id: `toolu_${bodies.length}`, name, input: {} };
      return Promise.resolve(new Response(sse([start(), open(0, call), inputJson(0, '{}'), close(0), end('tool_use'), STOP]), { headers: { 'content-type': 'text/event-stream' } }));
    };
    const provider = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: 'http://127.0.0.1', fetch });
    const messages = [HI];
    for (let turn = 1; turn <= 3; turn++) {
      const events: StreamEvent[] = await lastValueFrom(provider({ messages, tools, toolChoice: { name: OWN } }).pipe(toArray()));
      const told = events.flatMap((event) => (event.type === 'tool_input_start' || event.type === 'tool_use_start' ? [event.content.name] : []));
      expect(told).toEqual([OWN, OWN]);
      const last = events.at(-1);
      if (last?.type !== 'message') throw new Error('no message');
      expect(last.message.content).toEqual([{ type: 'tool_use', id: `toolu_${turn}`, name: OWN, input: {} }]);
      messages.push(last.message, { role: 'user', content: [{ type: 'tool_result', toolUseId: `toolu_${turn}`, content: [], isError: false }] });
    }
    const names = bodies.flatMap((sent) => [...sent.matchAll(/"name":"([^"]+)"/g)].map((found) => found[1]));
    expect(names).toHaveLength(3 * 2 + 1 + 2);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it('D15 make way for the names of the tools that the service runs', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    const sent = body([HI], { tools: [{ name: 'web.search', description: '', inputSchema: {} }] }, { serverTools: [search] }).body['tools'];
    const names = [sent].flat().map((tool) => (typeof tool === 'object' && tool !== null && 'name' in tool ? tool['name'] : undefined));
    expect(names[1]).toBe('web_search');
    expect(names[0]).toMatch(/^web_search_\w+$/);
  });

  it('of tools that the service runs itself stay as they are', async () => {
    const use = { type: 'server_tool_use', id: 's', name: 'files_read_gr__e', input: {} };
    const provider = anthropic({ model: 'claude-test', apiKey: KEY, fetch: () => Promise.resolve(new Response(sse([start(), open(0, use), close(0), end(), STOP]), { headers: { 'content-type': 'text/event-stream' } })) });
    const events = await lastValueFrom(provider({ messages: [HI], tools }).pipe(toArray()));
    expect(events).toContainEqual(expect.objectContaining({ type: 'server_tool_use', content: expect.objectContaining({ name: use.name }) }));
  });
});
