import fc from 'fast-check';
import { partialParse } from '@anthropic-ai/sdk/_vendor/partial-json-parser/parser';
import { parsePartialJson } from '../../src/messages/partial-json.js';

function reference(text: string): unknown {
  try {
    return partialParse(text);
  } catch {
    return undefined;
  }
}

describe('parsePartialJson', () => {
  it.each([
    ['', undefined],
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a":1', {}],
    ['{"a":1 ', { a: 1 }],
    ['{"a":"b', {}],
    ['{"a":[1,2,', { a: [1, 2] }],
    ['{"a":[1,{"b":tr', { a: [1, {}] }],
    ['[1.', []],
    ['["\\"', []],
    ['["\\\\"', ['\\']],
    ['nul', undefined],
    ['null', null],
    ['{"a":1}', { a: 1 }],
  ])('gives for %j what is whole in it', (text, value) => {
    expect(parsePartialJson(text)).toEqual(value);
    expect(reference(text)).toEqual(value);
  });

  it.each(['}', '{]', '{"a":1 x', '[1,,', '{"a" 1', '[01,', '1 2', '{"a":1,}', '[tx', '{1', '["a":'])('refuses %j', (text) => {
    expect(parsePartialJson(text)).toBeUndefined();
  });

  it('gives for every cut of any JSON what the accumulator of the official SDK gives', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5, stringUnit: fc.oneof(fc.constantFrom('"', '\\', '{', ']', ',', '\n', 'é', '😀'), fc.string({ minLength: 1, maxLength: 1 })) }),
        fc.constantFrom(undefined, 1, '\t'),
        (json, space) => {
          const text = JSON.stringify(JSON.parse(json), null, space);
          fc.pre(!text.includes('__proto__'));
          for (let end = 0; end <= text.length; end++) {
            expect(parsePartialJson(text.slice(0, end))).toEqual(reference(text.slice(0, end)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('D1: refuses a member that is called __proto__, however it is spelt', () => {
    for (const text of ['{"__proto__":{"admin":true}', '[{"\\u005f_proto__":{"admin":true}}', '{"a":{"__proto__":1 ']) {
      expect(parsePartialJson(text)).toBeUndefined();
    }
    expect(parsePartialJson('{"a":"__proto__"')).toEqual({ a: '__proto__' });
  });

  it('D1: refuses what no event can carry: numbers that JSON cannot write, a constructor with a prototype, more depth than is safe', () => {
    for (const text of ['{"a":1e400,', '[[-1e+0400]', `[${'9'.repeat(310)},`, '{"constructor":{"prototype":1}', '['.repeat(600), '['.repeat(100_000)]) {
      expect(parsePartialJson(text)).toBeUndefined();
    }
    expect(parsePartialJson('[1e300,')).toEqual([1e300]);
    expect(JSON.stringify(parsePartialJson('['.repeat(500)))).toHaveLength(1000);
  });
});
