import { from } from 'rxjs';
import { partialToolInput, type PartialToolInput } from 'coldstream/operators';
import { event } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { parsePartialJson } from '../../src/messages/partial-json.js';

const DELTA = 20;

function callOf(json: string): readonly StreamEvent[] {
  const deltas = Array.from({ length: Math.ceil(json.length / DELTA) }, (_, at) => event.toolInputDelta('call_1', json.slice(at * DELTA, (at + 1) * DELTA)));
  return [event.toolInputStart('call_1', 'lookup'), ...deltas];
}

function shownOf(events: readonly StreamEvent[]): readonly PartialToolInput[] {
  const values: PartialToolInput[] = [];
  from(events).pipe(partialToolInput()).subscribe((value) => void values.push(value));
  return values;
}

/** Counts the characters and members that are looked at or copied by what the language gives for that. */
function workOf(run: () => void): number {
  let work = 0;
  const natives = [
    count(String.prototype, 'charAt', () => 1),
    count(String.prototype, 'charCodeAt', () => 1),
    count(String.prototype, 'slice', lengthOf),
    count(Array.prototype, 'slice', lengthOf),
    count(Array.prototype, 'concat', lengthOf),
    count(RegExp.prototype, 'exec', (_, [text]) => lengthOf(text)),
    count(JSON, 'parse', (_, [text]) => lengthOf(text)),
    count(Object, 'assign', (_, [, source]) => Object.keys(Object(source)).length),
  ];
  function lengthOf(value: unknown): number {
    return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  }
  function count(owner: object, name: string, cost: (result: unknown, given: readonly unknown[]) => number): () => void {
    const native: unknown = Reflect.get(owner, name);
    if (typeof native !== 'function') throw new Error(`no ${name}`);
    const counted = function (this: unknown, ...given: unknown[]): unknown {
      const result: unknown = Reflect.apply(native, this, given);
      work += cost(result, given);
      return result;
    };
    Object.defineProperty(owner, name, { value: counted, configurable: true, writable: true });
    return () => void Object.defineProperty(owner, name, { value: native, configurable: true, writable: true });
  }
  try {
    run();
  } finally {
    for (const restore of natives) restore();
  }
  return work;
}

const fill = (length: number, part: (at: number) => string): string => {
  const parts: string[] = [];
  for (let at = 0, size = 0; size < length; at++) size += parts[parts.push(part(at)) - 1]?.length ?? 0;
  return parts.join('');
};
const shapes: Readonly<Record<string, (length: number) => string>> = {
  'one long text': (length) => `{"path":"a.txt","text":"${fill(length, () => 'abcdefghij ')}"}`,
  'a text of escapes': (length) => `{"text":"${fill(length, () => '\\n\\u00e9\\ud83d\\ude00"'.slice(0, -1))}"}`,
  'an array of numbers': (length) => `{"numbers":[${fill(length, (at) => `${String(at)},`)}0]}`,
  'an array of texts': (length) => `[${fill(length, () => '"abcdefgh",')}""]`,
  'an array of objects': (length) => `{"rows":[${fill(length, (at) => `{"id":${String(at)},"name":"abc"},`)}{}]}`,
  'an object of many members': (length) => `{${fill(length, (at) => `"name_${String(at)}":"abc",`)}"end":1}`,
  'a text deep inside': (length) => `${'[0,{"a":'.repeat(200)}"${fill(length, () => 'abcdefghij ')}"`,
  'a text beside a wide array': (length) => `{"numbers":[${fill(length / 2, () => '1,')}0],"text":"${fill(length / 2, () => 'abcdefghij ')}"}`,
  'one long number': (length) => `[0.${fill(length, () => '1')},`,
  'one long name': (length) => `{"${fill(length, () => 'abcdefghij ')}":1 `,
};

describe('partialToolInput', () => {
  it.each(Object.keys(shapes))('takes as much work for a byte of a long input as for one of a short: %s', (name) => {
    const workFor = (length: number): number => {
      const json = shapes[name]?.(length) ?? '';
      const events = callOf(json);
      return workOf(() => void shownOf(events)) / json.length;
    };
    const [short, long] = [workFor(2 ** 15), workFor(2 ** 17)];
    expect(short).toBeGreaterThan(0);
    expect(long).toBeLessThanOrEqual(1.3 * short);
    expect(long).toBeLessThan(32);
  });

  it.each(Object.keys(shapes))('shows all that has come before long: %s', (name) => {
    const json = shapes[name]?.(2 ** 14) ?? '';
    const values = shownOf(callOf(json));
    const last = values.at(-1)?.input;
    // What has not been paid for by characters yet is missing at the end.
    const missing = JSON.stringify(parsePartialJson(json)).length - JSON.stringify(last).length;
    expect(missing).toBeLessThan(json.length / 10);
  });

  it('tells a narrow input with every delta, however short the deltas are', () => {
    const json = JSON.stringify({ city: 'Lima', days: [30, 1], note: { text: 'abc', more: { and: 'more' } } });
    const ends = Array.from(json, (_, at) => at + 1);
    const deltas = ends.map((end) => event.toolInputDelta('call_1', json.charAt(end - 1)));
    const told = shownOf(deltas).map(({ input }) => JSON.stringify(input));
    const expected = ends
      .map((end) => json.slice(0, end))
      .map((prefix) => JSON.stringify(parsePartialJson(`${prefix}"`) ?? parsePartialJson(prefix) ?? {}));
    expect(told).toEqual(expected.filter((each, at) => each !== (expected[at - 1] ?? '{}')));
  });

  it('keeps what has not changed the same object', () => {
    const json = '{"rows":[{"id":1},{"id":2}],"text":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"}';
    const rows = shownOf(callOf(json)).slice(2).map(({ input }) => (typeof input === 'object' && input !== null && 'rows' in input ? input['rows'] : null));
    expect(rows.length).toBeGreaterThan(3);
    expect(new Set(rows).size).toBe(1);
  });
});
