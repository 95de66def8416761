import fc from 'fast-check';
import { parseJson } from '../../src/events/json-object.js';
import { parseFrame, parsePiece } from '../../src/providers/anthropic/wire.js';
import { delta, inputJson, text } from './support.js';

const words = fc.string({ unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '\u0000', '\u2028', '/', '}', 'é', '漢', '😀', '\ud800'), fc.string({ minLength: 1, maxLength: 1 })), maxLength: 12 });
const piece = fc
  .tuple(fc.constantFrom(text, inputJson, (index: number, thinking: string) => delta(index, { type: 'thinking_delta', thinking })), fc.nat(), words, fc.nat(9))
  .map(([make, index, content, spaces]) => JSON.stringify(make(index % 1_000_000_000, content)).replace(/\}$/, `${' '.repeat(spaces)}}`));

describe('parsePiece', () => {
  it('reads every piece in the form that the service writes, as JSON.parse does', () => {
    fc.assert(
      fc.property(piece, (data) => {
        expect(parsePiece(data)).toStrictEqual(JSON.parse(data));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads nothing that JSON.parse would read in another way, or not at all', () => {
    const damaged = fc.tuple(piece, fc.nat(), fc.nat(2), fc.oneof(words, fc.constantFrom('\\u0041', '\\u00', '\\x', '0', '-', '\t', ',"a":1', '{')));
    fc.assert(
      fc.property(damaged, ([data, place, taken, put]) => {
        const at = place % (data.length + 1);
        const other = data.slice(0, at) + put + data.slice(at + taken);
        const read = parsePiece(other);
        if (read !== undefined) expect(read).toStrictEqual(parseJson(other));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['a leading zero', '{"type":"content_block_delta","index":01,"delta":{"type":"text_delta","text":"a"}}'],
    ['the member of another kind', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","thinking":"a"}}'],
    ['a second member', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","b":"c"}}'],
    ['a raw tab', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\t"}}'],
    ['an escape that is none', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\x41"}}'],
    ['something after the end', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}}'],
  ])('leaves %s to JSON.parse', (_title, data) => {
    expect(parsePiece(data)).toBeUndefined();
  });

  it('N18: takes a piece of many megabytes, escaped throughout', () => {
    const body = text(0, '\\"'.repeat(3 * 1024 * 1024));
    expect(parseFrame(JSON.stringify(body), 'content_block_delta', 0).body).toEqual(body);
  });
});
