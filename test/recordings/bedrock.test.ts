import { crc32 } from 'node:zlib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/events/json.js';
import { ModelError, ProtocolError, RateLimitError, TruncatedStreamError } from '../../src/errors/errors.js';
import { readFrames } from '../../scripts/recordings/bedrock/frames.js';
import { judge } from '../../scripts/recordings/bedrock/judge.js';
import { compare } from '../../scripts/recordings/compare.js';
import { call, close, delta, event, exception, frame, GREETING, input, metadata, open, reasoning, start, stop, text, USAGE } from './frames.js';
import { lineOf, record, run, told, type Run } from './support.js';

let folder: string;

const HELLO: JsonObject = {
  httpStatus: 200,
  sdkError: null,
  role: 'assistant',
  stop_reason: 'end_turn',
  usage: USAGE,
  latencyMs: 321,
  exception: null,
  additional: null,
  trace: null,
  counts: { messageStart: 1, contentBlockDelta: 2, contentBlockStop: 1, messageStop: 1, metadata: 1 },
  text: 'Hello 😀',
  thinking: '',
  signatures: [],
  redacted: [],
  tool_calls: [],
  server_tool_calls: [],
  tool_results: [],
  citations: [],
  block_types: ['text'],
};
/** What is known of a turn that says `Hi`, and whatever else. */
const hi = (more: JsonObject = {}): JsonObject => ({ role: 'assistant', stop_reason: 'end_turn', usage: USAGE, latencyMs: 321, text: 'Hi', block_types: ['text'], ...more });
const HI = [text(0, 'Hi'), close(0)];
const turn = (...content: readonly Buffer[]): Buffer => Buffer.concat([start(), ...content, stop(), metadata()]);
const calls = (...content: readonly Buffer[]): Buffer => Buffer.concat([start(), ...content, stop('tool_use'), metadata()]);
const failed = (message: string, more: JsonObject = {}): JsonObject => ({ httpStatus: 200, sdkError: message, ...more });
const CITATION = { location: { web: { url: 'https://example.org/', domain: 'example.org' } } };

/** The greeting with one byte of a frame changed. */
function changed(position: number, at: number): Buffer {
  return Buffer.concat(GREETING.map((one, index) => (index === position ? Buffer.concat([one.subarray(0, at), Buffer.from([(one[at] ?? 0) ^ 1]), one.subarray(at + 1)]) : one)));
}

/** A frame that claims to be larger than any may be, in lengths that fit their checksum. */
function claiming(size: number): Buffer {
  const bytes = Buffer.from(text(0, 'x'));
  bytes.writeUInt32BE(size, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  return bytes;
}

/** Name, wire, what is known of it. */
const AGREEING: readonly (readonly [string, Buffer, JsonObject])[] = [
  ['hello', Buffer.concat(GREETING), HELLO],
  ['tool', calls(call(0, 't1', 'clock'), input(0, '{"zone":'), input(0, '"Lima"}'), close(0)), { stop_reason: 'tool_use', text: '', tool_calls: [{ id: 't1', name: 'clock', input: { zone: 'Lima' }, json: '{"zone":"Lima"}' }], block_types: ['toolUse'] }],
  ['tool without input M4', calls(call(0, 't1', 'clock'), close(0)), { stop_reason: 'tool_use', text: '', tool_calls: [{ id: 't1', name: 'clock', input: null, json: '' }] }],
  ['tool with invalid JSON M2', calls(call(0, 't1', 'clock'), input(0, '{"a" 1}'), close(0)), { stop_reason: 'tool_use', text: '', tool_calls: [{ id: 't1', name: 'clock', input: null, json: '{"a" 1}' }] }],
  ['tool cut by its limit M5', Buffer.concat([start(), call(0, 't1', 'clock'), input(0, '{"a":"/etc/pa'), stop('max_tokens'), metadata()]), { stop_reason: 'max_tokens', text: '', tool_calls: [{ id: 't1', name: 'clock', input: {}, json: '{"a":"/etc/pa' }] }],
  [
    'server tool',
    turn(
      call(0, 's1', 'nova_grounding', { type: 'server_tool_use' }),
      input(0, '{"q":"x"}'),
      close(0),
      open(1, { toolResult: { toolUseId: 's1', type: 'nova_grounding_result', status: 'success' } }),
      delta(1, { toolResult: [{ text: 'found' }] }),
      delta(1, { toolResult: [{ json: { k: 1 } }] }),
      close(1),
      text(2, 'Hi'),
      close(2),
      delta(3, { citation: CITATION }),
      close(3),
    ),
    hi({
      server_tool_calls: [{ id: 's1', name: 'nova_grounding', input: { q: 'x' } }],
      tool_results: [{ id: 's1', status: 'success', type: 'nova_grounding_result', parts: [{ text: 'found' }, { json: { k: 1 } }] }],
      citations: [CITATION],
      block_types: ['serverToolUse', 'toolResult', 'text', 'text'],
    }),
  ],
  ['reasoning', turn(reasoning(0, { text: 'Hm' }), reasoning(0, { signature: 'c2ln' }), close(0), text(1, 'Hi'), close(1)), hi({ thinking: 'Hm', signatures: ['c2ln'], block_types: ['reasoning', 'text'] })],
  ['signature in two pieces', turn(reasoning(0, { text: 'Hm' }), reasoning(0, { signature: 'c2' }), reasoning(0, { signature: 'ln' }), close(0), ...HI.map(() => text(1, ''))), { stop_reason: 'end_turn', text: '', signatures: ['c2', 'ln'] }],
  ['hidden reasoning', turn(reasoning(0, { redactedContent: 'aGlkZGVu' }), close(0), text(1, 'Hi'), close(1)), hi({ redacted: ['aGlkZGVu'], block_types: ['reasoning', 'text'] })],
  ['open and hidden reasoning', turn(reasoning(0, { text: 'Hm' }), reasoning(0, { redactedContent: 'aGlkZGVu' }), close(0), text(1, 'Hi'), close(1)), hi({ thinking: 'Hm', redacted: ['aGlkZGVu'], block_types: ['reasoning', 'text'] })],
  ['image', turn(open(0, { image: { format: 'png' } }), delta(0, { image: { source: { bytes: 'aW1h' } } }), delta(0, { image: { source: { bytes: 'Z2U=' } } }), close(0)), { stop_reason: 'end_turn', text: '', block_types: ['image'] }],
  ['image that failed', turn(open(0, { image: { format: 'png' } }), delta(0, { image: { error: { message: 'no' } } }), close(0)), { stop_reason: 'end_turn', text: '', block_types: ['image'] }],
  [
    'guardrail',
    Buffer.concat([start(), ...HI, stop('guardrail_intervened', { additionalModelResponseFields: { a: 1 } }), metadata({ trace: { guardrail: { modelOutput: ['x'] } }, serviceTier: { type: 'default' } })]),
    hi({ stop_reason: 'guardrail_intervened', additional: { a: 1 }, trace: { guardrail: { modelOutput: ['x'] } } }),
  ],
  ['unknown event N21', Buffer.concat([start(), event('novelEvent', { a: 1 }), ...HI, stop(), metadata()]), hi()],
  ['unknown delta N22', turn(text(0, 'Hi'), delta(0, { novel: 1 }), close(0)), hi()],
  ['unknown block N23', turn(open(0, { novel: { a: 1 } }), close(0), text(1, 'Hi'), close(1)), hi({ block_types: ['novel', 'text'] })],
  ['unknown stop reason N24', Buffer.concat([start(), ...HI, stop('novel'), metadata()]), hi({ stop_reason: 'novel' })],
  ['a block of nothing', turn(close(0), text(1, 'Hi'), close(1)), hi()],
  ['a block of nothing, counted as text', turn(close(0), text(1, 'Hi'), close(1)), hi({ block_types: ['text', 'text'] })],
  ['interleaved N28', turn(text(1, 'i'), text(0, 'H'), close(1), close(0)), hi({ block_types: ['text', 'text'] })],
  ['in the order of arrival N28', turn(text(1, 'i'), text(0, 'H'), close(1), close(0)), hi({ text: 'iH', block_types: ['text', 'text'] })],
  [
    'calls in the order of arrival N28',
    calls(call(1, 'b', 'y'), close(1), call(0, 'a', 'x'), close(0)),
    { stop_reason: 'tool_use', text: '', tool_calls: [{ id: 'b', name: 'y', input: {} }, { id: 'a', name: 'x', input: {} }] },
  ],
  ['text behind reasoning', turn(reasoning(0, { text: 'Hm' }), text(0, 'Hi'), close(0)), hi({ thinking: 'Hm', block_types: ['reasoning'] })],
  ['metadata missing N44', Buffer.concat([start(), ...HI, stop()]), hi({ usage: null, latencyMs: null })],
  ['cut in its metadata N44', Buffer.concat(GREETING).subarray(0, -9), failed('Error: Truncated event message received.')],
  ['metadata first', Buffer.concat([start(), metadata(), ...HI, stop()]), hi()],
  ['more behind the end N29', Buffer.concat([...GREETING, text(1, 'late'), exception('throttlingException', 'x')]), { ...HELLO, text: 'Hello 😀late' }],
  ['empty N8', Buffer.alloc(0), { httpStatus: 200, sdkError: null, text: '', stop_reason: null }],
  ['cut between frames N6', Buffer.concat(GREETING.slice(0, 3)), { httpStatus: 200, sdkError: null, text: 'Hello 😀', stop_reason: null }],
  ['cut in a frame N40', Buffer.concat(GREETING.slice(0, 3)).subarray(0, -5), failed('Error: Truncated event message received.', { text: 'Hel' })],
  ['cut in the lengths N40', Buffer.concat([...GREETING.slice(0, 2), Buffer.from([0, 0, 0])]), { httpStatus: 200, sdkError: null, text: 'Hel', stop_reason: null }],
  ['a changed payload N40', changed(2, 140), failed('Error: The message checksum did not match')],
  ['changed lengths N40', changed(2, 2), failed('Error: The prelude checksum did not match')],
  ['a changed payload, read by someone who does not look N40', changed(2, 140), HELLO],
  ['two gigabytes N42', Buffer.concat([start(), claiming(0x70000000)]), failed('RangeError')],
  ['five bytes N40', Buffer.concat([start(), claiming(5)]), failed('Error')],
  ['exception at once N43', exception('throttlingException', 'slow down'), failed('ThrottlingException: slow down', { exception: { type: 'throttlingException' } })],
  ['exception in the middle N43', Buffer.concat([start(), text(0, 'Hi'), exception('modelStreamErrorException', 'x')]), failed('ModelStreamErrorException: x', { text: 'Hi' })],
  ['exception that nobody knows N43', Buffer.concat([start(), text(0, 'Hi'), exception('novelException', 'x')]), failed('novelException', { text: 'Hi' })],
  ['error message N43', Buffer.concat([start(), text(0, 'Hi'), frame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'x' }, '')]), failed('InternalFailure', { text: 'Hi' })],
  ['malformed M19', Buffer.concat([start(), ...HI, stop('malformed_tool_use'), metadata()]), hi({ stop_reason: 'malformed_tool_use' })],
  ['payload that is no JSON N25', Buffer.concat([start(), event('contentBlockDelta', '{"a":')]), failed('SyntaxError')],
  ['no type of message', Buffer.concat([start(), frame({ ':event-type': 'contentBlockDelta' }, '{}')]), failed('TypeError')],
  ['begun twice N26', Buffer.concat([start(), start(), ...HI, stop(), metadata()]), hi()],
  ['a call id twice M9', calls(call(0, 't', 'a'), close(0), call(1, 't', 'b'), close(1)), { stop_reason: 'tool_use', text: '', block_types: ['toolUse', 'toolUse'] }],
  ['input without a call N27', calls(input(0, '{}'), close(0)), { stop_reason: 'tool_use', text: '', block_types: ['unknown'] }],
  ['odd and then cut', Buffer.concat([start(), start(), ...HI]), { sdkError: null, stop_reason: null, text: 'Hi' }],
  ['page N9', Buffer.from('<html>sign in</html>'), failed('Error: Truncated event message received.')],
  ['JSON N10', Buffer.from('{"message":"no"}'), failed('Error')],
  ['throttled', Buffer.from('{"message":"Too many requests"}'), { httpStatus: 429, sdkError: 'ThrottlingException: Too many requests' }],
  ['throttled under another status', Buffer.from('{"message":"Too many requests"}'), { httpStatus: 400, sdkError: { name: 'ThrottlingException' } }],
  ['forbidden', Buffer.from('{"__type":"com.amazon#AccessDeniedException"}'), { httpStatus: 403 }],
  ['bad gateway N38', Buffer.from('<html>bad</html>'), { httpStatus: 502, sdkError: 'SyntaxError' }],
];

/** Name, wire, what is said to be known of it, what is said of the difference. */
const DIFFERING: readonly (readonly [string, Buffer, JsonObject, string])[] = [
  ['text', Buffer.concat(GREETING), { ...HELLO, text: 'Hallo' }, 'text: expected "Hallo", got "Hello 😀"'],
  ['a counter', Buffer.concat(GREETING), { ...HELLO, usage: { ...USAGE, inputTokens: 6 } }, 'usage.inputTokens: expected 6, got 5'],
  ['latency', Buffer.concat(GREETING), { ...HELLO, latencyMs: 1 }, 'latencyMs: expected 1, got 321'],
  ['role', Buffer.concat(GREETING), { ...HELLO, role: 'user' }, 'role: expected "user", got "assistant"'],
  ['stop reason', Buffer.concat(GREETING), { ...HELLO, stop_reason: 'max_tokens' }, 'stop_reason: expected "max_tokens", got "end_turn"'],
  ['signature', turn(reasoning(0, { text: 'Hm' }), reasoning(0, { signature: 'c2ln' }), close(0)), hi({ text: '', signatures: ['c2lN'], block_types: ['reasoning'] }), 'signatures[0]: expected "c2lN", got "c2ln"'],
  ['hidden', turn(reasoning(0, { redactedContent: 'aGlkZGVu' }), close(0)), { stop_reason: 'end_turn', text: '', redacted: [] }, 'redacted[0]: expected nothing, got "aGlkZGVu"'],
  ['input', calls(call(0, 't1', 'clock'), input(0, '{"a":1}'), close(0)), { stop_reason: 'tool_use', text: '', tool_calls: [{ id: 't1', name: 'clock', input: { a: 2 } }] }, 'tool_calls[0].input.a: expected 2, got 1'],
  ['a call too few', calls(call(0, 't1', 'clock'), close(0)), { stop_reason: 'tool_use', text: '', tool_calls: [] }, 'tool_calls[0]: expected nothing'],
  ['a server call taken for another', turn(call(0, 's', 'x', { type: 'server_tool_use' }), close(0)), { stop_reason: 'end_turn', text: '', tool_calls: [{ id: 's', name: 'x', input: {} }] }, 'tool_calls[0]: expected {'],
  ['trace', Buffer.concat(GREETING), { ...HELLO, trace: { guardrail: {} } }, 'trace: expected {"guardrail":{}}, got null'],
  ['additional fields', Buffer.concat(GREETING), { ...HELLO, additional: { a: 1 } }, 'additional: expected {"a":1}, got null'],
  ['types of blocks', Buffer.concat(GREETING), { ...HELLO, block_types: ['reasoning'] }, 'block_types[0]: expected "reasoning", got "text"'],
  ['frames', Buffer.concat(GREETING), { ...HELLO, counts: { contentBlockDelta: 3 } }, 'counts.contentBlockDelta: the wire holds another number of frames: expected 3, got 2'],
  ['nothing known', Buffer.concat(GREETING), { counts: {} }, 'expected.json says nothing that can be compared'],
  ['a whole turn, cut', Buffer.concat(GREETING.slice(0, 3)), HELLO, 'expected.json tells of a whole turn'],
  ['text of an answer that was cut', Buffer.concat(GREETING.slice(0, 2)), { sdkError: null, stop_reason: null, text: 'Hello' }, "the wire's text: expected \"Hello\", got \"Hel\""],
  ['a turn that was refused', Buffer.from('{"message":"no"}'), { httpStatus: 400, text: 'Hi', stop_reason: null }, "the wire's text: expected \"Hi\", got \"\""],
];

describe('npm run recordings over Bedrock streams', () => {
  let played: Run;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
    for (const [name, wire, expected] of [...AGREEING, ...DIFFERING]) await record(join(folder, name), 'wire.eventstream', wire, expected);
    played = await run([folder, '--cuts', '2', '--seed', '7']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(AGREEING.map(([name]) => name))('passes %s', (name) => {
    expect(lineOf(played, name)).toMatch(/^ok /);
  });

  it.each(DIFFERING.map(([name, , , said]) => [name, said] as const))('says what differs: %s', (name, said) => {
    expect(lineOf(played, `${name}:`)).toContain(`${name}: ${said.startsWith('expected.json') || said.startsWith('the wire') ? '' : '(HTTP/2, in one piece) '}${said}`);
  });

  it('says where it believes the wire more, or where a failure is as right', () => {
    expect(lineOf(played, 'hello')).toBe('ok    hello');
    expect(lineOf(played, 'cut in its metadata')).toContain('(the SDK fails, the wire holds a whole turn: sdkError "Error: Truncated');
    expect(lineOf(played, 'metadata missing')).toContain('(the stream ended before its metadata (N44))');
    expect(lineOf(played, 'more behind the end')).toContain('(what came after the end is not read (N29))');
    expect(lineOf(played, 'begun twice')).toContain('(frame 1 came twice)');
  });
});

describe('what a Bedrock recording demands', () => {
  const demand = (wire: Buffer, expected: JsonObject): ReturnType<typeof judge> => judge({ name: 'invented', bytes: wire, expected });
  const throttled = Buffer.concat([start(), text(0, 'Hi'), exception('throttlingException', 'x')]);
  const hiTold = told('Hi');
  const message = (text: string, more: JsonObject = {}) =>
    ({ ...hiTold, type: 'message', message: { role: 'assistant', origin: 'bedrock', content: [{ type: 'text', text }] }, stopReason: 'end_turn', usage: null, metadata: more }) as const;

  it.each([
    ['the error that the wire names', new RateLimitError('x', { partial: true }), [hiTold], undefined],
    ['an error that does not own up to the text', new RateLimitError('x'), [hiTold], 'error.partial: expected true'],
    ['another error', new ModelError('x', { partial: true }), [hiTold], 'error.code: expected rate_limit'],
    ['a silent end', undefined, [hiTold], 'expected a failure'],
    ['text that got lost', new RateLimitError('x', { partial: true }), [told('H')], 'the text delivered before the failure'],
  ])('N43: all that came before an exception, and its error: %s', (_title, error, events, said) => {
    const found = compare(demand(throttled, failed('ThrottlingException')), { events, error });
    if (said === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(said);
  });

  it('N6: a stream that was cut off is truncated, not broken', () => {
    const cut = demand(start(), { stop_reason: null, text: '' });
    expect(compare(cut, { events: [], error: new TruncatedStreamError('x') })).toBeUndefined();
    expect(compare(cut, { events: [], error: new ProtocolError('x') })).toContain('expected truncated');
  });

  it('N26: a rule that is broken may be refused where it is broken, and only there', () => {
    const odd = demand(Buffer.concat([start(), text(0, 'Hi'), start(), text(0, '!'), close(0), stop(), metadata()]), hi({ text: 'Hi!' }));
    const error = new ProtocolError('x', { partial: true });
    expect(compare(odd, { events: [hiTold], error })).toBeUndefined();
    expect(compare(odd, { events: [told('Hi!')], error })).toContain('the text delivered before the failure');
    expect(compare(odd, { events: [hiTold], error: new TruncatedStreamError('x', { partial: true }) })).toContain('expected success');
  });

  it('N44: a turn without metadata says so, and invents no usage', () => {
    const wire = demand(Buffer.concat([start(), ...HI, stop()]), hi({ usage: null, latencyMs: null }));
    expect(compare(wire, { events: [hiTold, message('Hi', { incomplete: 'metadata' })], error: undefined })).toBeUndefined();
    expect(compare(wire, { events: [hiTold, message('Hi')], error: undefined })).toContain('metadata.incomplete');
  });

  it('N28: another order of the same wire may be expected, but excuses nothing else', () => {
    const wire = demand(Buffer.concat([start(), text(1, 'i'), text(0, 'H'), close(1), close(0), stop()]), { stop_reason: 'end_turn', text: 'iH' });
    const both = (first: string, second: string) => {
      const end = message('', { incomplete: 'metadata' });
      const content = [first, second].map((piece) => ({ type: 'text', text: piece }) as const);
      return { events: [told(second, 1), told(first, 0), { ...end, message: { ...end.message, content } }], error: undefined };
    };
    expect(compare(wire, both('H', 'i'))).toBeUndefined();
    expect(compare(wire, both('X', 'i'))).toContain('text: expected "iH", got "Xi"');
  });

  it('a turn that is not the one on the wire differs, whatever the SDK said', () => {
    const wire = demand(Buffer.concat(GREETING), failed('Error'));
    expect(compare(wire, { events: [told('Hallo'), message('Hallo')], error: undefined })).toContain('(by the wire)');
  });

  it('M5: a call whose input is no JSON must not look like one that can be run', () => {
    const wire = demand(calls(call(0, 't', 'a'), input(0, '{"a":'), close(0)), { stop_reason: 'tool_use', text: '' });
    const usage = { inputTokens: 5, outputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0, raw: USAGE };
    const turnOf = { ...message('', { metrics: { latencyMs: 321 } }), stopReason: 'tool_use', usage, message: { role: 'assistant', origin: 'bedrock', content: [{ type: 'tool_use', id: 't', name: 'a', input: {} }] } } as const;
    const inputTold = { ...hiTold, type: 'tool_input_delta', content: { id: 't', delta: '{"a":' }, block: 0 } as const;
    const callTold = (more: object = {}) => ({ ...hiTold, type: 'tool_use_start', content: { id: 't', name: 'a', input: {}, ...more } }) as const;
    const usageTold = { ...hiTold, type: 'usage', usage } as const;
    expect(compare(wire, { events: [inputTold, callTold(), usageTold, turnOf], error: undefined })).toContain('carries no inputError');
    expect(compare(wire, { events: [inputTold, callTold({ inputError: { text: '{"a":', message: 'x' } }), usageTold, turnOf], error: undefined })).toBeUndefined();
  });
});

describe('the independent reader of frames', () => {
  it('reads headers of every type, and keeps those that are text', () => {
    const values = [[0], [1], [2, 9], [3, 0, 9], [4, 0, 0, 0, 9], [5, 0, 0, 0, 0, 0, 0, 0, 9], [6, 0, 2, 1, 2], [8, 0, 0, 0, 0, 0, 0, 0, 9], [9, ...Array.from({ length: 16 }, () => 7)]];
    const odd = Buffer.concat(values.map((value, at) => Buffer.from([1, 97 + at, ...value])));
    const plain = frame({ name: 'text' }, '');
    const bytes = Buffer.concat([plain.subarray(0, -4), odd, Buffer.alloc(4)]);
    bytes.writeUInt32BE(bytes.length, 0);
    bytes.writeUInt32BE(bytes.length - 16, 4);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
    const { frames, end } = readFrames(bytes);
    expect(end).toEqual({ kind: 'boundary' });
    expect(frames.map(({ headers }) => [...headers])).toEqual([[['name', 'text']]]);
  });

  it.each([
    ['cut', Buffer.concat(GREETING).subarray(0, 20), 'cut'],
    ['changed in its lengths', changed(0, 3), 'broken'],
    ['changed to a longer one', changed(5, 1), 'broken'],
    ['changed in its payload', changed(0, 100), 'broken'],
    ['larger than 16 MiB', claiming(16 * 2 ** 20 + 1), 'broken'],
    ['of 16 MiB, cut', claiming(16 * 2 ** 20), 'cut'],
  ])('tells what is no frame: %s', (_title, bytes, kind) => {
    expect(readFrames(bytes).end.kind).toBe(kind);
  });
});
