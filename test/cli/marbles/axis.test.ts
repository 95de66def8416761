import fc from 'fast-check';
import { axisOf, longestDrawn, timesOf } from '../../../src/cli/marbles/axis.js';
import { labelOf, stepFor, timeText, unitFor } from '../../../src/cli/marbles/time-scale.js';

const minute = 60_000;

const waits = fc.array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(10 * minute), fc.constant(0), fc.integer({ min: 0, max: 2 ** 50 })), { minLength: 1, maxLength: 80 });
const steps = fc.array(fc.record({ wait: fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(90 * minute), fc.constant(0)), isKey: fc.boolean() }), { minLength: 1, maxLength: 80 });

const sums = (list: readonly number[]): readonly number[] => {
  let sum = 0;
  return list.map((one) => (sum += one));
};

describe('the clock of a recording', () => {
  test('begins at 0 and is never set back, nor is it what no clock shows', () => {
    expect(timesOf([1_000, 1_010, 1_005, NaN, Infinity, 1_020])).toEqual([0, 10, 10, 10, 10, 20]);
    expect(timesOf([NaN, 5, 7])).toEqual([0, 0, 2]);
    expect(timesOf([0, 1e308])).toEqual([0, 1e15]);
    expect(timesOf([])).toEqual([]);
  });
});

describe('long waits', () => {
  test.each([
    ['two among a stream', [...Array.from({ length: 100 }, () => 25), 30_000, 3_600_000], 625],
    ['ten among a stream', [...Array.from({ length: 100 }, () => 50), ...Array.from({ length: 10 }, () => minute)], 500],
    ['one of two', [1_000, minute], 1_000],
    ['none that is long', [1_000, 3_000], Infinity],
    ['none where all are alike', Array.from({ length: 50 }, () => minute), Infinity],
    ['none where few are short', [1, 1, ...Array.from({ length: 100 }, () => 25)], Infinity],
    ['none in a single wait', [minute], Infinity],
    ['none', [], Infinity],
  ])('are drawn as long as leaves the rest its room: %s', (_title, given, expected) => {
    expect(longestDrawn(given)).toBe(expected);
  });

  test('leave what is drawn whole a share, and none is drawn shorter than one that is whole', () => {
    fc.assert(
      fc.property(waits, (given) => {
        const limit = longestDrawn(given);
        const positive = given.filter((wait) => wait > 0);
        const drawn = positive.map((wait) => Math.min(wait, limit));
        const total = drawn.reduce((sum, wait) => sum + wait, 0);
        const longest = Math.max(0, ...drawn);
        if (positive.length > 1) expect(longest / total).toBeLessThanOrEqual(0.8);
        const cut = positive.filter((wait) => wait > limit);
        expect(cut.length).toBeLessThanOrEqual(Math.max(2, positive.length / 3));
        for (const wait of cut) expect(wait).toBeGreaterThan(4 * limit);
        if (cut.length > 0) expect(limit).toBe(longest);
      }),
    );
  });
});

describe('the axis', () => {
  test('keeps the order of events, from edge to edge, and key events apart', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const times = timesOf(sums(given.map(({ wait }) => wait)));
        const keys = given.map(({ isKey }, index) => isKey || index === 0);
        const { positions } = axisOf(times, keys);
        expect(positions).toHaveLength(times.length);
        const count = keys.filter(Boolean).length;
        let key = -1;
        for (const [index, position] of positions.entries()) {
          expect(position).toBeGreaterThanOrEqual(positions[index - 1] ?? 0);
          expect(position).toBeLessThanOrEqual(1);
          if (keys[index] !== true) continue;
          if (key >= 0) expect(position - key).toBeGreaterThan(0.99 / 2 / Math.max(32, count));
          key = position;
        }
        expect(positions[0]).toBe(0);
      }),
    );
  });

  test('marks each wait that is cut with its length, and has no other marks', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const times = timesOf(sums(given.map(({ wait }) => wait)));
        const { gaps, positions, unit } = axisOf(times, given.map(() => false));
        const between = times.slice(1).map((time, index) => time - (times[index] ?? 0));
        const limit = longestDrawn(between);
        const expected = between.flatMap((wait, index) => (wait > limit ? [{ from: positions[index], to: positions[index + 1], label: labelOf(wait, unit) }] : []));
        expect(gaps).toEqual(expected);
      }),
    );
  });

  test('has few ticks, in order, at the times that they say', () => {
    const times = [0, 500, 1_000, 2_000, 3_000, 3_600];
    const { ticks, positions, unit } = axisOf(times, times.map(() => false));
    expect(unit).toBe('s');
    expect(ticks.map(({ label }) => label)).toEqual(['0', '0.5 s', '1.0 s', '1.5 s', '2.0 s', '2.5 s', '3.0 s', '3.5 s']);
    expect(ticks[1]?.at).toBeCloseTo(positions[1] ?? 0);
    expect(ticks[3]?.at).toBeCloseTo(1_500 / 3_600);
    fc.assert(
      fc.property(steps, (given) => {
        const axis = axisOf(timesOf(sums(given.map(({ wait }) => wait))), given.map(({ isKey }) => isKey));
        expect(axis.ticks.length).toBeLessThanOrEqual(12 + axis.gaps.length);
        for (const [index, { at }] of axis.ticks.entries()) {
          expect(at).toBeGreaterThanOrEqual(axis.ticks[index - 1]?.at ?? 0);
          expect(at).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('has a place for events that all come at once, and for a single one', () => {
    expect(axisOf([0, 0, 0], [true, true, true])).toMatchObject({ positions: [0, 0.5, 1], gaps: [], ticks: [{ at: 0, label: '0' }] });
    expect(axisOf([0], [true])).toMatchObject({ positions: [0], gaps: [] });
  });
});

describe('times', () => {
  test.each([
    [0, 'ms', undefined, '0'],
    [250.4, 'ms', undefined, '250 ms'],
    [1_500, 's', 500, '1.5 s'],
    [2_000, 's', 1_000, '2 s'],
    [58_400, 's', undefined, '58 s'],
    [5_840, 's', undefined, '5.8 s'],
    [125_000, 'min:s', undefined, '2:05'],
    [125_500, 'min:s', 500, '2:05.5'],
    [3_610_000, 'h:min:s', undefined, '1:00:10'],
  ] as const)('on the axis: %d in %s', (milliseconds, unit, step, expected) => {
    expect(labelOf(milliseconds, unit, step)).toBe(expected);
  });

  test('have the unit and the step that the whole asks for', () => {
    expect([500, 5_000, 5 * minute, 300 * minute].map(unitFor)).toEqual(['ms', 's', 'min:s', 'h:min:s']);
    expect([0, 500, 3_700, 5 * minute, 1e12].map(stepFor)).toEqual([1, 50, 500, 30_000, 3.6e11]);
    expect([250, 1_250, 125_000, 5_400_000, 9_000_000].map(timeText)).toEqual(['250 ms', '1.25 s', '2 min 5 s', '90 min 0 s', '2 h 30 min']);
  });
});
