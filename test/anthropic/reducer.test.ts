import * as E from 'fp-ts/lib/Either.js';
import { withEnvelope } from '../../src/events/construct.js';
import type { Envelope, EventBody, StreamEvent as StreamEventType } from '../../src/events/events.js';
import { StreamEvent } from '../../src/events/stream-event-codec.js';
import type { JsonObject } from '../../src/events/json.js';
import { InvalidRequestError, OverloadedError, ProtocolError, TruncatedStreamError } from '../../src/errors/errors.js';
import type { ContentBlock } from '../../src/messages/message.js';
import { reduce, WAITING, type TurnState } from '../../src/providers/anthropic/reducer.js';
import { close, delta, EMPTY_TEXT, end, GREETING, inputJson, open, start, STOP, text, typeOf } from './support.js';

/** Runs the pure reducer over wire events; no HTTP, no clock, no Observable. */
function run(frames: readonly JsonObject[], from: TurnState = WAITING): { readonly state: TurnState; readonly events: EventBody[] } {
  let state = from;
  const events: EventBody[] = [];
  frames.forEach((body, position) => {
    const [next, bodies] = reduce(state, { type: typeOf(body), body, position });
    state = next;
    events.push(...bodies);
  });
  return { state, events };
}

function message(events: readonly EventBody[]): Extract<EventBody, { type: 'message' }> {
  const last = events.at(-1);
  if (last?.type !== 'message') throw new Error(`no message, but ${String(last?.type)}`);
  return last;
}

const content = (frames: readonly JsonObject[]): readonly ContentBlock[] => message(run(frames).events).message.content;
const turn = (...blocks: readonly JsonObject[]): JsonObject[] => [start(), ...blocks, end(), STOP];
const ofType = <Type extends EventBody['type']>(events: readonly EventBody[], type: Type): EventBody[] => events.filter((event) => event.type === type);
const envelope: Envelope = { runId: 'run', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} };

/** Of a turn's message the event of the run that holds it deepest. */
function completed(event: StreamEventType): StreamEventType {
  if (event.type !== 'message') return event;
  return withEnvelope(envelope, { type: 'complete', usage: null, stopReason: null, iterations: 1, messages: [event.message] });
}

const TOOL: JsonObject = { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {}, caller: { type: 'direct' } };

describe('reduce: a turn', () => {
  it('tells text as it comes, usage as it grows, and the message last', () => {
    const { events } = run(GREETING);
    expect(events.map(({ type }) => type)).toEqual(['usage', 'text_delta', 'text_delta', 'usage', 'message']);
    expect(events[1]).toEqual({ type: 'text_delta', content: 'Hel', block: 0 });
    expect(events[0]).toMatchObject({ usage: { inputTokens: 10, outputTokens: 1, cacheReadTokens: 4, cacheWriteTokens: 3 } });
    expect(message(events)).toEqual({
      type: 'message',
      id: 'msg_1',
      stopReason: 'end_turn',
      message: { role: 'assistant', origin: 'anthropic', content: [{ type: 'text', text: 'Hello 😀' }] },
      usage: {
        inputTokens: 10,
        outputTokens: 7,
        cacheReadTokens: 4,
        cacheWriteTokens: 3,
        raw: { input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 7, service_tier: 'standard' },
      },
    });
  });

  it('changes no state that it was given', () => {
    let state = WAITING;
    for (const body of turn(open(0, TOOL), inputJson(0, '{}'), open(1, EMPTY_TEXT), text(1, 'a'), close(0), close(1))) {
      const before = structuredClone(state);
      const frame = { type: typeOf(body), body, position: 0 };
      const [next, events] = reduce(state, frame);
      expect(state).toEqual(before);
      expect(reduce(state, frame)).toEqual([next, events]);
      state = next;
    }
  });

  it('overwrites counters and never adds them; null says nothing', () => {
    const more = { usage: { output_tokens: 9, input_tokens: null, cache_read_input_tokens: 40, output_tokens_details: { thinking_tokens: 5 } } };
    const { events } = run([start(), end('end_turn'), end('end_turn', more), STOP]);
    expect(message(events).usage).toMatchObject({ inputTokens: 10, outputTokens: 9, cacheReadTokens: 40, cacheWriteTokens: 3, reasoningTokens: 5 });
    expect(ofType(events, 'usage')).toHaveLength(3);
  });

  it('keeps of the usage at the end what the official accumulator keeps: counters, and nothing about the request', () => {
    const about = { cache_creation: { ephemeral_5m_input_tokens: 9 }, service_tier: 'batch', inference_geo: 'us', future_tokens: 3 };
    const { events } = run([start(), end('end_turn', { usage: { output_tokens: 9, server_tool_use: { web_search_requests: 2 }, ...about } }), STOP]);
    expect(message(events).usage?.raw).toEqual({
      input_tokens: 10,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 4,
      output_tokens: 9,
      service_tier: 'standard',
      server_tool_use: { web_search_requests: 2 },
    });
  });

  it('has a null usage where the service sent none', () => {
    const events = run([start({ usage: null }), { type: 'message_delta', delta: { stop_reason: 'end_turn' } }, STOP]).events;
    expect(events.map(({ type }) => type)).toEqual(['message']);
    expect(message(events).usage).toBeNull();
  });

  it('M10: takes a turn without content', () => {
    expect(content(turn())).toEqual([]);
  });

  it('N24: hands on a stop reason that nobody knows', () => {
    expect(message(run([start(), end('paused_for_reasons'), STOP]).events).stopReason).toBe('paused_for_reasons');
  });

  it('M11: tells what else the end says in the metadata, only where it is said', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null };
    const more = { delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: details }, context_management: { applied_edits: [] } };
    expect(run([start(), end('refusal', more), STOP]).state.metadata).toEqual({ stop_details: details, context_management: { applied_edits: [] } });
    expect(run(GREETING).state.metadata).toEqual({});
  });

  it('M11: forgets a stop sequence and its details when the end says null, and keeps the last reason that is one', () => {
    const early = end('stop_sequence', { delta: { stop_reason: 'stop_sequence', stop_sequence: '##', stop_details: { type: 'x' } } });
    const late = end('end_turn', { delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null }, context_management: null });
    const kept = { type: 'message_delta', delta: { stop_reason: null } };
    expect(run([start(), early]).state.metadata).toEqual({ stop_sequence: '##', stop_details: { type: 'x' } });
    const { state, events } = run([start({ stop_sequence: '#' }), early, late, kept, STOP]);
    expect(state.metadata).toEqual({});
    expect(message(events).stopReason).toBe('end_turn');
  });

  it('keeps the container for the next request', () => {
    const container = { id: 'container_1', expires_at: 'later' };
    const { events, state } = run([start(), end('end_turn', { delta: { stop_reason: 'end_turn', container } }), STOP]);
    expect(message(events).message.wire).toEqual({ container });
    expect(state.metadata).toEqual({ container });
  });

  it('N29: is over at message_stop', () => {
    expect(run(GREETING).state.phase).toBe('ended');
  });
});

describe('reduce: blocks', () => {
  it('takes as long for a block and a call however many there have been, ended or open', () => {
    const count = 25_000;
    const calls = Array.from({ length: count }, (_, index) => [open(index, { ...TOOL, id: `toolu_${index}` }), close(index)]);
    const searches = Array.from({ length: count }, (_, at) => [
      open(count + at, { type: 'server_tool_use', id: `srv_${at}`, name: 'web_search', input: {} }),
      close(count + at),
      open(3 * count - 1 - at, { type: 'web_search_tool_result', tool_use_id: `srv_${at}`, content: [] }),
    ]);
    const ends = searches.map((_, at) => close(2 * count + at));
    const { events } = run([start(), ...calls.flat(), ...searches.flat(), ...ends, end(), STOP]);
    expect(message(events).message.content).toHaveLength(3 * count);
    expect(ofType(events, 'server_tool_result')[0]).toMatchObject({ content: { id: `srv_${count - 1}`, name: 'web_search' } });
  });

  it('keeps thinking and its signature; the last signature stands', () => {
    const frames = turn(
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm', estimated_tokens: 2 }),
      delta(0, { type: 'thinking_delta', thinking: 'm.' }),
      delta(0, { type: 'signature_delta', signature: 'one' }),
      delta(0, { type: 'signature_delta', signature: 'two==' }),
      close(0),
      open(1, { type: 'redacted_thinking', data: 'opaque' }),
      close(1),
    );
    expect(content(frames)).toEqual([
      { type: 'thinking', thinking: 'Hmm.', signature: 'two==' },
      { type: 'redacted_thinking', data: 'opaque' },
    ]);
    expect(ofType(run(frames).events, 'thinking')).toEqual([
      { type: 'thinking', content: 'Hm', block: 0 },
      { type: 'thinking', content: 'm.', block: 0 },
    ]);
    expect(ofType(run(frames).events, 'raw')).toEqual([]);
  });

  it('tells citations and keeps them in order; null, an empty list and none stay what they were', () => {
    const [first, second] = [{ type: 'char_location', n: 1 }, { type: 'char_location', n: 2 }];
    const frames = turn(
      open(0, { type: 'text', text: '', citations: [] }),
      text(0, 'a'),
      delta(0, { type: 'citations_delta', citation: first }),
      delta(0, { type: 'citations_delta', citation: second }),
      close(0),
      open(1, { type: 'text', text: 'b', citations: null }),
      close(1),
      open(2, { type: 'text', text: 'c', citations: [] }),
      close(2),
    );
    expect(content(frames)).toEqual([
      { type: 'text', text: 'a', citations: [first, second] },
      { type: 'text', text: 'b', wire: { citations: null } },
      { type: 'text', text: 'c', citations: [] },
    ]);
    expect(ofType(run(frames).events, 'citation')).toEqual([
      { type: 'citation', content: first, block: 0 },
      { type: 'citation', content: second, block: 0 },
    ]);
  });

  it('tells a tool call piece by piece and then whole; empty pieces are not told', () => {
    const frames = turn(open(0, TOOL), inputJson(0, ''), inputJson(0, '{"zone":'), inputJson(0, '"Lima"}'), close(0));
    expect(run(frames).events.slice(1, -2)).toEqual([
      { type: 'tool_input_start', content: { id: 'toolu_1', name: 'clock' }, block: 0 },
      { type: 'tool_input_delta', content: { id: 'toolu_1', delta: '{"zone":' }, block: 0 },
      { type: 'tool_input_delta', content: { id: 'toolu_1', delta: '"Lima"}' }, block: 0 },
      { type: 'tool_use_start', content: { id: 'toolu_1', name: 'clock', input: { zone: 'Lima' } } },
    ]);
    expect(content(frames)).toEqual([{ type: 'tool_use', id: 'toolu_1', name: 'clock', input: { zone: 'Lima' }, wire: { caller: { type: 'direct' } } }]);
  });

  it('M4: an input that never came is empty', () => {
    for (const pieces of [[], [inputJson(0, '')]]) {
      const { events } = run(turn(open(0, TOOL), ...pieces, close(0)));
      expect(ofType(events, 'tool_use_start')).toEqual([{ type: 'tool_use_start', content: { id: 'toolu_1', name: 'clock', input: {} } }]);
    }
  });

  it('M4: deltas win over the input that the start brought, empty ones too', () => {
    const begun = { ...TOOL, input: { zone: 'Lima' } };
    expect(content(turn(open(0, begun), close(0)))).toMatchObject([{ input: { zone: 'Lima' } }]);
    expect(content(turn(open(0, begun), inputJson(0, ''), close(0)))[0]).toHaveProperty('input', {});
    expect(content([start(), open(0, begun), inputJson(0, ''), end(), STOP])[0]).toHaveProperty('input', {});
    expect(content(turn(open(0, begun), inputJson(0, '{"zone":"Oslo"}'), close(0)))).toMatchObject([{ input: { zone: 'Oslo' } }]);
  });

  it('a call without a name is told as it came', () => {
    const { events } = run(turn(open(0, { ...TOOL, name: '' }), close(0)));
    expect(ofType(events, 'tool_use_start')).toEqual([{ type: 'tool_use_start', content: { id: 'toolu_1', name: '', input: {} } }]);
  });

  it('M2: an input that is no JSON makes a call that carries its error', () => {
    const { events } = run(turn(open(0, TOOL), inputJson(0, '{"zone":"Li", oops'), close(0)));
    const [call] = ofType(events, 'tool_use_start');
    expect(call).toMatchObject({ content: { id: 'toolu_1', input: {}, inputError: { text: '{"zone":"Li", oops' } } });
    expect(message(events).message.content).toMatchObject([{ type: 'tool_use', input: {} }]);
  });

  it('D1: an input with a member called __proto__ is refused, however it is spelt', () => {
    for (const json of ['{"__proto__":{"admin":true}}', '{"a":{"\\u005f_proto__":1}}']) {
      const [call] = ofType(run(turn(open(0, TOOL), inputJson(0, json), close(0))).events, 'tool_use_start');
      expect(call).toMatchObject({ content: { input: {}, inputError: { text: json } } });
    }
  });

  it.each(['{"f":1e400}', `{"f":${'9'.repeat(400)}}`, `{"f":${'9'.repeat(250)}e70}`, '{"constructor":{"prototype":1}}', `{"f":${'['.repeat(507)}${']'.repeat(507)}}`])(
    'D1: an input that no event can carry is an input error (case %#)',
    (json) => {
      const blocks = [TOOL, { ...TOOL, type: 'server_tool_use' }].flatMap((call, index) => [open(index, { ...call, id: `toolu_${index}` }), inputJson(index, json), close(index)]);
      const { events } = run(turn(...blocks));
      expect(ofType(events, 'tool_use_start')).toMatchObject([{ content: { input: {}, inputError: { text: json } } }]);
      const cut = run([start(), open(0, TOOL), inputJson(0, json.slice(0, -1)), end('max_tokens'), STOP]).events;
      for (const body of [...events, ...cut]) expect(E.isRight(StreamEvent.decode(completed(withEnvelope(envelope, body))))).toBe(true);
    },
  );

  it('M5: a call cut off by max_tokens is not told, and stands in the message with the input that is whole', () => {
    const cut = [open(0, TOOL), inputJson(0, '{"path":"/etc","lines":["a","b')];
    const { events } = run([start(), ...cut, end('max_tokens'), STOP]);
    expect(ofType(events, 'tool_use_start')).toEqual([]);
    expect(message(events).message.content).toMatchObject([{ type: 'tool_use', input: { path: '/etc', lines: ['a'] } }]);
  });

  it('tells what the service runs itself, and keeps both blocks as they came', () => {
    const use = { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {}, caller: { type: 'direct' } };
    const result = { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [{ type: 'web_search_result', encrypted_content: 'x==' }] };
    const frames = turn(open(0, use), inputJson(0, '{"query":"rxjs"}'), close(0), open(1, result), close(1));
    expect(run(frames).events.slice(1, -2)).toEqual([
      { type: 'server_tool_use', content: { id: 'srv_1', name: 'web_search', input: { query: 'rxjs' }, block: 0 } },
      { type: 'server_tool_result', content: { id: 'srv_1', name: 'web_search', content: result.content, isError: false, block: 1 } },
    ]);
    expect(content(frames)).toEqual([
      { type: 'provider', provider: 'anthropic', block: { ...use, input: { query: 'rxjs' } } },
      { type: 'provider', provider: 'anthropic', block: result },
    ]);
  });

  it.each([
    [{ type: 'mcp_tool_result', tool_use_id: 'x', is_error: true, content: [] }, 'mcp'],
    [{ type: 'web_fetch_tool_result', tool_use_id: 'x', content: { type: 'web_fetch_tool_result_error', error_code: 'unavailable' } }, 'web_fetch'],
  ])('sees a failed server tool: %j', (block, name) => {
    expect(ofType(run(turn(open(0, block), close(0))).events, 'server_tool_result')).toMatchObject([{ content: { name, isError: true } }]);
  });

  it('N23: keeps a block of a type that nobody knows, with what its deltas bring', () => {
    const compaction = { type: 'compaction', content: null };
    const change = { type: 'compaction_delta', content: 'summary', encrypted_content: 'y==' };
    const future = { type: 'hologram', input: {}, depth: 3 };
    const glow = delta(1, { type: 'hologram_delta', depth: 4 });
    const frames = turn(open(0, compaction), delta(0, change), close(0), open(1, future), inputJson(1, '{"a":1}'), glow, close(1));
    expect(content(frames)).toEqual([
      { type: 'provider', provider: 'anthropic', block: { type: 'compaction', content: 'summary', encrypted_content: 'y==' } },
      { type: 'provider', provider: 'anthropic', block: { type: 'hologram', input: { a: 1 }, depth: 3 } },
    ]);
    expect(ofType(run(frames).events, 'raw')).toHaveLength(4);
  });

  it('N21 N22: hands on events and deltas of types that nobody knows', () => {
    const strange = { type: 'weather_report', sunny: true };
    const glow = delta(0, { type: 'glow_delta', lumen: 4 });
    const frames = turn(strange, open(0, EMPTY_TEXT), text(0, 'a'), glow, close(0));
    expect(ofType(run(frames).events, 'raw')).toEqual([strange, glow].map((event) => ({ type: 'raw', content: { provider: 'anthropic', event } })));
    expect(content(frames)).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('a fallback block names the model that answers from there on', () => {
    const { state } = run(turn(open(0, { type: 'fallback', to: { model: 'claude-other' } }), close(0)));
    expect(state.model).toBe('claude-other');
  });

  it('N28: content is ordered by index, however blocks begin, interleave and end', () => {
    const frames = turn(
      open(2, EMPTY_TEXT),
      open(0, EMPTY_TEXT),
      text(2, 'c'),
      open(1, TOOL),
      text(0, 'a'),
      inputJson(1, '{"b"'),
      text(2, 'C'),
      close(2),
      inputJson(1, ':1}'),
      text(0, 'A'),
      close(1),
      close(0),
    );
    expect(content(frames)).toMatchObject([
      { type: 'text', text: 'aA' },
      { type: 'tool_use', input: { b: 1 } },
      { type: 'text', text: 'cC' },
    ]);
  });

  it('keeps and tells content that comes whole with message_start', () => {
    const whole = [{ type: 'text', text: 'Hello' }, { ...TOOL, input: { zone: 'Lima' } }];
    const { events } = run([start({ content: whole }), end(), STOP]);
    expect(events.map(({ type }) => type)).toEqual(['usage', 'text_delta', 'tool_input_start', 'tool_use_start', 'usage', 'message']);
    expect(message(events).message.content).toMatchObject([{ text: 'Hello' }, { input: { zone: 'Lima' } }]);
  });

  it('tells the text that a block begins with', () => {
    expect(ofType(run(turn(open(0, { type: 'text', text: 'He' }), text(0, 'llo'), close(0))).events, 'text_delta')).toEqual([
      { type: 'text_delta', content: 'He', block: 0 },
      { type: 'text_delta', content: 'llo', block: 0 },
    ]);
  });
});

describe('reduce: broken streams', () => {
  const broken: [string, JsonObject[], number][] = [
    ['N26: two message_start', [start(), start()], 1],
    ['N27: a delta without a block', [start(), text(0, 'a')], 1],
    ['N27: a delta after its block ended', [start(), open(0, EMPTY_TEXT), close(0), text(0, 'a')], 3],
    ['N27: a block before message_start', [open(0, EMPTY_TEXT)], 0],
    ['N28: one index twice', [start(), open(0, EMPTY_TEXT), close(0), open(0, EMPTY_TEXT)], 3],
    ['M9: one tool call id twice', [start(), open(0, TOOL), close(0), open(1, TOOL)], 3],
    ['M9: one tool call id twice while both are open', [start(), open(0, TOOL), open(1, EMPTY_TEXT), open(2, TOOL)], 3],
    ['a tool call without an id', [start(), open(0, { type: 'tool_use', name: 'clock', input: {} })], 1],
    ['message_stop before message_start', [STOP], 0],
    ['a message_start without a message', [{ type: 'message_start' }], 0],
    ['a block that is none', [start(), { type: 'content_block_start', index: 0 }], 1],
  ];
  it.each(broken)('%s is a ProtocolError that names its place', (_title, frames, eventIndex) => {
    expect(() => run(frames)).toThrow(ProtocolError);
    try {
      run(frames);
    } catch (error) {
      expect(error).toMatchObject({ eventIndex, retryable: false });
    }
  });

  it('N32: an end without a stop reason is a truncation, not an end of turn', () => {
    expect(() => run([start(), open(0, EMPTY_TEXT), text(0, 'a'), close(0), STOP])).toThrow(TruncatedStreamError);
  });

  it('N33: an error event is the error that it names, and says whether part of the answer had come', () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const fails = (frames: JsonObject[]): unknown => {
      try {
        run(frames);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    expect(fails([start(), overloaded])).toMatchObject({ _tag: 'OverloadedError', retryable: true, partial: false });
    expect(fails([start(), open(0, EMPTY_TEXT), text(0, 'a'), overloaded])).toBeInstanceOf(OverloadedError);
    expect(fails([start(), open(0, EMPTY_TEXT), text(0, 'a'), overloaded])).toMatchObject({ partial: true });
    const search = [open(0, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} }), close(0)];
    expect(fails([start(), ...search, overloaded])).toMatchObject({ partial: true });
    expect(fails([start(), { type: 'error', error: { type: 'invalid_request_error', message: 'no' } }])).toBeInstanceOf(InvalidRequestError);
  });
});
