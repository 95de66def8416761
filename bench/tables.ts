import { isReached, type Goal } from './goals.js';
import { ratio, valuesOf, type Measured } from './results.js';
import { limitOf, type Series } from './series.js';
import { summary, type Summary } from './statistics.js';

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

/** Columns under each other: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

function figuresIn({ rounds }: Measured): readonly string[] {
  return [...new Set(rounds.flatMap((round) => Object.values(round).flatMap((figures) => Object.keys(figures))))];
}

/** One table a series: each client's figures, and how often they hold the limit's. */
export function seriesTable(series: Series, measured: Measured): string {
  const limit = limitOf(series);
  const names = figuresIn(measured);
  const rows = [...series.clients, ...series.peers].flatMap((client): readonly (readonly string[])[] => {
    const failure = measured.failures[client];
    if (failure !== undefined) return [[client, ...names.flatMap(() => ['-', '-'])]];
    return [[client, ...names.flatMap((name) => [digits(summary(valuesOf(measured, client, name)).median), spreadOf(ratio(measured, [client, name], [limit, name]))])]];
  });
  const failures = Object.entries(measured.failures).map(([client, failure]) => `  ${client}: ${failure.split('\n')[0] ?? ''}`);
  const head = ['', ...names.flatMap((name) => [name, `x ${limit}`])];
  return [`${series.wire}: ${series.title} (${series.unit})`, table([head, ...rows]), ...failures].join('\n');
}

/** The goals: what is to be reached, what was measured, and whether it is. */
export function goalsTable(title: string, goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const verdict = Number.isNaN(goal.figure.median) ? '' : isReached(goal, goal.most) ? 'reached' : 'NOT REACHED';
    const then = goal.then === undefined ? '' : `${String(goal.then)}${isReached(goal, goal.then) ? ' reached' : ''}`;
    return [goal.title, goal.unit, `<= ${String(goal.most)}`, spreadOf(goal.figure), verdict, then];
  });
  return [title, table([['goal', 'in', 'reach', 'measured', '', 'then'], ...rows])].join('\n');
}
