import fc from 'fast-check';
import { framesOf } from '../../src/mock-server/anthropic/frames.js';
import { readRequest } from '../../src/mock-server/anthropic/read-request.js';
import { burstsOf } from '../../src/mock-server/frame.js';
import type { MockRequest } from '../../src/mock-server/request.js';
import type { Answer } from '../../src/mock-server/turn.js';

function requestOf(prompt: string): MockRequest {
  return readRequest({ model: 'any', max_tokens: 1, stream: true, messages: [{ role: 'user', content: prompt }] });
}

const pace = { seed: 1, paceMs: 15 };
const answerOf = (text: string): Answer => ({ content: [{ type: 'text', text }] });

describe('the wire of Anthropic', () => {
  test('has the frames of the Messages API in their order', () => {
    const answer: Answer = {
      content: [
        { type: 'thinking', thinking: ['Hm', 'm.'], signature: 'signed' },
        { type: 'text', text: ['One', ' two'] },
        { type: 'tool_use', name: 'noop', input: {} },
      ],
    };
    const { frames } = framesOf(requestOf('Hi'), 'any', answer, pace);
    expect(frames.map(({ event, data }) => [event, data['index'] ?? null, data['delta'] ?? null])).toEqual([
      ['message_start', null, null],
      ['ping', null, null],
      ['content_block_start', 0, null],
      ['content_block_delta', 0, { type: 'thinking_delta', thinking: 'Hm' }],
      ['content_block_delta', 0, { type: 'thinking_delta', thinking: 'm.' }],
      ['content_block_delta', 0, { type: 'signature_delta', signature: 'signed' }],
      ['content_block_stop', 0, null],
      ['content_block_start', 1, null],
      ['content_block_delta', 1, { type: 'text_delta', text: 'One' }],
      ['content_block_delta', 1, { type: 'text_delta', text: ' two' }],
      ['content_block_stop', 1, null],
      ['content_block_start', 2, null],
      ['content_block_delta', 2, { type: 'input_json_delta', partial_json: '' }],
      ['content_block_stop', 2, null],
      ['message_delta', null, { stop_reason: 'tool_use', stop_sequence: null, stop_details: null }],
      ['message_stop', null, null],
    ]);
    expect(frames.every(({ event, data }) => data['type'] === event)).toBe(true);
  });

  test('cuts any text into pieces that give it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.integer(), (text, seed) => {
        const { frames } = framesOf(requestOf('Hi'), 'any', answerOf(text), { seed, paceMs: 0 });
        const pieces = frames.filter(({ event }) => event === 'content_block_delta').map(({ data }) => data['delta']);
        expect(pieces).not.toContainEqual({ type: 'text_delta', text: '' });
        expect(pieces.map((piece) => (typeof piece === 'object' && piece !== null && 'text' in piece ? piece['text'] : '')).join('')).toBe(text);
      }),
    );
  });

  test('is the same for the same seed and request, and another for another', () => {
    const text = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen';
    const first = framesOf(requestOf('Hi'), 'any', answerOf(text), pace);
    expect(framesOf(requestOf('Hi'), 'any', answerOf(text), pace)).toEqual(first);
    expect(framesOf(requestOf('Hi'), 'any', answerOf(text), { ...pace, seed: 2 })).not.toEqual(first);
    expect(framesOf(requestOf('Ho'), 'any', answerOf(text), pace)).not.toEqual(first);
  });

  test('waits about as long as asked, and never where no pace is asked', () => {
    const many: Answer = { content: [{ type: 'text', text: Array.from({ length: 2_000 }, () => 'x') }] };
    const waits = framesOf(requestOf('Hi'), 'any', many, pace).frames.filter(({ event }) => event === 'content_block_delta');
    const mean = waits.reduce((sum, { delayMs }) => sum + delayMs, 0) / waits.length;
    expect(mean).toBeGreaterThan(13);
    expect(mean).toBeLessThan(17);
    expect(burstsOf(framesOf(requestOf('Hi'), 'any', many, { seed: 1, paceMs: 0 }).frames, () => new Uint8Array(1))).toHaveLength(1);
  });

  test('reports cumulative usage that grows with what goes in and out', () => {
    const usageOf = (prompt: string, text: string) => {
      const { frames } = framesOf(requestOf(prompt), 'any', answerOf(text), pace);
      return frames.find(({ event }) => event === 'message_delta')?.data['usage'];
    };
    expect(usageOf('x'.repeat(400), 'y'.repeat(40))).toMatchObject({ input_tokens: 111, output_tokens: 11 });
    expect(usageOf('x'.repeat(800), 'y'.repeat(80))).toMatchObject({ input_tokens: 211, output_tokens: 21 });
  });
});
