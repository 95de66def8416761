import { goals, isReached } from '../../bench/goals.js';
import { difference, growth, ratio, type Measured } from '../../bench/results.js';
import { quick, series } from '../../bench/series.js';
import { expected, script } from '../../bench/server/script.js';
import { shuffled, summary } from '../../bench/statistics.js';
import { goalsTable, markdown, plain, seriesTable } from '../../bench/tables.js';

const measured: Measured = {
  id: 'text-anthropic',
  rounds: [
    { limit: { 'text 10000': 100 }, coldstream: { 'text 10000': 150 }, 'coldstream-text': { 'text 10000': 190 }, sdk: { 'text 10000': 200 } },
    { limit: { 'text 10000': 200 }, coldstream: { 'text 10000': 360 }, 'coldstream-text': { 'text 10000': 380 }, sdk: { 'text 10000': 300 } },
    { limit: { 'text 10000': 100 }, coldstream: { 'text 10000': 170 }, 'coldstream-text': { 'text 10000': 185 }, sdk: { 'text 10000': 210 } },
  ],
  failures: { 'strands-anthropic': 'it fell over\nand so on' },
};
const none = (id: string): Measured => ({ id, rounds: [], failures: {} });
const textGoals = goals((id) => (id === measured.id ? measured : none(id)), 'anthropic').filter(({ figure }) => !Number.isNaN(figure.median));

it('takes the middle and the ends, whatever is missing', () => {
  expect(summary([3, 1, NaN, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(summary([4, 1])).toEqual({ median: 2.5, least: 1, most: 4 });
  expect(summary([NaN])).toEqual({ median: NaN, least: NaN, most: NaN });
});

it('puts each figure over the one that was measured beside it, in the same round', () => {
  expect(ratio(measured, ['coldstream', 'text 10000'], ['limit', 'text 10000'])).toEqual({ median: 1.7, least: 1.5, most: 1.8 });
  expect(difference(measured, ['coldstream', 'text 10000'], ['limit', 'text 10000'])).toEqual({ median: 70, least: 50, most: 160 });
});

it('tells growth from a cost that falls, in the middle of all rounds', () => {
  const identity = (round: readonly number[]): readonly number[] => round;
  expect(growth([[2, 1, 1]], identity).median).toBe(1);
  expect(growth([[3, 2, 1]], identity).median).toBeLessThan(1);
  expect(growth([[1, 4, 1], [1, 1, 3], [1, 1, 1]], identity)).toEqual({ median: 1, least: 1, most: 4 });
  expect(growth([], identity).median).toBeNaN();
});

it('tells a goal that is reached from one that is not, and from one that was not measured', () => {
  expect(textGoals.map((goal) => isReached(goal, goal.most))).toEqual([true, true, false, true]);
  const [unmeasured] = goals(none, 'bedrock');
  expect(unmeasured !== undefined && isReached(unmeasured, Infinity)).toBe(false);
});

it('prints each goal with its ratio, its spread and the verdict', () => {
  const table = plain(goalsTable('Anthropic', textGoals));
  expect(table).toContain('<= 1.8');
  expect(table).toContain('1.70 (1.50 to 1.80)');
  expect(table).toMatch(/textOnly\s+x limit B.*NOT REACHED/);
});

it('prints what each client of a series cost, and why one has no figures', () => {
  const [text] = series(quick);
  if (text === undefined) throw new Error('no series');
  const table = plain(seriesTable(text, measured));
  expect(table).toMatch(/^coldstream +170 +1\.70 \(1\.50 to 1\.80\)$/m);
  expect(table).toContain('strands-anthropic failed: it fell over');
  expect(table).not.toContain('and so on');
});

it('prints the same for a page', () => {
  expect(markdown(goalsTable('Anthropic', textGoals.slice(0, 1)))).toBe(
    [
      '**Anthropic**',
      '',
      '| goal | in | reach | measured |  | then |',
      '| --- | --: | --: | --: | --: | --: |',
      '| text, agent, full events | x limit B | <= 1.8 | 1.70 (1.50 to 1.80) | reached | 1.2 |',
    ].join('\n'),
  );
});

it('shuffles without loss', () => {
  const values = Array.from({ length: 50 }, (_, value) => value);
  expect([...shuffled(values)].sort((left, right) => left - right)).toEqual(values);
});

it('knows what is to be seen of each answer', () => {
  expect(expected('text 12').characters).toBe(70);
  expect(expected('input 4096')).toEqual({ characters: 4096 - 11, turns: 1 });
  expect(expected('loop 10').turns).toBe(11);
  expect(() => script('dance', 0)).toThrow('no such prompt');
});
