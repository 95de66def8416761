import * as fc from 'fast-check';
import { callId, nameTable, toolNames } from '../../src/messages/tool-names.js';

const nasty = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }),
  fc.stringMatching(/^[a-c./_-]{1,4}$/),
  fc.stringMatching(/^[ab]{62,70}$/),
);
const namespaces = fc.option(fc.oneof(fc.stringMatching(/^[a-z0-9_-]{1,10}$/), fc.string({ minLength: 1, maxLength: 80 })), { nil: undefined });

describe('nameTable', () => {
  it('D15 gives each tool one name that every provider takes, and leads back to it', () => {
    fc.assert(
      fc.property(fc.array(nasty), namespaces, (names, namespace) => {
        const table = nameTable(names, namespace);
        for (const name of table.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
        expect([...table.values()].sort()).toEqual([...new Set(names)].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('D15 leaves a valid name as it is, whatever else is in the list', () => {
    fc.assert(
      fc.property(fc.array(nasty), fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/), fc.nat(), (names, name, at) => {
        const list = [...names.slice(0, at % (names.length + 1)), name, ...names.slice(at % (names.length + 1))];
        expect(nameTable(list).get(name)).toBe(name);
      }),
    );
  });

  it.each([
    ['get-sum', undefined, 'get-sum'],
    ['get-sum', 'demo', 'demo__get-sum'],
    ['files.read', undefined, 'files_read'],
    ['files.read', 'my server', 'my_server__files_read'],
    ['größe 📏', undefined, 'gr__e__'],
  ])('D15 %s in %s is %s', (name, namespace, exposed) => {
    expect([...nameTable([name], namespace)]).toEqual([[exposed, name]]);
  });

  it('D15 tells apart what looks the same once it is cleaned, or cut', () => {
    const long = 'x'.repeat(70);
    const table = nameTable(['a.b', 'a/b', 'a b', `${long}1`, `${long}2`]);
    expect(table.size).toBe(5);
    expect(table.get('a_b')).toBe('a.b');
    // A name that was cut never depends on its neighbours.
    expect([...nameTable([`${long}2`]).keys()][0]).toBe([...table].find(([, original]) => original === `${long}2`)?.[0]);
  });
});

describe('toolNames', () => {
  const valid = /^[a-zA-Z0-9_-]{1,64}$/;

  it('D15 gives each name one that every service takes, no two alike, and leads back', () => {
    fc.assert(
      fc.property(fc.array(nasty), (names) => {
        const { toWire, fromWire } = toolNames(names);
        const sent = names.map(toWire);
        for (const name of sent) expect(name).toMatch(valid);
        expect(sent.map(fromWire)).toEqual(names);
        expect(new Set(sent).size).toBe(new Set(names).size);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves alone what is valid, and what it was not told of', () => {
    for (const { toWire, fromWire } of [toolNames(['clock']), toolNames(['clock', 'a.b'])]) {
      expect([toWire('clock'), fromWire('clock'), toWire('un.known'), fromWire('unknown')]).toEqual(['clock', 'clock', 'un.known', 'unknown']);
    }
  });

  it('a valid name is nobody else\'s', () => {
    const { toWire, fromWire } = toolNames(['a.b', 'a_b']);
    expect([toWire('a_b'), fromWire('a_b')]).toEqual(['a_b', 'a_b']);
    expect(fromWire(toWire('a.b'))).toBe('a.b');
  });
});

describe('callId', () => {
  const allowed = /^[a-zA-Z0-9_-]+$/;

  it('leaves an id alone that the service takes', () => {
    expect(callId('toolu_01-A', allowed)).toBe('toolu_01-A');
    expect(callId('a.b:c', /^[a-z.:]+$/)).toBe('a.b:c');
  });

  it('makes of any other one that it takes, always the same, and of two not one', () => {
    expect(callId('a.b:c', allowed)).toMatch(allowed);
    expect(callId('a.b:c', allowed)).toBe(callId('a.b:c', allowed));
    expect(new Set(['a.b', 'a:b', 'a b', 'a/b', ''].map((id) => callId(id, allowed))).size).toBe(5);
    fc.assert(
      fc.property(nasty, nasty, (left, right) => {
        expect(callId(left, allowed)).toMatch(allowed);
        expect(callId(left, /^[a-zA-Z0-9_.:-]{1,64}$/)).toMatch(/^[a-zA-Z0-9_.:-]{1,64}$/);
        if (left !== right) expect(callId(left, allowed)).not.toBe(callId(right, allowed));
      }),
    );
  });
});
