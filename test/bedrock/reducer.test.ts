import type { EventBody } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { finish, reduce, WAITING, type TurnState } from '../../src/providers/bedrock/reducer.js';
import { parseFrame, withOwnName } from '../../src/providers/bedrock/wire.js';

type Wire = readonly [type: string, body: JsonObject];

const START: Wire = ['messageStart', { role: 'assistant', p: 'abc' }];
const open = (index: number, start: JsonObject): Wire => ['contentBlockStart', { contentBlockIndex: index, start, p: 'a' }];
const delta = (index: number, change: JsonObject): Wire => ['contentBlockDelta', { contentBlockIndex: index, delta: change, p: 'ab' }];
const close = (index: number): Wire => ['contentBlockStop', { contentBlockIndex: index }];
const stop = (stopReason = 'end_turn', more: JsonObject = {}): Wire => ['messageStop', { stopReason, ...more, p: 'a' }];
const USAGE = { inputTokens: 10, outputTokens: 4, totalTokens: 14, cacheReadInputTokens: 3, cacheWriteInputTokens: 2 };
const METADATA: Wire = ['metadata', { usage: USAGE, metrics: { latencyMs: 7 }, p: 'abcd' }];
const text = (index: number, piece: string): Wire => delta(index, { text: piece });
const reasoning = (index: number, change: JsonObject): Wire => delta(index, { reasoningContent: change });
const call = (index: number, id: string, type?: string): Wire => open(index, { toolUse: { toolUseId: id, name: 'clock', ...(type === undefined ? {} : { type }) } });
const input = (index: number, piece: string): Wire => delta(index, { toolUse: { input: piece } });

interface Read {
  readonly state: TurnState;
  readonly events: readonly EventBody[];
}

function read(...frames: readonly Wire[]): Read {
  return frames.reduce<Read>(
    ({ state, events }, [type, body], position) => {
      const [next, told] = reduce(state, parseFrame(type, JSON.stringify(body), position));
      return { state: next, events: [...events, ...told] };
    },
    { state: WAITING, events: [] },
  );
}

/** The last event of the turn, and its metadata. */
function messageOf(state: TurnState): { readonly message: Message; readonly stopReason: unknown; readonly usage: unknown; readonly metadata: JsonObject } {
  const [finished, [event]] = finish(state);
  if (event?.type !== 'message') throw new Error('no message');
  return { message: event.message, stopReason: event.stopReason, usage: event.usage, metadata: finished.metadata };
}

const turn = (...frames: readonly Wire[]): Read & ReturnType<typeof messageOf> => {
  const outcome = read(START, ...frames, stop(), METADATA);
  return { ...outcome, ...messageOf(outcome.state) };
};
const contentOf = (...frames: readonly Wire[]): readonly ContentBlock[] => turn(...frames).message.content;

describe('text and reasoning', () => {
  it('begin with their first delta, since they have no start', () => {
    const { events, message } = turn(reasoning(0, { text: 'Hm' }), reasoning(0, { text: 'm.' }), reasoning(0, { signature: 'Eu0E+/=' }), close(0), text(1, 'Hel'), text(1, ''), text(1, 'lo 😀'), close(1));
    expect(events.map((event) => ('content' in event ? [event.type, event.content] : event.type))).toEqual([
      ['thinking', 'Hm'],
      ['thinking', 'm.'],
      ['text_delta', 'Hel'],
      ['text_delta', 'lo 😀'],
      'usage',
    ]);
    expect(message).toEqual({
      role: 'assistant',
      origin: 'bedrock',
      content: [
        { type: 'thinking', thinking: 'Hmm.', signature: 'Eu0E+/=' },
        { type: 'text', text: 'Hello 😀' },
      ],
    });
  });

  it('M18: keep redacted reasoning byte by byte, also in pieces', () => {
    expect(contentOf(reasoning(0, { redactedContent: 'AAEC' }), close(0))).toEqual([{ type: 'redacted_thinking', data: 'AAEC' }]);
    // The bytes 0, then 1 and 2: each piece is base64 by itself.
    expect(contentOf(reasoning(0, { redactedContent: 'AA==' }), reasoning(0, { redactedContent: 'AQI=' }))).toEqual([{ type: 'redacted_thinking', data: 'AAEC' }]);
    expect(contentOf(reasoning(0, { text: 'a' }), reasoning(0, { redactedContent: 'AA==' }))).toEqual([
      { type: 'thinking', thinking: 'a' },
      { type: 'redacted_thinking', data: 'AA==' },
    ]);
  });

  it('M18: keep a signature without thinking', () => {
    expect(contentOf(reasoning(0, { signature: 'x==' }))).toEqual([{ type: 'thinking', thinking: '', signature: 'x==' }]);
  });

  it('are two blocks where one index holds both', () => {
    expect(contentOf(reasoning(0, { text: 'a' }), text(0, 'b'), text(0, 'c'), close(0))).toEqual([
      { type: 'thinking', thinking: 'a' },
      { type: 'text', text: 'bc' },
    ]);
  });

  it('tell citations, and keep them with their text', () => {
    const citation = { location: { web: { url: 'https://example.org/', domain: 'example.org' } } };
    const { events, message } = turn(text(0, 'a'), delta(0, { citation }), text(0, 'b'), delta(1, { citation }));
    expect(events).toContainEqual({ type: 'citation', content: citation, block: 0 });
    expect(message.content).toEqual([
      { type: 'text', text: 'ab', citations: [citation] },
      { type: 'text', text: '', citations: [citation] },
    ]);
  });

  it('N28: stand in the order of their indexes, however they come', () => {
    expect(contentOf(text(1, 'b'), text(0, 'a'), text(1, 'B'), close(1), text(0, 'A'), close(0), text(2, 'c'))).toEqual([
      { type: 'text', text: 'aA' },
      { type: 'text', text: 'bB' },
      { type: 'text', text: 'c' },
    ]);
  });
});

describe('calls', () => {
  it('are told once they are whole', () => {
    const { events, message } = turn(call(0, 'a', 'tool_use'), input(0, '{"zone":'), input(0, '"Lima"}'), close(0));
    expect(events.slice(0, -1)).toEqual([
      { type: 'tool_input_start', content: { id: 'a', name: 'clock' }, block: 0 },
      { type: 'tool_input_delta', content: { id: 'a', delta: '{"zone":' }, block: 0 },
      { type: 'tool_input_delta', content: { id: 'a', delta: '"Lima"}' }, block: 0 },
      { type: 'tool_use_start', content: { id: 'a', name: 'clock', input: { zone: 'Lima' } } },
    ]);
    expect(message.content).toEqual([{ type: 'tool_use', id: 'a', name: 'clock', input: { zone: 'Lima' } }]);
  });

  it('M4: have an empty input where none was written', () => {
    expect(contentOf(call(0, 'a'), input(0, ''), close(0))).toEqual([{ type: 'tool_use', id: 'a', name: 'clock', input: {} }]);
  });

  it('M2 M5: with invalid or cut JSON say so, and are not told where they were never ended', () => {
    const { events } = turn(call(0, 'a'), input(0, '{"path":"/etc/pas'), close(0));
    expect(events).toContainEqual({
      type: 'tool_use_start',
      content: { id: 'a', name: 'clock', input: {}, inputError: { text: '{"path":"/etc/pas', message: expect.any(String) } },
    });
    const cut = turn(call(0, 'a'), input(0, '{"path":"/etc/pas'));
    expect(cut.events.map(({ type }) => type)).not.toContain('tool_use_start');
    expect(cut.message.content).toMatchObject([{ type: 'tool_use', id: 'a' }]);
  });

  it('M9: with the id of another are refused', () => {
    expect(() => read(START, call(0, 'a'), close(0), call(1, 'a'))).toThrow(/repeats the id of a tool call/);
    expect(() => read(START, call(0, 'a'), call(1, 'a'))).toThrow(/repeats/);
    expect(() => read(START, call(0, ''))).toThrow(/without an id/);
  });

  it('that the service runs itself are told as such and never as calls for the application', () => {
    const result = [{ json: { stdOut: '42', exitCode: 0 } }];
    const { events, message } = turn(
      call(0, 's', 'server_tool_use'),
      input(0, '{"snippet":"6*7"}'),
      close(0),
      open(1, { toolResult: { toolUseId: 's', status: 'success', type: 'clock_result' } }),
      delta(1, { toolResult: result }),
      delta(1, { toolResult: [{ text: 'more' }] }),
      close(1),
      open(2, { toolResult: { toolUseId: 'unknown', status: 'error', type: 'nova_grounding_result' } }),
      close(2),
      open(3, { toolResult: { toolUseId: 'untyped' } }),
      close(3),
    );
    expect(events.slice(0, -1)).toEqual([
      { type: 'server_tool_use', content: { id: 's', name: 'clock', input: { snippet: '6*7' }, block: 0 } },
      { type: 'server_tool_result', content: { id: 's', name: 'clock', content: [...result, { text: 'more' }], isError: false, block: 1 } },
      { type: 'server_tool_result', content: { id: 'unknown', name: 'nova_grounding', content: [], isError: true, block: 2 } },
      { type: 'server_tool_result', content: { id: 'untyped', name: '', content: [], isError: false, block: 3 } },
    ]);
    expect(message.content).toEqual([
      { type: 'provider', provider: 'bedrock', block: { toolUse: { toolUseId: 's', name: 'clock', input: { snippet: '6*7' }, type: 'server_tool_use' } } },
      { type: 'provider', provider: 'bedrock', block: { toolResult: { toolUseId: 's', status: 'success', type: 'clock_result', content: [...result, { text: 'more' }] } } },
      { type: 'provider', provider: 'bedrock', block: { toolResult: { toolUseId: 'unknown', status: 'error', type: 'nova_grounding_result', content: [] } } },
      { type: 'provider', provider: 'bedrock', block: { toolResult: { toolUseId: 'untyped', content: [] } } },
    ]);
  });

  it('of a type that nobody knows are taken for the service’s own', () => {
    expect(turn(call(0, 'x', 'remote_tool_use'), close(0)).events.map(({ type }) => type)).toEqual(['server_tool_use', 'usage']);
  });

  it('are told under the name that the application gave the tool', () => {
    const frame = parseFrame('contentBlockStart', JSON.stringify(call(0, 'a')[1]), 0);
    const names = { toWire: (name: string) => name, fromWire: (name: string) => (name === 'clock' ? 'the clock' : name) };
    expect(withOwnName(frame, names).body).toMatchObject({ start: { toolUse: { name: 'the clock', toolUseId: 'a' } } });
    const server = parseFrame('contentBlockStart', JSON.stringify(call(0, 'a', 'server_tool_use')[1]), 0);
    expect(withOwnName(server, names)).toBe(server);
  });
});

describe('images and what nobody knows', () => {
  it('keep images, which may come in pieces', () => {
    const { message, events } = turn(open(0, { image: { format: 'png' } }), delta(0, { image: { source: { bytes: 'AA==' } } }), delta(0, { image: { source: { bytes: 'AQI=' } } }), close(0));
    expect(message.content).toEqual([{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAEC' } }]);
    expect(events.map(({ type }) => type)).toEqual(['raw', 'usage']);
  });

  it('N21: pass an unknown event on', () => {
    const { events } = turn(['hologram', { depth: 3 }]);
    expect(events[0]).toEqual({ type: 'raw', content: { provider: 'bedrock', event: { hologram: { depth: 3 } } } });
  });

  it('N22: pass an unknown delta on, and lose nothing of its block', () => {
    const { events, message } = turn(text(0, 'a'), delta(0, { smell: 'rose' }), text(0, 'b'));
    expect(events[1]).toEqual({ type: 'raw', content: { provider: 'bedrock', event: { contentBlockDelta: { contentBlockIndex: 0, delta: { smell: 'rose' }, p: 'ab' } } } });
    expect(message.content).toEqual([{ type: 'text', text: 'ab' }]);
  });

  it('N23: pass an unknown block on and keep it where it came in one piece', () => {
    const started = turn(open(0, { hologram: { depth: 3 } }), close(0));
    expect(started.events[0]).toMatchObject({ type: 'raw' });
    expect(started.message.content).toEqual([{ type: 'provider', provider: 'bedrock', block: { hologram: { depth: 3 } } }]);
    expect(contentOf(delta(0, { smell: { of: 'rose' } }), close(0))).toEqual([{ type: 'provider', provider: 'bedrock', block: { smell: { of: 'rose' } } }]);
    // Half a block would be refused with every later request.
    expect(contentOf(delta(0, {}), text(0, 'a'))).toEqual([{ type: 'text', text: 'a' }]);
    expect(contentOf(delta(0, { smell: 'a' }), delta(0, { smell: 'b' }), text(1, 'c'))).toEqual([{ type: 'text', text: 'c' }]);
  });
});

describe('the end of a turn', () => {
  it('tells usage and the rest of the metadata, without the padding', () => {
    const { state, events } = read(START, text(0, 'a'), stop('guardrail_intervened', { additionalModelResponseFields: { a: 1 } }), [
      'metadata',
      { usage: USAGE, metrics: { latencyMs: 7 }, trace: { guardrail: { actionReason: 'x' } }, serviceTier: { type: 'default' }, p: 'abcd' },
    ]);
    expect(state.phase).toBe('ended');
    const counted = { inputTokens: 10, outputTokens: 4, cacheReadTokens: 3, cacheWriteTokens: 2, raw: USAGE };
    expect(events.at(-1)).toEqual({ type: 'usage', usage: counted });
    expect(messageOf(state)).toEqual({
      message: { role: 'assistant', origin: 'bedrock', content: [{ type: 'text', text: 'a' }] },
      stopReason: 'guardrail_intervened',
      usage: counted,
      metadata: { additionalModelResponseFields: { a: 1 }, metrics: { latencyMs: 7 }, trace: { guardrail: { actionReason: 'x' } }, serviceTier: { type: 'default' } },
    });
  });

  it('N44: without metadata is a success that says so', () => {
    const { state } = read(START, text(0, 'a'), stop());
    expect(state.phase).toBe('stopped');
    expect(messageOf(state)).toMatchObject({ usage: null, stopReason: 'end_turn', metadata: { incomplete: 'metadata' } });
  });

  it('N44: with metadata that hold no usage is a success that says so', () => {
    expect(messageOf(read(START, stop(), ['metadata', { metrics: { latencyMs: 1 } }]).state)).toMatchObject({ usage: null, metadata: { incomplete: 'usage' } });
  });

  it('comes with messageStop where the metadata came before', () => {
    expect(read(START, text(0, 'a'), METADATA).state.phase).toBe('streaming');
    expect(read(START, text(0, 'a'), METADATA, stop()).state.phase).toBe('ended');
  });

  it('N24: keeps a stop reason that nobody knows', () => {
    expect(messageOf(read(START, stop('sunset'), METADATA).state).stopReason).toBe('sunset');
  });

  it('N29: ignores what follows messageStop', () => {
    const { state, events } = read(START, text(0, 'a'), stop(), text(0, 'b'), START, METADATA);
    expect(events.map(({ type }) => type)).toEqual(['text_delta', 'usage']);
    expect(messageOf(state).message.content).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('N32: without a stop reason is no end', () => {
    expect(() => read(START, text(0, 'a'), ['messageStop', {}])).toThrow(expect.objectContaining({ _tag: 'TruncatedStreamError', partial: true }));
    expect(() => finish(read(START, text(0, 'a')).state)).toThrow(expect.objectContaining({ _tag: 'TruncatedStreamError', partial: true }));
    expect(() => finish(WAITING)).toThrow(expect.objectContaining({ _tag: 'TruncatedStreamError', partial: false }));
  });

  it.each(['malformed_tool_use', 'malformed_model_output'])('M19: %s is an error, after the cost was told', (reason) => {
    const { state, events } = read(START, call(0, 'a'), close(0), stop(reason), METADATA);
    expect(events.at(-1)?.type).toBe('usage');
    expect(() => finish(state)).toThrow(expect.objectContaining({ _tag: 'ModelError', partial: true, retryable: true }));
  });

  it('M10: may hold nothing', () => {
    expect(contentOf()).toEqual([]);
    // A text without a letter has no delta.
    expect(contentOf(close(0))).toEqual([]);
  });
});

describe('broken streams', () => {
  it.each<[string, readonly Wire[], RegExp]>([
    ['N26: messageStart twice', [START, START], /came twice/],
    ['N26: a block begun twice', [START, call(0, 'a'), call(0, 'b')], /begins block 0 again/],
    ['N26: a block begun again after its end', [START, call(0, 'a'), close(0), call(0, 'b')], /begins block 0 again/],
    ['N27: a call’s input without a call', [START, input(0, '{}')], /has no block/],
    ['N27: a result without a beginning', [START, delta(0, { toolResult: [] })], /has no block/],
    ['N27: a delta before messageStart', [text(0, 'a')], /before messageStart/],
    ['N27: an end before messageStart', [stop()], /before messageStart/],
    ['N27: a delta after its block', [START, text(0, 'a'), close(0), text(0, 'b')], /which has ended/],
    ['N25: no delta', [START, ['contentBlockDelta', { contentBlockIndex: 0 }]], /holds no delta/],
    ['N25: no index', [START, ['contentBlockDelta', { delta: { text: 'a' } }]], /no contentBlockIndex/],
  ])('%s', (_name, frames, says) => {
    expect(() => read(...frames)).toThrow(expect.objectContaining({ _tag: 'ProtocolError', message: expect.stringMatching(says), eventIndex: frames.length - 1 }));
  });

  it.each<[string, string, RegExp]>([
    ['N25: no JSON', '{"delta":', /not valid JSON/],
    ['N25: no object', '[1]', /not an object/],
    ['D1: a member called __proto__', '{"__proto__":{"isAdmin":true}}', /not safe JSON/],
  ])('%s', (_name, payload, says) => {
    expect(() => parseFrame('metadata', payload, 3)).toThrow(expect.objectContaining({ _tag: 'ProtocolError', message: expect.stringMatching(says), eventIndex: 3 }));
  });

  it('tell how far they had come', () => {
    expect(() => read(START, text(0, 'a'), START)).toThrow(expect.objectContaining({ partial: true }));
    expect(() => read(START, text(0, ''), START)).toThrow(expect.objectContaining({ partial: false }));
  });
});

describe('the reducer', () => {
  const frames: readonly Wire[] = [
    ...[call(3, 'c'), text(0, 'a'), call(1, 'a', 'server_tool_use'), text(0, 'b'), input(1, '{'), input(3, '{}'), reasoning(2, { text: 'Hm' }), text(2, '!')],
    ...[input(1, '}'), close(1), close(0), text(2, '?'), call(4, 'd'), close(3), close(2), input(4, '{"a":1}'), close(4)],
  ];

  it('C6: changes no state that it was given, however many blocks are open', () => {
    const states: TurnState[] = [read(START).state];
    const contentAt = (state: TurnState): unknown => messageOf(reduce(state, parseFrame('messageStop', '{"stopReason":"end_turn"}', 0))[0]).message.content;
    const contents = [contentAt(states[0] ?? WAITING)];
    for (const [type, body] of frames) {
      const [next] = reduce(states.at(-1) ?? WAITING, parseFrame(type, JSON.stringify(body), 0));
      states.push(next);
      contents.push(contentAt(next));
    }
    expect(contents.at(-1)).toHaveLength(6);
    // From the middle outwards, so that no version is looked at in the order of its making.
    const order = [...states.keys()].sort((left, right) => Math.abs(left - 8) - Math.abs(right - 8));
    for (const at of order) expect(contentAt(states[at] ?? WAITING)).toEqual(contents[at]);
    for (const at of order) {
      const rest = frames.slice(at).reduce((state, [type, body]) => reduce(state, parseFrame(type, JSON.stringify(body), 0))[0], states[at] ?? WAITING);
      expect(contentAt(rest)).toEqual(contents.at(-1));
    }
  });

  it('names the call of the service that a result answers, and no other', () => {
    const answer = (id: string): Wire => open(9, { toolResult: { toolUseId: id, type: 'x_result', status: 'success' } });
    const named = (...before: readonly Wire[]): unknown => read(START, ...before, answer('s'), close(9)).events.find(({ type }) => type === 'server_tool_result');
    expect(named(call(0, 's', 'server_tool_use'), close(0))).toMatchObject({ content: { name: 'clock' } });
    expect(named(call(0, 's'), close(0))).toMatchObject({ content: { name: 'x' } });
    expect(named(call(0, 's', 'server_tool_use'))).toMatchObject({ content: { name: 'x' } });
  });
});
