import fc from 'fast-check';
import { PersistentMap } from '../../src/internal/persistent-map.js';

/** A version beside a plain map that was copied for it. */
interface Pair {
  readonly map: PersistentMap<number, string>;
  readonly copy: ReadonlyMap<number, string>;
}

const KEYS = [0, 1, 2, 3, 4];

describe('PersistentMap', () => {
  it('never changes to who holds it, whichever version is gone on from or asked', () => {
    const step = fc.record({ version: fc.nat(), key: fc.constantFrom(...KEYS), value: fc.string({ maxLength: 3 }), asked: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const versions: Pair[] = [{ map: PersistentMap.empty(), copy: new Map() }];
        for (const { version, key, value, asked } of steps) {
          const from = versions[version % versions.length];
          if (from === undefined) throw new Error('no version');
          versions.push({ map: from.map.with(key, value), copy: new Map([...from.copy, [key, value]]) });
          const { map, copy } = versions[asked % versions.length] ?? from;
          expect(KEYS.map((name) => map.get(name))).toEqual(KEYS.map((name) => copy.get(name)));
        }
        for (const { map, copy } of versions) expect(map.values().sort()).toEqual([...copy.values()].sort());
      }),
      { numRuns: 1000 },
    );
  });

  it('goes back over any number of versions', () => {
    const first = PersistentMap.empty<number, number>().with(0, 0);
    let last = first;
    for (let key = 1; key <= 100_000; key += 1) last = last.with(key, key);
    expect(first.get(1)).toBeUndefined();
    expect(first.values()).toEqual([0]);
    expect(last.get(100_000)).toBe(100_000);
  });
});
