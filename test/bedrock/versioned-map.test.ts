import fc from 'fast-check';
import { VersionedMap } from '../../src/providers/bedrock/versioned-map.js';

type Version = VersionedMap<number, string> | null;

const keys = [0, 1, 2, 3, 4, 5];
const membersOf = (version: Version): readonly unknown[] => keys.map((key) => version?.get(key));

describe('a versioned map', () => {
  it('keeps every version as it was, whichever is used when', () => {
    const steps = fc.array(fc.record({ from: fc.nat(), key: fc.constantFrom(...keys), value: fc.string({ maxLength: 3 }), look: fc.nat() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const versions: Version[] = [null];
        const models: ReadonlyMap<number, string>[] = [new Map()];
        for (const { from, key, value, look } of all) {
          const at = from % versions.length;
          versions.push(VersionedMap.set(versions[at] ?? null, key, value));
          models.push(new Map([...(models[at] ?? []), [key, value]]));
          const seen = look % versions.length;
          expect(membersOf(versions[seen] ?? null)).toEqual(keys.map((key) => models[seen]?.get(key)));
        }
        versions.forEach((version, at) => {
          expect(membersOf(version)).toEqual(keys.map((key) => models[at]?.get(key)));
          expect([...(version?.values() ?? [])].sort()).toEqual([...(models[at]?.values() ?? [])].sort());
        });
      }),
    );
  });

  it('brings a version back that is a hundred thousand steps old', () => {
    const first = VersionedMap.set<number, string>(null, 0, 'first');
    let latest = first;
    for (let count = 0; count < 100_000; count++) latest = VersionedMap.set(latest, count % 10, String(count));
    expect([first.get(0), first.get(1), latest.get(9)]).toEqual(['first', undefined, '99999']);
  });
});
