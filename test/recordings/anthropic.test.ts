import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/events/json.js';
import { OverloadedError, ProtocolError, ServerError, TruncatedStreamError } from '../../src/errors/errors.js';
import { judge } from '../../scripts/recordings/anthropic/judge.js';
import { compare } from '../../scripts/recordings/compare.js';
import { close, delta, EMPTY_TEXT, end, GREETING, inputJson, open, sse, start, STOP, text } from '../anthropic/support.js';
import { lineOf, record, run, told, type Run } from './support.js';

let folder: string;

const TOOL = { type: 'tool_use', id: 't1', name: 'clock', input: {} };
const TOOL_TURN = [start(), open(0, TOOL), inputJson(0, '{"zone":"Lima"}'), close(0), end('tool_use'), STOP];
const CALL = { id: 't1', name: 'clock', input: { zone: 'Lima' } };
const CALLED: JsonObject = { stop_reason: 'tool_use', text: '', tool_calls: [CALL], content: [{ type: 'tool_use', ...CALL }] };
const HELLO: JsonObject = {
  httpStatus: 200,
  id: 'msg_1',
  model: 'claude-test',
  stop_reason: 'end_turn',
  stop_details: null,
  usage: { input_tokens: 10, output_tokens: 7 },
  text: 'Hello 😀',
  thinking: '',
  block_types: ['text'],
  content: [{ type: 'text', text: 'Hello 😀' }],
};
const HI = [open(0, EMPTY_TEXT), text(0, 'Hi'), close(0)];
const SERVER_CALL = { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} };
const OVERLOADED: JsonObject = { type: 'error', error: { type: 'overloaded_error', message: 'x' } };
const sdkError = (message: string): JsonObject => ({ httpStatus: 200, sdkError: message });
const withoutNames = (wire: string): string => wire.replaceAll(/^event: .*\n/gm, '');
const at = (index: number): JsonObject[] => [open(index, EMPTY_TEXT), text(index, 'Hi'), close(index)];

/** Name, wire, what the SDK made of it. */
const AGREEING: readonly (readonly [string, string, JsonObject])[] = [
  ['hello', sse(GREETING), HELLO],
  ['tool', sse(TOOL_TURN), CALLED],
  ['refused', '{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}', { httpStatus: 429 }],
  ['failed N33', sse([start(), OVERLOADED]), sdkError('overloaded')],
  ['cut N6', sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]), { httpStatus: 200, text: 'Hel', stop_reason: null }],
  ['cut after the reason N6', sse([start(), ...HI, end()]), { text: 'Hi', stop_reason: 'end_turn' }],
  ['invalid JSON N25', sse([start(), ...HI]) + 'event: content_block_start\ndata: {\n\n', sdkError('SyntaxError')],
  ['a block without an index', sse([start(), { type: 'content_block_start', index: null, content_block: EMPTY_TEXT }, ...HI, end(), STOP]), { stop_reason: 'end_turn', text: 'Hi' }],
  ['an end before the beginning', sse([end(), start(), STOP]), { stop_reason: null, text: '' }],
  ['a counter that nobody knows, at the end', sse([start(), ...HI, end('end_turn', { usage: { output_tokens: 7, novel_tokens: 3 } }), STOP]), sdkError('failed')],
  ['a text block without text', sse([start({ content: [{ type: 'text', citations: [] }] }), end(), STOP]), { stop_reason: 'end_turn', text: '', content: [{ type: 'text', citations: [] }] }],
  ['a block without a type', sse([start(), open(0, { novel: 1 }), close(0), end(), STOP]), { stop_reason: 'end_turn', text: '', block_types: [null] }],
  ['a ping that is no JSON N15', `${sse([start()])}event: ping\ndata: {\n\n${sse([...HI, end(), STOP])}`, { stop_reason: 'end_turn', text: 'Hi' }],
  ['an unknown event that is no JSON N25', `${sse([start()])}event: novel\ndata: {\n\n${sse([...HI, end(), STOP])}`, { stop_reason: 'end_turn', text: 'Hi' }],
  ['a stream that a gateway ends once more N29', `${sse([start(), ...HI, end()])}data: [DONE]\n\n${sse([STOP])}`, { stop_reason: 'end_turn', text: 'Hi' }],
  ['without names N20', withoutNames(sse(GREETING)), sdkError('request ended without sending any chunks')],
  ['delta without usage', sse([start(), ...HI, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }, STOP]), sdkError('TypeError')],
  ['delta with null usage', sse([start(), ...HI, end('end_turn', { usage: null }), STOP]), sdkError('TypeError')],
  ['start with null usage', sse([start({ usage: null }), ...HI, end(), STOP]), sdkError('TypeError')],
  ['start without content', sse([start({ content: null }), ...HI, end(), STOP]), sdkError('TypeError')],
  ['server call with invalid JSON', sse([start(), open(0, SERVER_CALL), inputJson(0, '{"a" "b"}'), close(0), end(), STOP]), sdkError('Unable to parse tool parameter JSON')],
  ['call with invalid JSON M2', sse([start(), open(0, TOOL), inputJson(0, '{"a" "b"}'), close(0), end('tool_use'), STOP]), sdkError('Unable to parse tool parameter JSON')],
  ['error after the end N29', sse([...GREETING, OVERLOADED]), sdkError('overloaded')],
  ['second delta without reason', sse([...GREETING.slice(0, -1), { ...end(), delta: { stop_reason: null } }, STOP]), { ...HELLO, stop_reason: null }],
  ['second delta with a null counter', sse([...GREETING.slice(0, -1), end('end_turn', { usage: { output_tokens: null } }), STOP]), { ...HELLO, usage: { output_tokens: null } }],
  [
    'a counter told twice',
    sse([start(), ...HI, end('end_turn', { usage: { output_tokens: 7, service_tier: 'priority' } }), STOP]),
    { stop_reason: 'end_turn', text: 'Hi', usage: { output_tokens: 7, service_tier: 'standard' } },
  ],
  ['CR N19', sse(GREETING).replaceAll('\n', '\r'), HELLO],
  ['without id', sse([start({ id: null }), ...HI, end(), STOP]), { id: null, stop_reason: 'end_turn', text: 'Hi' }],
  ['from index 1 N28', sse([start(), ...at(1), end(), STOP]), { stop_reason: 'end_turn', text: '', content: [EMPTY_TEXT] }],
  ['a gap N28', sse([start(), ...at(0), ...at(2), end(), STOP]), { stop_reason: 'end_turn', text: 'Hi', content: [{ type: 'text', text: 'Hi' }, EMPTY_TEXT] }],
  [
    'an empty signature',
    sse([start(), open(0, { type: 'thinking', thinking: '', signature: '' }), delta(0, { type: 'thinking_delta', thinking: 'Hm' }), close(0), end(), STOP]),
    { stop_reason: 'end_turn', thinking: 'Hm', signatures: [''] },
  ],
  ['input there from the start', sse([start(), open(0, { ...TOOL, input: { a: 1 } }), inputJson(0, '{"zone":"Lima"}'), close(0), end('tool_use'), STOP]), CALLED],
  [
    'input there and an empty delta, by the wire',
    withoutNames(sse([start(), open(0, { ...TOOL, input: { a: 1 } }), inputJson(0, ''), close(0), end('tool_use'), STOP])),
    sdkError('no chunks'),
  ],
  [
    'a delta named like its unknown block N22',
    sse([start(), open(0, { type: 'novel', v: 1 }), delta(0, { type: 'novel_delta', v: 2 }), close(0), end(), STOP]),
    { stop_reason: 'end_turn', content: [{ type: 'novel', v: 1 }] },
  ],
  ['a call id twice M9', sse([start(), open(0, TOOL), close(0), open(1, TOOL), close(1), end('tool_use'), STOP]), { stop_reason: 'tool_use', block_types: ['tool_use', 'tool_use'] }],
  ['no beginning N27', sse([start(), text(0, 'Hi'), end(), STOP]), { stop_reason: 'end_turn', text: '' }],
  ['text that was there N6', sse([start(), open(0, { type: 'text', text: 'Hel' }), text(0, 'lo')]), { stop_reason: null, text: 'lo', rawStartText: 'Hel' }],
];

/** Name, wire, what the SDK is said to have made of it, what is said of the difference. */
const DIFFERING: readonly (readonly [string, string, JsonObject, string])[] = [
  ['text', sse(GREETING), { ...HELLO, text: 'Hallo' }, 'text: expected "Hallo", got "Hello 😀"'],
  ['a counter', sse(GREETING), { ...HELLO, usage: { input_tokens: 11 } }, 'usage.input_tokens: expected 11, got 10'],
  ['the content', sse(GREETING), { ...HELLO, content: [{ type: 'text', text: 'Hello 😀', citations: null }] }, 'content[0].citations: expected null, got nothing'],
  ['the id', sse(GREETING), { ...HELLO, id: 'msg_2' }, 'id: expected "msg_2", got "msg_1"'],
  ['text begun with', sse([start(), open(0, { type: 'text', text: 'Hel' }), text(0, 'lo'), close(0), end(), STOP]), { stop_reason: 'end_turn', text: 'xx', rawStartText: 'Hel' }, 'text: expected "xx"'],
  ['an empty expectation', sse(GREETING), {}, 'expected.json says nothing that can be compared'],
  ['only a status, cut', sse([start()]), { httpStatus: 200 }, 'expected.json says nothing that can be compared'],
  ['a whole turn, ten bytes', sse(GREETING).slice(0, 10), HELLO, 'expected.json tells of a whole turn'],
  ['a whole tool turn, nothing', '', CALLED, 'expected.json tells of a whole turn'],
  ['a whole turn, an error', sse([start(), OVERLOADED]), HELLO, 'expected.json tells of a whole turn'],
  ['a whole turn, refused', '{"error":{"type":"rate_limit_error"}}', { ...HELLO, httpStatus: 429 }, 'expected.json tells of a whole turn'],
  ['more text than came', sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]) + 'data: {"type":"content', { stop_reason: null, text: 'Hello' }, "the wire's text: expected \"Hello\", got \"Hel\""],
  ['text, but none came', sse([start()]) + 'data: {', { stop_reason: null, text: 'Hello' }, "the wire's text"],
  ['less text than came', sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]), { stop_reason: null, text: '' }, "the wire's text"],
  ['blocks that did not come', sse([start()]), { stop_reason: null, text: '', block_types: ['tool_use'] }, "the wire's block_types"],
  ['another reason than came', sse([start(), ...HI, end()]), { text: 'Hi', stop_reason: 'tool_use' }, "the wire's stop_reason"],
];

describe('npm run recordings over Anthropic streams', () => {
  let played: Run;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
    for (const [name, wire, expected] of [...AGREEING, ...DIFFERING]) await record(join(folder, 'anthropic', name), 'wire.sse', wire, expected);
    played = await run([folder, '--cuts', '2', '--seed', '7']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(AGREEING.map(([name]) => name))('passes %s', (name) => {
    expect(lineOf(played, `anthropic/${name}`)).toMatch(/^ok /);
  });

  it.each(DIFFERING.map(([name, , , said]) => [name, said] as const))('says what differs: %s', (name, said) => {
    expect(lineOf(played, `anthropic/${name}:`)).toContain(said);
  });

  it('says where it believes the wire more than the SDK', () => {
    expect(lineOf(played, 'anthropic/without names N20')).toContain('(the SDK fails, the wire holds a whole turn: sdkError "request ended');
    expect(lineOf(played, 'anthropic/a gap N28')).toContain('read by index');
    expect(lineOf(played, 'anthropic/hello')).toBe('ok    anthropic/hello');
    expect(lineOf(played, 'anthropic/a ping')).toBe('ok    anthropic/a ping that is no JSON N15');
    expect(lineOf(played, 'anthropic/an unknown event')).toContain('(the SDK reads on, but event 1 is no JSON (N25))');
  });
});

describe('what a recording demands', () => {
  const demand = (wire: string, expected: JsonObject): ReturnType<typeof judge> => judge({ name: 'invented', bytes: Buffer.from(wire), expected });
  const failed = sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel'), OVERLOADED]);

  it.each([
    ['the error that the wire names', new OverloadedError('x', { partial: true }), [told('Hel')], undefined],
    ['an error that does not own up to the text', new OverloadedError('x'), [told('Hel')], 'error.partial: expected true'],
    ['another error', new ServerError('x'), [told('Hel')], 'error.code: expected overloaded (an error event, overloaded_error), got server'],
    ['no error of ours', new TypeError('x'), [told('Hel')], 'expected a typed error'],
    ['no error', undefined, [told('Hel')], 'expected a failure'],
    ['text that got lost', new OverloadedError('x', { partial: true }), [told('He')], 'the text delivered before the failure: expected "Hel", got "He"'],
    ['text that never came', new OverloadedError('x', { partial: true }), [told('Hell')], 'the text delivered before the failure'],
  ])('N33: all that came before an error event, and its error: %s', (_title, error, events, said) => {
    const found = compare(demand(failed, sdkError('overloaded')), { events, error });
    if (said === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(said);
  });

  it('N6: a stream that was cut off is truncated, not broken', () => {
    const cut = demand(sse([start()]), { stop_reason: null, text: '' });
    expect(compare(cut, { events: [], error: new TruncatedStreamError('x') })).toBeUndefined();
    expect(compare(cut, { events: [], error: new ProtocolError('x') })).toContain('expected truncated');
  });

  it('N20: a whole turn that breaks no rule has to succeed, whatever the SDK says', () => {
    expect(compare(demand(withoutNames(sse(GREETING)), sdkError('no chunks')), { events: [], error: new TruncatedStreamError('x') })).toContain('expected success');
  });

  it('a turn that is not the one on the wire differs', () => {
    const turn = demand(withoutNames(sse(GREETING)), sdkError('no chunks'));
    const message = { role: 'assistant', origin: 'anthropic', content: [{ type: 'text', text: 'Hallo' }] } as const;
    const event = { ...told('Hallo'), type: 'message', message, id: 'msg_1', model: 'claude-test', stopReason: 'end_turn', usage: null } as const;
    expect(compare(turn, { events: [event], error: undefined })).toContain('turn.text: expected "Hello 😀", got "Hallo"');
  });
});
