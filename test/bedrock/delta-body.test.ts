import fc from 'fast-check';
import type { JsonObject } from '../../src/events/json.js';
import { readDeltaBody } from '../../src/providers/bedrock/delta-body.js';

const index = fc.nat({ max: 999_999_999 });
const padding = fc.option(fc.stringMatching(/^[a-zA-Z0-9]{0,60}$/), { nil: undefined });
const said = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('\n', '"', '\\', '\u2028', '</a>', '😀', '\u007f', '\u0000'));
const deltas = said.chain((text) => fc.constantFrom<JsonObject>({ text }, { toolUse: { input: text } }, { reasoningContent: { text } }));
const bodies = fc.record({ contentBlockIndex: index, delta: deltas, p: padding }).map(({ p, ...body }): JsonObject => (p === undefined ? body : { ...body, p }));

describe('the usual delta', () => {
  it('is read for what JSON.parse gives', () => {
    fc.assert(fc.property(bodies, (body) => expect(readDeltaBody(JSON.stringify(body))).toEqual(body)));
  });

  it('N25: is no other text than JSON.parse would take, and means the same', () => {
    const insert = fc.constantFrom('"', '\\', '\\u12', '\\u0041', '\n', '\u0000', ',', '}', '{', ' ', '0', '-', '1e400', '"__proto__":1,', '');
    fc.assert(
      fc.property(bodies, fc.nat({ max: 120 }), fc.nat({ max: 4 }), insert, (body, at, length, piece) => {
        const whole = JSON.stringify(body);
        const text = whole.slice(0, at) + piece + whole.slice(at + length);
        const read = readDeltaBody(text);
        if (read !== undefined) expect(read).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['another member', '{"contentBlockIndex":0,"delta":{"text":"a","citation":{}},"p":"a"}'],
    ['a member that changes prototypes', '{"contentBlockIndex":0,"delta":{"text":"a"},"__proto__":{}}'],
    ['an index that is no plain number', '{"contentBlockIndex":1e999,"delta":{"text":"a"}}'],
    ['an index with a zero before it', '{"contentBlockIndex":01,"delta":{"text":"a"}}'],
    ['an escape that is none', '{"contentBlockIndex":0,"delta":{"text":"\\x"}}'],
    ['a text that goes on over a line', '{"contentBlockIndex":0,"delta":{"text":"a\nb"}}'],
    ['something behind its end', '{"contentBlockIndex":0,"delta":{"text":"a"}}}'],
    ['no end', '{"contentBlockIndex":0,"delta":{"text":"a"}'],
    ['a length beyond all deltas', JSON.stringify({ contentBlockIndex: 0, delta: { text: '\\'.repeat(3000) } })],
  ])('is not one with %s', (_, payload) => {
    expect(readDeltaBody(payload)).toBeUndefined();
  });
});
