import Anthropic from '@anthropic-ai/sdk';
import fc, { type Arbitrary } from 'fast-check';
import { anthropic, toAnthropic } from 'coldstream/anthropic';
import type { JsonObject } from '../../src/events/json.js';
import { json, jsonObject } from '../support/arbitraries.js';
import { close, delta, end, HELLO, KEY, open, outcomeOf, sse, start, STOP } from './support.js';

type Frames = (index: number) => JsonObject[];

const words = fc.string({ unit: 'grapheme', maxLength: 15 });
const deltas = (type: string, member: string, pieces: readonly unknown[]): Frames => (index) =>
  pieces.map((piece) => delta(index, JSON.parse(JSON.stringify({ type, [member]: piece }))));

/** The text in pieces of any size, empty ones among them. */
const cutUp = (whole: string): Arbitrary<string[]> =>
  fc.array(fc.nat({ max: whole.length }), { maxLength: 4 }).map((places) => {
    const ends = [...places.sort((left, right) => left - right), whole.length];
    return ends.map((to, at) => whole.slice(at === 0 ? 0 : ends[at - 1], to));
  });

const block = (content: JsonObject, ...parts: Frames[]): Frames => (index) => [open(index, content), ...parts.flatMap((part) => part(index)), close(index)];

const textBlock = fc.tuple(fc.array(words), fc.array(jsonObject, { maxLength: 3 }), fc.constantFrom({}, { citations: null }, { citations: [] }), words).map(
  ([pieces, citations, more, first]) => block({ type: 'text', text: first, ...more }, deltas('text_delta', 'text', pieces), deltas('citations_delta', 'citation', citations)),
);
const thinkingBlock = fc.tuple(fc.array(words), fc.array(fc.base64String(), { maxLength: 2 })).map(([pieces, signatures]) =>
  block({ type: 'thinking', thinking: '', signature: '' }, deltas('thinking_delta', 'thinking', pieces), deltas('signature_delta', 'signature', signatures)),
);
const call = (type: string): Arbitrary<Frames> =>
  fc.tuple(fc.uuid(), jsonObject, fc.boolean(), jsonObject).chain(([id, input, cut, more]) => {
    const whole = JSON.stringify(input);
    return cutUp(cut ? whole.slice(0, whole.length >> 1) : whole).map((pieces) => block({ ...more, type, id, name: 'clock', input: cut ? { begun: true } : {} }, deltas('input_json_delta', 'partial_json', pieces)));
  });
const wholeBlock = fc
  .tuple(fc.constantFrom('redacted_thinking', 'web_search_tool_result', 'mcp_tool_result', 'container_upload', 'hologram'), jsonObject)
  .map(([type, more]) => block({ data: 'opaque', tool_use_id: 'x', ...more, type }));
const compaction = fc.tuple(words, fc.base64String()).map(([content, encrypted_content]) =>
  block({ type: 'compaction', content: null }, (index) => [delta(index, { type: 'compaction_delta', content, encrypted_content })]),
);
const counters = fc.record({ output_tokens: fc.nat(), input_tokens: fc.option(fc.nat()), cache_read_input_tokens: fc.option(fc.nat()), server_tool_use: fc.option(json), cache_creation: fc.option(json), service_tier: fc.option(json) }, { requiredKeys: ['output_tokens'] });

const turn: Arbitrary<JsonObject[]> = fc
  .tuple(
    fc.array(fc.oneof(textBlock, thinkingBlock, call('tool_use'), call('server_tool_use'), call('mcp_tool_use'), wholeBlock, compaction), { maxLength: 6 }),
    fc.array(counters, { minLength: 1, maxLength: 2 }),
    fc.boolean(),
  )
  .map(([blocks, usages, unfinished]) => {
    const content = blocks.flatMap((frames, index) => frames(index));
    // As after max_tokens: the last block has no end.
    const kept = unfinished ? content.slice(0, -1) : content;
    return [start(), ...kept, ...usages.map((usage) => end('max_tokens', { usage: JSON.parse(JSON.stringify(usage)) })), STOP];
  });

const answer = (frames: readonly JsonObject[]): typeof globalThis.fetch => () =>
  Promise.resolve(new Response(sse(frames), { headers: { 'content-type': 'text/event-stream' } }));

describe('law 5: lossless', () => {
  it('M14 M18: the message of any turn is what the accumulator of the official SDK builds from the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(turn, async (frames) => {
        const client = new Anthropic({ apiKey: KEY, fetch: answer(frames) });
        const theirs: unknown = JSON.parse(
          JSON.stringify(await client.beta.messages.stream({ model: 'x', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }).finalMessage()),
        );
        const { events, error } = await outcomeOf(anthropic({ model: 'x', apiKey: KEY, fetch: answer(frames) })(HELLO));
        expect(error).toBeUndefined();
        const last = events.at(-1);
        if (last?.type !== 'message') throw new Error('no message');
        const { id, model, stopReason, usage, message } = last;
        expect({ id, model, stop_reason: stopReason, usage: usage?.raw, content: toAnthropic(message).content }).toEqual(pick(theirs));
      }),
      { numRuns: 150 },
    );
  });
});

function pick(message: unknown): object {
  if (typeof message !== 'object' || message === null) throw new Error('no message');
  const kept = ['id', 'model', 'stop_reason', 'usage', 'content'];
  return Object.fromEntries(Object.entries(message).filter(([name]) => kept.includes(name)));
}
