import { isReached, type Goal } from './goals.js';
import { ratio, valuesOf, type Measured } from './results.js';
import { limitOf, type Series } from './series.js';
import { summary, type Summary } from './statistics.js';

/** A title and rows of cells, the first row and the first column of which are names. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

/** A figure, to three digits or so. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** A median with the two ends of what was measured. */
export function spreadOf({ median, least, most }: Summary): string {
  return Number.isNaN(median) ? 'not measured' : `${digits(median)} (${digits(least)} to ${digits(most)})`;
}

/** For a terminal: columns under each other, the first to the left, the others to the right. */
export function plain({ title, rows, notes = [] }: Table): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [title, ...rows.map((row) => line(row).trimEnd()), ...notes.map((note) => `  ${note}`)].join('\n');
}

/** For a page. */
export function markdown({ title, rows, notes = [] }: Table): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [`**${title}**`, '', ...[head, rule, ...body].map(line), ...notes.flatMap((note) => ['', note])].join('\n');
}

function figuresIn({ rounds }: Measured): readonly string[] {
  return [...new Set(rounds.flatMap((round) => Object.values(round).flatMap((figures) => Object.keys(figures))))];
}

/** One table a series: each client's figures, and how often they hold the limit's. */
export function seriesTable(series: Series, measured: Measured): Table {
  const limit = limitOf(series);
  const names = figuresIn(measured);
  const rows = [...series.clients, ...series.peers].map((client) => [
    client,
    ...names.flatMap((name) => [digits(summary(valuesOf(measured, client, name)).median), spreadOf(ratio(measured, [client, name], [limit, name]))]),
  ]);
  const head = ['', ...names.flatMap((name) => [name, 'x limit B'])];
  const notes = Object.entries(measured.failures).map(([client, failure]) => `${client} failed: ${failure.split('\n')[0] ?? ''}`);
  return { title: `${series.wire}: ${series.title} (${series.unit})`, rows: [head, ...rows.filter(([client = '']) => names.some((name) => !Number.isNaN(summary(valuesOf(measured, client, name)).median)))], notes };
}

/** The goals: what is to be reached, what was measured, and whether it is. */
export function goalsTable(title: string, goals: readonly Goal[]): Table {
  const rows = goals.map((goal) => {
    const verdict = Number.isNaN(goal.figure.median) ? '' : isReached(goal, goal.most) ? 'reached' : 'NOT REACHED';
    const then = goal.then === undefined ? '' : `${String(goal.then)}${isReached(goal, goal.then) ? ' reached' : ''}`;
    return [goal.title, goal.unit, `<= ${String(goal.most)}`, spreadOf(goal.figure), verdict, then];
  });
  return { title, rows: [['goal', 'in', 'reach', 'measured', '', 'then'], ...rows] };
}
