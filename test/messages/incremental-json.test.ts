import fc, { type Arbitrary } from 'fast-check';
import type { Json } from '../../src/events/json.js';
import { IncrementalJson } from '../../src/messages/incremental-json.js';
import { parsePartialJson } from '../../src/messages/partial-json.js';
import { readInput } from '../../src/messages/read-input.js';

const TOKENS = /"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*"|"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*(?:\\(?:u[0-9a-fA-F]{0,3})?)?$|[{}[\],:]|[^\s{}[\],:"]+/g;
const OPEN_STRING = /^"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*/;

/** The string that a text ends in, closed after the last character that is whole; undefined where it ends in none, or in a name. */
function closed(text: string): string | undefined {
  const tokens = [...text.matchAll(TOKENS)].map(([token]) => ({ token, open: token.startsWith('"') && !/^"(?:[^"\\]|\\.)*"$/s.test(token) }));
  const last = tokens.at(-1);
  if (last?.open !== true) return undefined;
  const brackets: string[] = [];
  for (const { token } of tokens) {
    if (token === '{' || token === '[') brackets.push(token);
    else if (token === '}' || token === ']') brackets.pop();
  }
  if (brackets.at(-1) === '{' && tokens.at(-2)?.token !== ':') return undefined;
  const whole = OPEN_STRING.exec(last.token)?.[0] ?? '"';
  const paired = whole.replace(/(?:[\ud800-\udbff]|\\u[dD][89abAB][0-9a-fA-F]{2})$/, '');
  return `${text.slice(0, text.length - last.token.length)}${paired}"`;
}

/** What is to be seen of a text: what is whole in it, and of a string value what has come. */
function expectedOf(text: string): Json | undefined {
  return parsePartialJson(closed(text) ?? text);
}

const hostile = fc.constantFrom('"', '\\', '/', '{', ']', ',', ':', ' ', '\n', '\u0001', '\u0000', 'é', '😀', '\ud83d', '\ude00', '\u2028', 'u', 'n', '0');
const words = fc.constantFrom('a', 'b', '', '0', '1', 'constructor', 'prototype', 'toString', 'length');
const textUnit = fc.oneof(hostile, fc.string({ minLength: 1, maxLength: 1 }));
const text: Arbitrary<string> = fc.oneof(fc.string({ unit: textUnit, maxLength: 8 }), words);

const space = fc.constantFrom('', '', ' ', '\n\t', '\r\n');
const spelt: Arbitrary<string> = fc.tuple(text, fc.boolean(), fc.boolean()).map(([value, escaped, upper]) => {
  if (!escaped) return JSON.stringify(value);
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${upper ? unit.toUpperCase() : unit}`).join('')}"`;
});
const leaf: Arbitrary<string> = fc.oneof(
  spelt,
  fc.constantFrom('true', 'false', 'null', '0', '-0', '1e3', '1E+3', '-1.50', '1e-7', '123456789012345678901234567890', '0.1e1', '1e308', '5e-324'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.maxSafeInteger().map(String),
);

/** JSON text written as no serializer would: spaces anywhere, names that come twice, escapes where none is needed. */
const nameOf = (literal: string): unknown => JSON.parse(literal);
const jsonWhere = (namesDiffer: boolean): Arbitrary<string> => fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('array'), tie('object')),
  array: fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
  object: fc
    .tuple(fc.uniqueArray(fc.tuple(spelt, tie('value')), { maxLength: 4, selector: ([name]) => (namesDiffer ? nameOf(name) : {}) }), space)
    .map(([members, gap]) => `{${gap}${members.map(([name, value]) => `${name}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`),
})).value;

/** A space at the end tells that a number there is whole. */
const inputText = jsonWhere(false).map((value) => `${value} `);
const plainText = jsonWhere(true).map((value) => `${value} `);

const noise = fc.oneof(hostile, fc.constantFrom('}', '[', '"', '1', 't', '-', '1e400,', '"__proto__":['));

/** Cuts a text in pieces at positions drawn by fast-check. */
const cuts = fc.array(fc.nat(), { maxLength: 12 });
function pieces(whole: string, positions: readonly number[]): readonly string[] {
  const at = [0, ...positions.map((position) => position % (whole.length + 1)).sort((left, right) => left - right), whole.length];
  return at.slice(1).map((end, index) => whole.slice(at[index], end));
}

/** Looks after each part, as a reader does; what is seen last. */
const read = (...parts: readonly string[]): Json => {
  const parser = new IncrementalJson();
  let shown: Json = {};
  for (const part of parts) {
    const grown = parser.push(part);
    const now = parser.value();
    expect(grown).toBe(JSON.stringify(now) !== JSON.stringify(shown));
    shown = now;
  }
  return shown;
};

/** Compares the order of members too; jest's own matchers take a member called `constructor` for the class. */
const same = (actual: unknown, expected: unknown): void => expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));

/** Before anything can be seen there is an empty input. */
const orNothing = (value: Json | undefined): Json => (value === undefined ? {} : value);

/** Whatever is equal in two values at the same place is the same object. */
function sharesAll(before: Json | undefined, after: Json | undefined): boolean {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return true;
  if (JSON.stringify(before) === JSON.stringify(after)) return before === after;
  return Object.keys(after).every((key) => !Object.hasOwn(before, key) || sharesAll(Reflect.get(before, key), Reflect.get(after, key)));
}

describe('IncrementalJson', () => {
  it.each([
    ['', {}],
    [' ', {}],
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a":1', {}],
    ['{"a":1 ', { a: 1 }],
    ['{"a":"', { a: '' }],
    ['{"a":"b', { a: 'b' }],
    ['{"a":"b\\', { a: 'b' }],
    ['{"a":"b\\n', { a: 'b\n' }],
    ['{"a":"b\\u00e', { a: 'b' }],
    ['{"a":"b\\u00e9', { a: 'bé' }],
    ['{"a":"\ud83d', { a: '' }],
    ['{"a":"\ud83d\ude00', { a: '😀' }],
    ['{"a":"\\ud83d', { a: '' }],
    ['{"a":"\\ud83d\\ude0', { a: '' }],
    ['{"a":"\\ud83d\\ude00', { a: '😀' }],
    ['{"a":"\\ud83dx', { a: '\ud83dx' }],
    ['{"a":"\\ud83d"', { a: '\ud83d' }],
    ['{"a":[1,2', { a: [1] }],
    ['{"a":[1,{"b":tru', { a: [1, {}] }],
    ['{"a":[1,{"b":true', { a: [1, { b: true }] }],
    ['{"a":1,"a":{', { a: {} }],
    ['["","', ['', '']],
    ['["\\ud83d","\\ud83d"', ['\ud83d', '\ud83d']],
    ['"ab', 'ab'],
    ['null', null],
    ['12', {}],
    ['12 ', 12],
    ['[', []],
  ])('shows of %j what has come', (input, value) => {
    same(read(input), value);
    same(orNothing(expectedOf(input)), value);
    same(read(...input.split('')), value);
  });

  it('gives for every JSON, however it is cut, what JSON.parse gives for the whole', () => {
    fc.assert(
      fc.property(inputText, cuts, (whole, positions) => {
        fc.pre(parsePartialJson(whole) !== undefined);
        const parser = new IncrementalJson();
        for (const piece of pieces(whole, positions)) parser.push(piece);
        // A name that came twice may have held what no event carries.
        fc.pre(!parser.refused);
        same(parser.value(), JSON.parse(whole));
        expect(Object.is(parser.value(), -0)).toBe(Object.is(JSON.parse(whole), -0));
        expect(JSON.stringify(parser.value())).toBe(JSON.stringify(JSON.parse(whole)));
      }),
      { numRuns: 400 },
    );
  });

  it('shows after every character what parsePartialJson gives for the text so far, and the string that is coming', () => {
    fc.assert(
      fc.property(fc.oneof(inputText, plainText), (whole) => {
        const parser = new IncrementalJson();
        let shown: Json = {};
        for (let end = 1; end <= whole.length; end++) {
          const grown = parser.push(whole.charAt(end - 1));
          const [now, expected] = [parser.value(), expectedOf(whole.slice(0, end))];
          if (parser.refused) {
            expect(expected).toBeUndefined();
            expect(grown).toBe(false);
            same(now, shown);
            return;
          }
          same(now, orNothing(expected));
          if (JSON.stringify(now) !== JSON.stringify(shown)) expect(grown).toBe(true);
          shown = now;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a text at the latest where parsePartialJson does, and no text that is an input', () => {
    fc.assert(
      fc.property(plainText, fc.nat(), noise, (whole, position, between) => {
        const at = position % (whole.length + 1);
        const text = whole.slice(0, at) + between + whole.slice(at);
        const parser = new IncrementalJson();
        for (let end = 1; end <= text.length && !parser.refused; end++) {
          parser.push(text.charAt(end - 1));
          const prefix = text.slice(0, end);
          const nothingYet = /^\s*[-+.0-9a-zE]*$/.test(prefix);
          if (!parser.refused && !nothingYet) same(parser.value(), expectedOf(prefix));
        }
        if (parser.refused) expect(readInput(text).error).toBeDefined();
      }),
    );
  });

  it.each(['}', '{]', '{"a":1 x', '[1,,', '{"a" 1', '[01,', '1 2', '{"a":1,}', '[tx', '{1', '["a":', '[1,]', '{,', '"\n', '"\\x', '"\\u00g', '[-,', '[1.,', ',', ':', '{"a":1]', 'truex'])(
    'refuses %j and stays with what it has shown',
    (input) => {
      const parser = new IncrementalJson();
      parser.push('[{"a":"b"},');
      const before = parser.value();
      parser.push(input);
      expect(parser.refused).toBe(true);
      const after = parser.value();
      expect(parser.push('"more"],{"and":"more"}')).toBe(false);
      same(parser.value(), after);
      expect(Array.isArray(before) && Array.isArray(after) && before[0] === after[0]).toBe(true);
    },
  );

  it.each([
    ['{"a":1,"__proto__":{"admin":true}', { a: 1 }],
    ['[{"\\u005f_proto__":{"admin":true}}', [{}]],
    ['{"a":{"__proto__":1 ', { a: {} }],
    ['{"a":{"__proto__":"', { a: {} }],
    ['{"a":{"__proto__":null', { a: {} }],
    ['{"constructor":{"prototype":1}', { constructor: {} }],
    ['{"constructor":{"x":1,"prototype":{', { constructor: { x: 1 } }],
    ['{"a":1e400,', {}],
    ['[[-1e+0400]', [[]]],
    [`[${'9'.repeat(310)},`, []],
  ])('D1: refuses %j, which no event could carry', (input, value) => {
    for (const parts of [[input], input.split('')]) {
      const parser = new IncrementalJson();
      for (const part of parts) parser.push(part);
      expect(parser.refused).toBe(true);
      same(parser.value(), value);
    }
    expect(expectedOf(input)).toBeUndefined();
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  it('D1: takes what only looks like it', () => {
    for (const input of ['{"a":"__proto__"}', '["__proto__","constructor"]', '{"constructor":[{"prototype":1}]}', '{"prototype":{"constructor":1}}', '[1e300 ]']) {
      same(read(input), JSON.parse(input));
      same(parsePartialJson(input), JSON.parse(input));
    }
  });

  it('D1: takes as much depth as an event holds, and no more, without recursion', () => {
    const parser = new IncrementalJson();
    parser.push('['.repeat(504));
    expect(parser.refused).toBe(false);
    same(parser.value(), parsePartialJson('['.repeat(504)));
    parser.push('[');
    expect(parser.refused).toBe(true);
    expect(parsePartialJson('['.repeat(505))).toBeUndefined();
    expect(JSON.stringify(read('{"a":'.repeat(100_000)))).toHaveLength(2 * 504 + 4 * 503);
  });

  it('changes nothing that was read', () => {
    fc.assert(
      fc.property(inputText, cuts, (whole, positions) => {
        const parser = new IncrementalJson();
        const looks = pieces(whole, positions).map((piece) => {
          parser.push(piece);
          const value = parser.value();
          return { value, text: JSON.stringify(value) };
        });
        looks.forEach(({ value, text: asRead }) => expect(JSON.stringify(value)).toBe(asRead));
      }),
    );
  });

  it('gives the same object for whatever is the same, from one look to the next', () => {
    fc.assert(
      fc.property(plainText, cuts, (whole, positions) => {
        const parser = new IncrementalJson();
        let before: Json | undefined;
        for (const piece of pieces(whole, positions)) {
          const grown = parser.push(piece);
          const now = parser.value();
          if (before !== undefined && JSON.stringify(before) !== '{}') {
            expect(sharesAll(before, now)).toBe(true);
            // Says that there is more where there is, and nowhere else.
            expect(now !== before).toBe(grown);
          }
          before = now;
        }
      }),
      { numRuns: 400 },
    );
  });
});
