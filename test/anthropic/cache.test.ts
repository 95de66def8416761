import fc from 'fast-check';
import type { AnthropicConfig } from 'coldstream/anthropic';
import type { Json, JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { isObject, textOf } from '../../src/events/json-object.js';
import { buildRequest } from '../../src/providers/anthropic/build-request.js';
import { withBreakpoints } from '../../src/providers/anthropic/cache.js';
import type { ModelRequest } from '../../src/provider.js';

const EPHEMERAL = { type: 'ephemeral' };
const HOUR = { type: 'ephemeral', ttl: '1h' };
const say = (text: string): ContentBlock => ({ type: 'text', text });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', origin: 'anthropic', content });
const TOOLS = ['clock', 'search'].map((name) => ({ name, description: name, inputSchema: { type: 'object' } }));
const HISTORY = [user(say('one')), assistant(say('two')), user(say('three'), say('four')), assistant(say('five')), user(say('six'), say('seven'))];

const body = (request: Partial<ModelRequest>, config: Partial<AnthropicConfig> = { cache: 'auto' }): JsonObject =>
  buildRequest({ model: 'claude-test', ...config }, { messages: HISTORY, ...request }).body;

/** Where breakpoints stand, each as its path and how long it lasts, in the order of the walk. */
function marks(value: Json | undefined, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, at) => marks(item, `${path}/${at}`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'input' || name === 'input_schema') return [];
    return name === 'cache_control' ? (isObject(member) ? [`${path} ${textOf(member, 'ttl') ?? '5m'}`] : []) : marks(member, `${path}/${name}`);
  });
}

const ORDER = ['tools', 'system', 'messages'] as const;
const marksOf = (request: JsonObject): string[] => ORDER.flatMap((part) => marks(request[part], part));

/** The request without breakpoints, and with a block for each text that stands for one. */
function bare(request: JsonObject): unknown {
  const written = (name: string, value: unknown): unknown => {
    if (name === 'cache_control') return undefined;
    return (name === 'content' || name === 'system') && typeof value === 'string' ? [{ type: 'text', text: value }] : value;
  };
  return JSON.parse(JSON.stringify(request, written));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a breakpoint stands on. */
function markedBy(request: JsonObject, mark: string): Json | undefined {
  const steps = mark.split(' ')[0]?.split('/') ?? [];
  return steps.reduce<Json | undefined>((value, step) => {
    if (isList(value)) return value[Number(step)];
    return isObject(value) ? value[step] : undefined;
  }, request);
}

describe('cache', () => {
  it('marks nothing unless it is asked to', () => {
    expect(marksOf(body({ tools: TOOLS, instructions: 'Be brief.' }, {}))).toEqual([]);
  });

  it('auto marks the end of the system prompt and the ends of the last two turns of the user', () => {
    const request = body({ tools: TOOLS, instructions: 'Be brief.' });
    expect(marksOf(request)).toEqual(['system/0 5m', 'messages/2/content/1 5m', 'messages/4/content/1 5m']);
    expect(request['system']).toEqual([{ type: 'text', text: 'Be brief.', cache_control: EPHEMERAL }]);
  });

  it('marks the last tool where there is no system prompt, and no tool that is loaded later', () => {
    const late = { type: 'custom', name: 'late', input_schema: {}, defer_loading: true };
    expect(marksOf(body({ tools: TOOLS }))[0]).toBe('tools/1 5m');
    expect(marksOf(body({ tools: TOOLS }, { cache: 'auto', serverTools: [late] }))[0]).toBe('tools/1 5m');
    expect(marksOf(body({}, { cache: 'auto', serverTools: [{ type: 'web_search_20250305', name: 'web_search' }] }))[0]).toBe('tools/0 5m');
  });

  it('says for how long, where it was told', () => {
    expect(marksOf(body({ instructions: 'Be brief.' }, { cache: { ttl: '1h' } }))).toEqual(['system/0 1h', 'messages/2/content/1 1h', 'messages/4/content/1 1h']);
    expect(body({ messages: [user(say('one'))] }, { cache: { ttl: '5m' } })['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'one', cache_control: { type: 'ephemeral', ttl: '5m' } }] }]);
  });

  it('the next request finds what the last one wrote, however many blocks came between', () => {
    const calls = Array.from({ length: 30 }, (_, at): ContentBlock => ({ type: 'tool_use', id: `toolu_${at}`, name: 'clock', input: {} }));
    const results = calls.map((_, at): ContentBlock => ({ type: 'tool_result', toolUseId: `toolu_${at}`, content: [say('noon')], isError: false }));
    const before = marksOf(body({ messages: HISTORY }));
    const after = marksOf(body({ messages: [...HISTORY, assistant(...calls), user(...results)] }));
    expect(after).toEqual([before.at(-1), 'messages/6/content/29 5m']);
  });

  it('never marks thinking, what is empty, what nobody knows, nor the answer of the model', () => {
    const empty: ContentBlock = { type: 'tool_result', toolUseId: 'toolu_1', content: [], isError: false };
    const odd: ContentBlock = { type: 'provider', provider: 'anthropic', block: { type: 'hologram' } };
    const thought: ContentBlock = { type: 'thinking', thinking: 'Hm.', signature: 's' };
    expect(marksOf(body({ messages: [user(say('a'), odd), assistant(thought)] }))).toEqual(['messages/0/content/0 5m']);
    expect(marksOf(body({ messages: [user(say('a')), assistant(thought), user(empty)] }))).toEqual(['messages/0/content/0 5m']);
    expect(marksOf(body({ messages: [user(odd), assistant(say('b'))] }))).toEqual([]);
    expect(marksOf(body({ messages: [user(say('a'))], extra: { system: [{ type: 'text', text: 'x' }, { type: 'text', text: ' ' }] } }))).toEqual(['system/0 5m', 'messages/0/content/0 5m']);
  });

  it('leaves the breakpoints of the application where they are, and sets fewer', () => {
    const own = (text: string): ContentBlock => ({ type: 'text', text, wire: { cache_control: EPHEMERAL } });
    const system = [{ type: 'text', text: 'a', cache_control: HOUR }, { type: 'text', text: 'b' }];
    expect(marksOf(body({ extra: { system }, messages: [user(own('one')), assistant(say('two')), user(say('three')), assistant(say('four')), user(say('five'))] }))).toEqual([
      'system/0 1h',
      'system/1 5m',
      'messages/0/content/0 5m',
      'messages/4/content/0 5m',
    ]);
    const four = [user(own('1')), assistant(own('2')), user(own('3')), assistant(own('4')), user(say('5'))];
    expect(marksOf(body({ messages: four, instructions: 'x' }))).toHaveLength(4);
    expect(body({ messages: four, instructions: 'x' })).toHaveProperty('system', 'x');
    const nested: ContentBlock = { type: 'tool_result', toolUseId: 't', isError: false, content: [own('r')] };
    const pages: ContentBlock = { type: 'provider', provider: 'anthropic', block: { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'p', cache_control: EPHEMERAL }] } } };
    expect(marksOf(body({ messages: [user(pages)] }))).toEqual(['messages/0/content/0/source/content/0 5m']);
    expect(marksOf(body({ messages: [user(nested)] }))).toEqual(['messages/0/content/0/content/0 5m']);
  });

  it('counts the breakpoint that the service sets by itself, and does not set it twice', () => {
    expect(marksOf(body({ instructions: 'x', extra: { cache_control: EPHEMERAL } }))).toEqual(['system/0 5m', 'messages/2/content/1 5m']);
  });

  it('never puts a longer one behind a shorter one', () => {
    const shorter = [{ type: 'text', text: 'a', cache_control: EPHEMERAL }];
    expect(marksOf(body({ extra: { system: shorter } }, { cache: { ttl: '1h' } }))).toEqual(['system/0 5m', 'messages/2/content/1 5m', 'messages/4/content/1 5m']);
    const longer: ContentBlock = { type: 'text', text: 'six', wire: { cache_control: HOUR } };
    expect(marksOf(body({ instructions: 'x', messages: [user(say('one')), assistant(say('two')), user(longer, say('seven'))] }))).toEqual([
      'system/0 1h',
      'messages/0/content/0 1h',
      'messages/2/content/0 1h',
      'messages/2/content/1 5m',
    ]);
  });

  it('does not take what a tool is called with for a breakpoint', () => {
    const call: ContentBlock = { type: 'tool_use', id: 't', name: 'clock', input: { cache_control: EPHEMERAL, content: [{ cache_control: EPHEMERAL }] } };
    const tools = [{ name: 'clock', description: '', inputSchema: { type: 'object', properties: { cache_control: EPHEMERAL } } }];
    const request = body({ tools, instructions: 'x', messages: [user(say('a')), assistant(call), user(say('b')), assistant(call), user(say('c'))] });
    expect(marksOf(request)).toEqual(['system/0 5m', 'messages/2/content/0 5m', 'messages/4/content/0 5m']);
  });

  it('reads messages of the application in any form', () => {
    const messages = [{ role: 'user', content: 'one' }, { role: 'user', content: 'two' }, { role: 'assistant', content: 'three' }, { role: 'user', content: 'four' }];
    const request = body({ extra: { messages } });
    expect(marksOf(request)).toEqual(['messages/1/content/0 5m', 'messages/3/content/0 5m']);
    // Neighbours of one role are one turn.
    const neighbours = [{ role: 'user', content: 'one' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }, { role: 'user', content: 'four' }];
    expect(marksOf(body({ extra: { messages: neighbours } }))).toEqual(['messages/0/content/0 5m', 'messages/3/content/0 5m']);
    expect(marksOf(body({ extra: { messages: 'none', tools: null, system: 3 } }))).toEqual([]);
  });
});

/** Whether no breakpoint stands behind one that does not last as long. */
function longestFirst(all: readonly string[]): boolean {
  const lasting = all.map((mark) => mark.endsWith('1h'));
  return lasting.lastIndexOf(true) < lasting.indexOf(false) || !lasting.includes(false);
}

describe('cache, over any request', () => {
  const control = fc.constantFrom(undefined, undefined, undefined, null, EPHEMERAL, { type: 'ephemeral', ttl: '5m' }, HOUR);
  const marked = (block: JsonObject): fc.Arbitrary<JsonObject> => control.map((cache_control) => (cache_control === undefined ? block : { ...block, cache_control }));
  const text = fc.constantFrom('', ' ', 'words', 'more').map((words): JsonObject => ({ type: 'text', text: words }));
  const other = fc.constantFrom<JsonObject>(
    { type: 'thinking', thinking: 'x', signature: 's' },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
    { type: 'hologram' },
    { type: 'tool_result', tool_use_id: 't' },
    { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'r', cache_control: EPHEMERAL }] },
    { type: 'tool_use', id: 't', name: 'n', input: { cache_control: EPHEMERAL } },
  );
  const blocks = fc.array(fc.oneof(text.chain(marked), other, fc.constantFrom('image', 'document').map((type): JsonObject => ({ type })).chain(marked)), { maxLength: 4 });
  const message = fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.oneof(fc.constantFrom('', 'words'), blocks) });
  const request = fc.record(
    {
      model: fc.constant('x'),
      tools: fc.array(fc.boolean().map((defer_loading): JsonObject => ({ name: 'n', defer_loading })).chain(marked), { maxLength: 3 }),
      system: fc.oneof(fc.constantFrom('', 'words'), fc.array(text.chain(marked), { maxLength: 3 })),
      messages: fc.array(message, { maxLength: 8 }),
      cache_control: fc.constant(EPHEMERAL),
    },
    { requiredKeys: ['model', 'messages'] },
  );
  const cache = fc.constantFrom('auto' as const, { ttl: '5m' } as const, { ttl: '1h' } as const);

  it('changes nothing but breakpoints, keeps those of the application, and sets at most four, the longer first', () => {
    fc.assert(
      fc.property(request, cache, (given, how) => {
        const frozen = JSON.stringify(given);
        const sent = withBreakpoints(given, how);
        expect(JSON.stringify(given)).toBe(frozen);
        const [before, after] = [marksOf(given), marksOf(sent)];
        const total = after.length + (given.cache_control === undefined ? 0 : 1);
        expect(total).toBeLessThanOrEqual(Math.max(4, before.length + (given.cache_control === undefined ? 0 : 1)));
        expect(after).toEqual(expect.arrayContaining(before));
        for (const mark of after.filter((path) => !before.includes(path))) {
          const block = markedBy(sent, mark);
          if (!mark.startsWith('tools')) expect(block).toMatchObject({ type: expect.stringMatching(/^(?:text|image|document|tool_result)$/) });
          expect(block).not.toMatchObject({ text: expect.stringMatching(/^ ?$/) });
          expect(block).not.toMatchObject({ defer_loading: true });
          if (mark.startsWith('messages')) expect(markedBy(given, mark.split('/').slice(0, 2).join('/'))).toMatchObject({ role: 'user' });
        }
        if (longestFirst(before)) expect(longestFirst(after)).toBe(true);
        expect(bare(sent)).toEqual(bare(given));
      }),
      { numRuns: 1000 },
    );
  });
});
