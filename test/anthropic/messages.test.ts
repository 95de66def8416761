import fc from 'fast-check';
import type Anthropic from '@anthropic-ai/sdk';
import { fromAnthropic, toAnthropic, type AnthropicConfig } from 'coldstream/anthropic';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { buildRequest } from '../../src/providers/anthropic/build-request.js';
import type { ModelRequest } from '../../src/provider.js';
import { jsonObject } from '../support/arbitraries.js';

const CONFIG: AnthropicConfig = { model: 'claude-test' };
const say = (text: string): ContentBlock => ({ type: 'text', text });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', origin: 'anthropic', content });
const body = (request: Partial<ModelRequest>, config: AnthropicConfig = CONFIG): JsonObject => buildRequest(config, { messages: [user(say('Hello'))], ...request }).body;
const messages = (...given: Message[]): unknown => body({ messages: given })['messages'];

const BLOCKS: readonly JsonObject[] = [
  { type: 'thinking', thinking: '', signature: 'omitted==' },
  { type: 'thinking', thinking: 'Hm. \ud800', signature: 'ErYC+/=' },
  { type: 'redacted_thinking', data: 'opaque+/=' },
  { type: 'text', text: 'a', citations: null },
  { type: 'text', text: 'b', citations: [] },
  { type: 'text', text: 'c', citations: [{ type: 'web_search_result_location', encrypted_index: 'Eo8B' }] },
  { type: 'tool_use', id: 'toolu_1', name: 'clock', input: { zone: 'Lima' }, caller: { type: 'direct' } },
  { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'rxjs' } },
  { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [{ type: 'web_search_result', encrypted_content: 'EugC' }] },
  { type: 'compaction', content: null, encrypted_content: 'x==' },
  { type: 'hologram', depth: { of: [1, null] } },
];

describe('fromAnthropic and toAnthropic', () => {
  it('M14 M18: give back every member of every block, byte by byte in what is opaque', () => {
    const message = { role: 'assistant', content: BLOCKS } as const;
    expect(toAnthropic(fromAnthropic(message))).toEqual(message);
  });

  it('M14: give back blocks of any shape', () => {
    const block = fc.oneof(
      jsonObject,
      fc.record({ type: fc.constantFrom('text', 'thinking', 'tool_use', 'redacted_thinking', 'image', 'document', 'other') }).chain((typed) => jsonObject.map((more) => ({ ...more, ...typed }))),
      fc.constantFrom(...BLOCKS).chain((known) => jsonObject.map((more) => ({ ...more, ...known }))),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), (content) => {
        expect(toAnthropic(fromAnthropic({ role: 'assistant', content }))).toEqual({ role: 'assistant', content });
      }),
      { numRuns: 500 },
    );
  });

  it('take content as a string, and a message of the SDK as it is typed there', () => {
    const history: Anthropic.MessageParam[] = [
      { role: 'user', content: 'Hello' },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'fine' }] },
    ];
    expect(history.map(fromAnthropic)).toEqual([
      { role: 'user', origin: 'anthropic', content: [say('Hello')] },
      { role: 'user', origin: 'anthropic', content: [{ type: 'tool_result', toolUseId: 'toolu_1', content: [say('fine')], isError: false, wire: { content: '' } }] },
    ]);
    expect(() => fromAnthropic({ role: 'system', content: 'Be brief.' })).toThrow('instructions');
  });

  it('read images and documents, and keep members that are not ours', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' }, cache_control: { type: 'ephemeral' } };
    const document = { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } };
    const file = { type: 'document', source: { type: 'file', file_id: 'file_1' } };
    const message = fromAnthropic({ role: 'user', content: [image, document, file] });
    expect(message.content).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' }, wire: { cache_control: { type: 'ephemeral' } } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      { type: 'provider', provider: 'anthropic', block: file },
    ]);
    expect(toAnthropic(message).content).toEqual([image, document, file]);
  });

  it('leave out of a foreign message what only its own service understands', () => {
    const foreign: Message = {
      role: 'assistant',
      origin: 'bedrock',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'theirs' },
        { type: 'redacted_thinking', data: 'theirs' },
        { type: 'text', text: 'a', citations: [{ theirs: 1 }], wire: { theirs: 1 } },
        { type: 'tool_use', id: 'tooluse_1', name: 'clock', input: {}, wire: { theirs: 1 } },
        { type: 'provider', provider: 'bedrock', block: { theirs: 1 } },
      ],
    };
    expect(toAnthropic(foreign).content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'tool_use', id: 'tooluse_1', name: 'clock', input: {} },
    ]);
  });
});

describe('buildRequest', () => {
  it('asks for a stream from the model, with a limit', () => {
    expect(body({})).toEqual({ model: 'claude-test', max_tokens: 8192, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }], stream: true });
  });

  it('takes the limit from the request, then the configuration, then the default on top of the thinking budget', () => {
    const thinking = { type: 'enabled', budget_tokens: 10_000 };
    expect(body({ maxTokens: 5 }, { ...CONFIG, maxTokens: 6, thinking })).toMatchObject({ max_tokens: 5, thinking });
    expect(body({}, { ...CONFIG, maxTokens: 6 })).toMatchObject({ max_tokens: 6 });
    expect(body({}, { ...CONFIG, thinking })).toMatchObject({ max_tokens: 18_192 });
  });

  it('sends instructions, temperature and stop sequences, and nothing of what is only ours', () => {
    const request = { instructions: 'Be brief.', temperature: 0.5, stopSequences: ['END'], runId: 'run', path: ['a'], iteration: 2, attempt: 3, eager: { started: true }, onPing: () => undefined };
    expect(body(request)).toEqual({ ...body({}), system: 'Be brief.', temperature: 0.5, stop_sequences: ['END'] });
    expect(body({ instructions: ' ', stopSequences: [] })).toEqual(body({}));
  });

  it('extra goes into the body as it is, the request over the configuration, but it stays a stream', () => {
    const extra = { top_k: 5, system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }], stream: false };
    expect(body({ extra: { top_k: 6 } }, { ...CONFIG, extra })).toMatchObject({ top_k: 6, system: extra.system, stream: true });
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['any', { type: 'any' }],
    ['none', { type: 'none' }],
    [{ name: 'clock' }, { type: 'tool', name: 'clock' }],
  ] as const)('offers tools, ours before the service own, and says %j', (toolChoice, tool_choice) => {
    const tools = [{ name: 'clock', description: 'Tells the time.', inputSchema: { type: 'object' } }];
    const search = { type: 'web_search_20250305', name: 'web_search' };
    expect(body({ tools, toolChoice }, { ...CONFIG, serverTools: [search] })).toMatchObject({
      tools: [{ name: 'clock', description: 'Tells the time.', input_schema: { type: 'object' } }, search],
      tool_choice,
    });
    expect(body({ toolChoice })).toEqual(body({}));
  });

  it('joins neighbours of one role, drops what is empty, puts tool results first', () => {
    const result: ContentBlock = { type: 'tool_result', toolUseId: 'toolu_1', content: [say('noon'), say('')], isError: false };
    const failed: ContentBlock = { type: 'tool_result', toolUseId: 'toolu_2', content: [], isError: true };
    const call: ContentBlock = { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} };
    expect(messages(user(say('a'), say(' \n')), user(), user(say('b')), assistant(say('')), assistant(call), user(say('and'), result), user(failed))).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'noon' }] },
          { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true },
          { type: 'text', text: 'and' },
        ],
      },
    ]);
  });

  it('drops thinking that has no signature, and sends an input that is no object as an empty one', () => {
    const thoughts: ContentBlock[] = [{ type: 'thinking', thinking: 'cut' }, { type: 'thinking', thinking: 'cut', signature: '' }, { type: 'thinking', thinking: '', signature: 's' }];
    expect(messages(assistant(...thoughts, { type: 'tool_use', id: 'toolu_1', name: 'clock', input: [1] }))).toEqual([
      { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 's' }, { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} }] },
    ]);
  });

  it('M20: mends halves of characters in text, and leaves alone what is opaque', () => {
    const half = 'a\ud83d';
    const mended = 'a\uFFFD';
    const request = body({
      instructions: half,
      messages: [
        user(say(half), { type: 'tool_result', toolUseId: 'toolu_1', content: [say(`${half}😀`)], isError: false }),
        assistant({ type: 'thinking', thinking: half, signature: half }, { type: 'provider', provider: 'anthropic', block: { type: 'x', y: half } }, { type: 'tool_use', id: 't', name: 'n', input: { [half]: [half, { z: half }] } }),
      ],
    });
    expect(request).toMatchObject({
      system: mended,
      messages: [
        { content: [{ content: [{ text: `${mended}😀` }] }, { text: mended }] },
        { content: [{ thinking: half, signature: half }, { y: half }, { input: { [mended]: [mended, { z: mended }] } }] },
      ],
    });
  });

  it('goes on in the container of the last answer, unless told otherwise', () => {
    const before: Message = { ...assistant(say('a')), wire: { container: { id: 'container_1', expires_at: 'later' } } };
    const history = [user(say('x')), before, user(say('y'))];
    expect(body({ messages: history })).toMatchObject({ container: 'container_1' });
    expect(body({ messages: history, extra: { container: 'container_2' } })).toMatchObject({ container: 'container_2' });
    expect(body({ messages: [...history, assistant(say('b')), user(say('z'))] })).not.toHaveProperty('container');
    expect(body({ messages: [{ ...before, origin: 'bedrock' }] })).not.toHaveProperty('container');
  });

  it('changes nothing that it was given', () => {
    const history = Object.freeze([Object.freeze(user(Object.freeze(say('a\ud800')))), Object.freeze(user(say('b')))]);
    const before = structuredClone(history);
    body({ messages: history });
    expect(history).toEqual(before);
  });
});
