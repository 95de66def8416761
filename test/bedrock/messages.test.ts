import type { BedrockRuntime, BedrockRuntimeClient, Message as SdkMessage } from '@aws-sdk/client-bedrock-runtime';
import fc from 'fast-check';
import { fromBedrock, toBedrock, type BedrockClient, type BedrockConfig } from 'coldstream/bedrock';
import { toAnthropic } from 'coldstream/anthropic';
import { StreamEvent } from 'coldstream';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { buildRequest } from '../../src/providers/bedrock/build-request.js';
import type { ModelRequest } from '../../src/provider.js';
import { jsonObject } from '../support/arbitraries.js';

const CONFIG: BedrockConfig = { model: 'nova' };
const say = (text: string): ContentBlock => ({ type: 'text', text });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', origin: 'bedrock', content });
const built = (request: Partial<ModelRequest> = {}, config: Partial<BedrockConfig> = {}): ReturnType<typeof buildRequest> =>
  buildRequest({ ...CONFIG, ...config }, { messages: [user(say('Hello'))], ...request });
const body = (request: Partial<ModelRequest> = {}, config: Partial<BedrockConfig> = {}): JsonObject => built(request, config).body;
const messages = (...given: Message[]): unknown => body({ messages: given })['messages'];

const citation = { title: 'a', location: { documentPage: { documentIndex: 0, start: 1, end: 2 } } };
const BLOCKS: readonly object[] = [
  { text: 'a' },
  { reasoningContent: { reasoningText: { text: '', signature: 'Eu0E+/=' } } },
  { reasoningContent: { reasoningText: { text: 'Hm. \ud800' } } },
  { reasoningContent: { redactedContent: Uint8Array.of(0, 255, 128, 1) } },
  { toolUse: { toolUseId: 't.1:a', name: 'clock', input: { zone: 'Lima', bytes: 'left as it is' } } },
  { toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
  { toolResult: { toolUseId: 's', content: [{ json: { bytes: 'left as it is' } }], status: 'success', type: 'nova_grounding_result' } },
  { toolResult: { toolUseId: 't.1:a', content: [{ text: 'b' }, { json: { c: [1] } }, { image: { format: 'png', source: { bytes: Uint8Array.of(1, 2) } } }], status: 'error' } },
  { toolResult: { toolUseId: 't.1:a', content: [], status: 'success' } },
  { image: { format: 'jpeg', source: { bytes: Uint8Array.of(3) } } },
  { image: { format: 'webp', source: { s3Location: { uri: 's3://bucket/a', bucketOwner: '1' } } } },
  { image: { format: 'gif', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
  { document: { format: 'pdf', name: 'a', source: { bytes: Uint8Array.of(4) }, citations: { enabled: true } } },
  { document: { name: 'b', source: { text: 'c' } } },
  { video: { format: 'mp4', source: { bytes: Uint8Array.of(5) } } },
  { citationsContent: { content: [{ text: 'd' }], citations: [citation] } },
  { citationsContent: { content: [{ text: 'd' }, { text: 'e' }], citations: [] } },
  { cachePoint: { type: 'default' } },
  { guardContent: { text: { text: 'f', qualifiers: ['query'] } } },
  { hologram: { depth: { of: [1, null] } } },
];

describe('fromBedrock and toBedrock', () => {
  it('M14 M18: give back every member of every block, byte by byte in what is opaque', () => {
    const message = { role: 'assistant', content: BLOCKS } as const;
    expect(toBedrock(fromBedrock(message))).toEqual(message);
  });

  it('M14: give back blocks of any shape', () => {
    const block = fc.oneof(
      jsonObject,
      fc.constantFrom<object>(...BLOCKS),
      fc.tuple(fc.constantFrom('text', 'toolUse', 'toolResult', 'reasoningContent', 'citationsContent', 'image', 'document'), jsonObject).map(([name, value]) => ({ [name]: value })),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), (content) => {
        expect(toBedrock(fromBedrock({ role: 'user', content }))).toEqual({ role: 'user', content });
      }),
      { numRuns: 500 },
    );
  });

  it('make plain JSON of a message of the SDK as it is typed there', () => {
    const sdk: SdkMessage = { role: 'assistant', content: [{ reasoningContent: { redactedContent: Uint8Array.of(1) } }, { toolUse: { toolUseId: 'a', name: 'clock', input: { zone: null }, type: undefined } }] };
    const message = fromBedrock(sdk);
    expect(message).toEqual({
      role: 'assistant',
      origin: 'bedrock',
      content: [
        { type: 'redacted_thinking', data: 'AQ==' },
        { type: 'tool_use', id: 'a', name: 'clock', input: { zone: null } },
      ],
    });
    expect(JSON.parse(JSON.stringify(message))).toEqual(message);
    const event = { type: 'message', message, runId: 'r', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} };
    expect(StreamEvent.decode(event)._tag).toBe('Right');
  });

  it('know the blocks by their kind', () => {
    const { content } = fromBedrock({ role: 'assistant', content: BLOCKS });
    expect(content.map(({ type }) => type)).toEqual([
      'text', 'thinking', 'thinking', 'redacted_thinking', 'tool_use', 'provider', 'provider', 'tool_result', 'tool_result', 'image', 'provider', 'image',
      'document', 'provider', 'provider', 'text', 'provider', 'provider', 'provider', 'provider',
    ]);
  });

  it('take a client of either class of the SDK', () => {
    const fits = (client: BedrockRuntimeClient | BedrockRuntime): BedrockClient => client;
    expect(fits).toBeInstanceOf(Function);
  });
});

describe('buildRequest', () => {
  it('writes what was asked in the service’s words', () => {
    const tool = { name: 'clock', description: 'The time', inputSchema: { type: 'object' } };
    expect(body({ instructions: 'Be brief.', tools: [tool], toolChoice: { name: 'clock' }, maxTokens: 5, temperature: 0, stopSequences: ['x'] }, { maxTokens: 9, thinking: { type: 'enabled' } })).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
      system: [{ text: 'Be brief.' }],
      inferenceConfig: { maxTokens: 5, temperature: 0, stopSequences: ['x'] },
      toolConfig: { tools: [{ toolSpec: { name: 'clock', description: 'The time', inputSchema: { json: { type: 'object' } } } }], toolChoice: { tool: { name: 'clock' } } },
      additionalModelRequestFields: { thinking: { type: 'enabled' } },
    });
    expect(body()).toEqual({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] });
  });

  it.each([
    ['auto', { toolChoice: { auto: {} } }],
    ['any', { toolChoice: { any: {} } }],
    ['none', {}],
  ] as const)('writes the choice %s; where the service has no word the tools stay', (toolChoice, written) => {
    const tools = [{ name: 'clock', description: ' ', inputSchema: { type: 'object' } }];
    expect(body({ tools, toolChoice })['toolConfig']).toEqual({ tools: [{ toolSpec: { name: 'clock', inputSchema: { json: { type: 'object' } } } }], ...written });
  });

  it('sends tools of the service’s own as they are', () => {
    const serverTools = [{ systemTool: { name: 'nova_grounding' } }];
    expect(body({}, { serverTools })['toolConfig']).toEqual({ tools: serverTools });
  });

  it('puts extra over everything, and adds to the objects that are there', () => {
    const extra = { inferenceConfig: { topP: 0.5 }, guardrailConfig: { guardrailIdentifier: 'g' } };
    expect(body({ maxTokens: 5, extra: { inferenceConfig: { topP: 0.9 }, hologram: 1 } }, { extra })).toMatchObject({
      inferenceConfig: { maxTokens: 5, topP: 0.9 },
      guardrailConfig: { guardrailIdentifier: 'g' },
      hologram: 1,
    });
  });

  it('names tools where the conversation used some, since the service refuses it otherwise', () => {
    const history = [user(say('Hi')), assistant({ type: 'tool_use', id: 'a', name: 'clock', input: {} }), user({ type: 'tool_result', toolUseId: 'a', content: [say('noon')], isError: false })];
    expect(body({ messages: history, toolChoice: 'any' })['toolConfig']).toEqual({ tools: [{ toolSpec: expect.objectContaining({ name: 'clock' }) }] });
    expect(body({ messages: history.slice(2) })['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'unavailable' } }] });
  });

  it('M20: mends halves of characters, and leaves opaque text alone', () => {
    expect(messages(user(say('a\ud83d'), { type: 'tool_result', toolUseId: 'a', content: [say('\udc00b')], isError: true }), assistant({ type: 'thinking', thinking: '\ud83d', signature: 'x' }))).toEqual([
      { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: '\uFFFDb' }], status: 'error' } }, { text: 'a\uFFFD' }] },
      { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: '\ud83d', signature: 'x' } } }] },
    ]);
  });

  it('sends no blank text, and no empty result', () => {
    expect(messages(user(say(' '), say('a')), assistant(say('')), user({ type: 'tool_result', toolUseId: 'a', content: [say('\n')], isError: false }))).toEqual([
      { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: '(nothing)' }] } }, { text: 'a' }] },
    ]);
  });

  it('makes ids and names that the service takes, the same for call and result, and finds the names again', () => {
    const name = 'weather in (city)';
    const id = 'call/'.repeat(20);
    const { body: sent, names } = built({
      tools: [{ name, description: 'x', inputSchema: { type: 'object' } }],
      messages: [assistant({ type: 'tool_use', id, name, input: {} }), user({ type: 'tool_result', toolUseId: id, content: [say('x')], isError: false })],
    });
    const ids = [...JSON.stringify(sent).matchAll(/"toolUseId":"([^"]*)"/g)].map(([, found]) => found);
    expect(ids).toEqual([expect.stringMatching(/^[a-zA-Z0-9_.:-]{1,64}$/), ids[0]]);
    const written = [...JSON.stringify(sent).matchAll(/"name":"([^"]*)"/g)].map(([, found]) => found ?? '');
    expect(new Set(written).size).toBe(1);
    expect(written[0]).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(names.fromWire(written[0] ?? '')).toBe(name);
    // What the service allows stays.
    expect(messages(assistant({ type: 'tool_use', id: 'a.b:c', name: 'clock', input: {} }))).toEqual([{ role: 'assistant', content: [{ toolUse: { toolUseId: 'a.b:c', name: 'clock', input: {} } }] }]);
  });
});

describe('media', () => {
  const source = { type: 'base64', mediaType: 'image/jpg', data: 'AA==' } as const;

  it('are sent in the formats of the service; documents get the name that they need', () => {
    const pdf = { type: 'document', source: { ...source, mediaType: 'application/pdf' } } as const;
    expect(messages(user({ type: 'image', source }, pdf, pdf, { type: 'image', source: { type: 'url', url: 's3://bucket/a.jpg' } }))).toEqual([
      {
        role: 'user',
        content: [
          { image: { format: 'jpeg', source: { bytes: 'AA==' } } },
          { document: { name: 'document-1', format: 'pdf', source: { bytes: 'AA==' } } },
          { document: { name: 'document-2', format: 'pdf', source: { bytes: 'AA==' } } },
          { image: { format: 'jpeg', source: { s3Location: { uri: 's3://bucket/a.jpg' } } } },
        ],
      },
    ]);
  });

  it('that the service cannot load are named to the model', () => {
    expect(messages(user({ type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }, { type: 'image', source: { ...source, mediaType: 'image/tiff' } }))).toEqual([
      { role: 'user', content: [{ text: '[image that could not be sent: https://example.org/a.png]' }, { text: '[image that could not be sent: image/tiff]' }] },
    ]);
  });
});

describe('a history of another service', () => {
  const theirs: Message = {
    role: 'assistant',
    origin: 'anthropic',
    wire: { container: { id: 'c' } },
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: 'theirs' },
      { type: 'redacted_thinking', data: 'opaque' },
      { type: 'text', text: 'a', citations: [{ type: 'char_location' }], wire: { cache_control: { type: 'ephemeral' } } },
      { type: 'provider', provider: 'anthropic', block: { type: 'server_tool_use', id: 'x' } },
      { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {}, wire: { caller: { type: 'direct' } } },
    ],
  };
  const result = user({ type: 'tool_result', toolUseId: 'toolu_1', isError: false, content: [say('noon'), { type: 'provider', provider: 'mcp', block: { type: 'hologram' } }] });

  it('is sent without what only that one understands, and the metadata say so', () => {
    const { body: sent, metadata } = built({ messages: [user(say('Hi')), theirs, result] });
    expect(sent['messages']).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'assistant', content: [{ text: 'a' }, { toolUse: { toolUseId: 'toolu_1', name: 'clock', input: {} } }] },
      { role: 'user', content: [{ toolResult: { toolUseId: 'toolu_1', content: [{ text: 'noon' }] } }] },
    ]);
    expect(metadata).toEqual({
      omitted: [
        { message: 1, type: 'thinking', origin: 'anthropic' },
        { message: 1, type: 'redacted_thinking', origin: 'anthropic' },
        { message: 1, type: 'text', origin: 'anthropic', members: ['citations', 'cache_control'] },
        { message: 1, type: 'provider', origin: 'anthropic' },
        { message: 1, type: 'tool_use', origin: 'anthropic', members: ['caller'] },
        { message: 2, type: 'provider', origin: 'mcp' },
      ],
    });
    expect(toBedrock(theirs).content).toEqual([{ text: 'a' }, { toolUse: { toolUseId: 'toolu_1', name: 'clock', input: {} } }]);
    expect(built().metadata).toEqual({});
  });

  it('of this one tells the other what its JSON results hold', () => {
    const { content } = fromBedrock({ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ json: { degrees: 21 } }] } }] });
    expect(toAnthropic({ role: 'user', origin: 'bedrock', content }).content).toEqual([{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: '{"degrees":21}' }] }]);
  });

  it('of this one is nothing to the other but text, calls, results and media', () => {
    expect(toAnthropic(fromBedrock({ role: 'assistant', content: BLOCKS })).content.map((block) => block['type'])).toEqual(['text', 'tool_use', 'tool_result', 'tool_result', 'image', 'text', 'document', 'text']);
  });
});

describe('cache', () => {
  const tools = [{ name: 'clock', description: 'x', inputSchema: { type: 'object' } }];
  const point = { cachePoint: { type: 'default' } };
  const history = [user(say('1')), assistant(say('2')), user(say('3')), assistant(say('4')), user(say('5'))];

  it('marks the instructions and the last two turns of the user', () => {
    const sent = body({ messages: history, instructions: 'Be brief.', tools }, { cache: 'auto' });
    expect(sent).toMatchObject({ system: [{ text: 'Be brief.' }, point] });
    expect(JSON.stringify(sent['toolConfig'])).not.toContain('cachePoint');
    expect(sent['messages']).toEqual([
      { role: 'user', content: [{ text: '1' }] },
      { role: 'assistant', content: [{ text: '2' }] },
      { role: 'user', content: [{ text: '3' }, point] },
      { role: 'assistant', content: [{ text: '4' }] },
      { role: 'user', content: [{ text: '5' }, point] },
    ]);
  });

  it('marks the tools where there are no instructions, for as long as it is told', () => {
    const sent = body({ messages: history.slice(0, 1), tools }, { cache: { ttl: '1h' } });
    const hour = { cachePoint: { type: 'default', ttl: '1h' } };
    expect(sent['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'clock' } }, hour] });
    expect(sent['messages']).toEqual([{ role: 'user', content: [{ text: '1' }, hour] }]);
  });

  it('never makes more than four marks, those of the application included', () => {
    const mark: ContentBlock = { type: 'provider', provider: 'bedrock', block: point };
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), (marked) => {
        const turns = marked.flatMap((own) => [user(say('a'), ...(own ? [mark] : [])), assistant(say('b'))]);
        const sent = JSON.stringify(body({ messages: turns, instructions: 'x', tools }, { cache: 'auto' }));
        const own = marked.filter(Boolean).length;
        const count = sent.split('cachePoint').length - 1;
        expect(count).toBeLessThanOrEqual(Math.max(4, own));
        expect(sent).not.toContain(`${JSON.stringify(point)},${JSON.stringify(point)}`);
      }),
    );
  });
});
