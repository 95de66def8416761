import fc from 'fast-check';
import { isObject, textOf } from '../../src/events/json-object.js';
import { encodeFrame } from '../../src/mock-server/bedrock/encode-frame.js';
import { framesOf } from '../../src/mock-server/bedrock/frames.js';
import { readRequest } from '../../src/mock-server/bedrock/read-request.js';
import type { MockRequest } from '../../src/mock-server/request.js';
import type { Answer } from '../../src/mock-server/turn.js';

const requestOf = (prompt: string): MockRequest => readRequest({ messages: [{ role: 'user', content: [{ text: prompt }] }] }, 'any');
const pace = { seed: 1, paceMs: 15 };
const answerOf = (text: string): Answer => ({ content: [{ type: 'text', text }] });

/** The member of the event, without the padding. */
const bare = ({ p: _padding, ...members }: Readonly<Record<string, unknown>>) => members;

describe('the wire of Bedrock', () => {
  test('has the events of ConverseStream in their order; only a call has a start', () => {
    const answer: Answer = {
      content: [
        { type: 'thinking', thinking: ['Hm', 'm.'], signature: 'signed' },
        { type: 'text', text: ['One', ' two'] },
        { type: 'tool_use', id: 'c1', name: 'noop', input: {} },
      ],
    };
    const { frames } = framesOf(requestOf('Hi'), answer, { ...pace, paceMs: 0 });
    expect(frames.map(({ event, data }) => [event, bare(data)])).toEqual([
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'm.' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'signed' } } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'One' } }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: ' two' } }],
      ['contentBlockStop', { contentBlockIndex: 1 }],
      ['contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 'c1', name: 'noop' } } }],
      ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '' } } }],
      ['contentBlockStop', { contentBlockIndex: 2 }],
      ['messageStop', { stopReason: 'tool_use' }],
      ['metadata', { metrics: { latencyMs: 0 }, usage: { inputTokens: 14, outputTokens: 5, totalTokens: 19 } }],
    ]);
    expect(frames.every(({ data }) => /^abc\w*$/u.test(String(data['p'])))).toBe(true);
  });

  test('is the same for the same seed and request, padding and all, and another for another', () => {
    const text = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen';
    const first = framesOf(requestOf('Hi'), answerOf(text), pace);
    expect(framesOf(requestOf('Hi'), answerOf(text), pace)).toEqual(first);
    expect(framesOf(requestOf('Hi'), answerOf(text), { ...pace, seed: 2 })).not.toEqual(first);
    expect(framesOf(requestOf('Ho'), answerOf(text), pace)).not.toEqual(first);
    expect(first.requestId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/u);
  });

  test('says how long the answer took', () => {
    const { frames } = framesOf(requestOf('Hi'), answerOf('one two three four five six'), pace);
    const waited = frames.reduce((sum, { delayMs }) => sum + delayMs, 0);
    expect(waited).toBeGreaterThan(0);
    expect(frames.at(-1)?.data['metrics']).toEqual({ latencyMs: waited });
  });

  test('cuts any text and any input into pieces that give it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.jsonValue(), fc.integer(), (text, input, seed) => {
        const answer: Answer = { content: [{ type: 'text', text }, { type: 'tool_use', name: 'any', input: JSON.parse(JSON.stringify({ input })) }] };
        const { frames } = framesOf(requestOf('Hi'), answer, { seed, paceMs: 0 });
        const deltas = frames.map(({ data }) => data['delta'] ?? null).filter(isObject);
        expect(deltas.map((delta) => textOf(delta, 'text') ?? '').join('')).toBe(text);
        const pieces = deltas.map((delta) => delta['toolUse'] ?? null).filter(isObject);
        expect(pieces.map((piece) => textOf(piece, 'input')).join('')).toBe(JSON.stringify({ input }));
      }),
    );
  });

  test('has frames byte for byte as the format asks', () => {
    const bytes = encodeFrame({ event: 'messageStop', data: { stopReason: 'end_turn' }, delayMs: 0 });
    // Made with zlib and nothing of ours.
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f70' +
        '0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e74' +
        '7b2273746f70526561736f6e223a22656e645f7475726e227d5fbf09fc',
    );
  });
});
