import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { findJsonFault, isJson, maxJsonDepth } from '../../src/events/json-guard.js';

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'leaf';
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

/** A copy of a value that counts how often a member of it is read. */
function counting(value: unknown, count: () => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, key, receiver) => {
      if (key !== 'length' && key !== 'constructor') count();
      return counting(Reflect.get(target, key, receiver), count);
    },
  });
}

describe('isJson', () => {
  it('accepts whatever JSON.parse makes, the two unsafe members aside', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        fc.pre(!/__proto__|constructor/.test(JSON.stringify(parsed)));
        expect(findJsonFault(parsed)).toBeUndefined();
      }),
    );
  });

  it('accepts what has no prototype and what another realm made', () => {
    expect(isJson(Object.assign(Object.create(null), { a: [1] }))).toBe(true);
    expect(isJson(runInNewContext('({ a: [1, { b: null }] })'))).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['NaN', { a: [0, Number.NaN] }, 'NaN'],
    ['Infinity', { a: [0, Number.POSITIVE_INFINITY] }, 'Infinity'],
    ['-Infinity', { a: [0, Number.NEGATIVE_INFINITY] }, '-Infinity'],
    ['undefined', { a: [0, undefined] }, 'undefined'],
    ['a hole in an array', { a: Object.assign([0], { length: 4_000_000_000 }) }, 'undefined'],
    ['a function', { a: [0, () => 1] }, 'a function'],
    ['a symbol', { a: [0, Symbol('s')] }, 'a symbol'],
    ['a bigint', { a: [0, 1n] }, 'a bigint'],
    ['a Date', { a: [0, new Date(0)] }, 'an object that is not plain'],
    ['a Map', { a: [0, new Map()] }, 'an object that is not plain'],
    ['an instance', { a: [0, new (class Secret { readonly key = 'k' })()] }, 'an object that is not plain'],
    ['an object with inherited members', { a: [0, Object.create({ hidden: 1 })] }, 'an object that is not plain'],
    ['an object on a foreign root', { a: [0, Object.create(Object.create(null))] }, 'an object that is not plain'],
  ])('refuses %s and says where', (_name, value, reason) => {
    expect(findJsonFault(value)).toEqual({ path: ['a', 1], reason });
    expect(isJson(value)).toBe(false);
  });

  it('D1: refuses a __proto__ member of its own, however deep', () => {
    const value: unknown = JSON.parse('{"a":[{"b":{"__proto__":{"isAdmin":true}}}]}');
    expect(findJsonFault(value)).toEqual({ path: ['a', 0, 'b'], reason: 'a member named __proto__' });
  });

  it('D1: refuses a constructor that holds a prototype, and lets a member of that name be', () => {
    expect(findJsonFault(JSON.parse('{"a":{"constructor":{"prototype":{"isAdmin":true}}}}'))).toEqual({
      path: ['a'],
      reason: 'a constructor with a prototype',
    });
    expect(isJson(JSON.parse('{"constructor":"McLaren","also":{"constructor":{"name":"McLaren"}}}'))).toBe(true);
  });

  it('D14: accepts the greatest depth and refuses one more', () => {
    expect(isJson(nested(maxJsonDepth, (inner) => [inner]))).toBe(true);
    expect(isJson(nested(maxJsonDepth, (inner) => ({ inner })))).toBe(true);
    const fault = findJsonFault(nested(maxJsonDepth + 1, (inner) => ({ inner })));
    expect(fault?.reason).toBe(`nested deeper than ${maxJsonDepth}`);
    expect(fault?.path).toHaveLength(maxJsonDepth);
  });

  it('D14: refuses a depth of 100,000 without overflowing', () => {
    expect(isJson(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe(false);
    expect(isJson(nested(100_000, (inner) => ({ inner })))).toBe(false);
  });

  it('refuses a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(findJsonFault(cycle)?.reason).toBe(`nested deeper than ${maxJsonDepth}`);
  });

  it('visits every member once, whatever the shape', () => {
    const wide = { list: Array.from({ length: 2_000 }, (_, at) => ({ at, also: [at] })) };
    const deep = nested(maxJsonDepth, (inner) => [inner]);
    const members = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce<number>((sum, member) => sum + 1 + members(member), 0)
        : 0;
    for (const value of [wide, deep]) {
      let reads = 0;
      expect(isJson(counting(value, () => (reads += 1)))).toBe(true);
      expect(reads).toBe(members(value));
    }
  });
});
