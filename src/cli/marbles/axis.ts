import { labelOf, stepFor, unitFor, type TimeUnit } from './time-scale.js';

/** A time on the axis. */
export interface Tick {
  /** From 0, the picture's left edge, to 1, its right one. */
  readonly at: number;
  readonly label: string;
}

/** A time that is drawn shorter than it was. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface Axis {
  readonly unit: TimeUnit;
  readonly ticks: readonly Tick[];
  readonly gaps: readonly Gap[];
}

export interface PlacedAxis extends Axis {
  /** Where each event is, from 0 to 1; never left of the one before. */
  readonly positions: readonly number[];
}

/** How much longer than it is drawn a wait must be to be cut: less is not worth the reader's attention. */
const worthCutting = 4;

/** Up to so many events are told apart by at least a column each, in a terminal of 80 columns. */
const columnsForKeys = 32;

/** Beyond what any run takes, and few enough milliseconds to be counted exactly. */
const longestTime = 1e15;

/** Times since the first event, in milliseconds. The order of the events counts for more than their clock, which may be set back. */
export function timesOf(timestamps: readonly number[]): readonly number[] {
  const start = timestamps.find(Number.isFinite) ?? 0;
  let latest = 0;
  return timestamps.map((timestamp) => {
    if (Number.isFinite(timestamp)) latest = Math.min(Math.max(latest, timestamp - start), longestTime);
    return latest;
  });
}

/**
 * The longest that a wait is drawn. Few waits are cut, only those that would leave the rest no room, and none is then
 * shorter than one that is whole. Infinity where nothing is to be cut.
 */
export function longestDrawn(waits: readonly number[]): number {
  const sorted = waits.filter((wait) => wait > 0).sort((a, b) => a - b);
  const most = Math.max(2, Math.floor(sorted.length / 3));
  let whole = 0;
  for (const [index, wait] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined) break;
    whole += wait;
    const cut = sorted.length - 1 - index;
    const drawn = Math.max(whole / Math.max(4, cut), wait);
    if (cut <= most && next > worthCutting * drawn) return drawn;
  }
  return Infinity;
}

/** Where each event stands: as far from the one before as the wait is drawn, and key events apart from each other. */
function place(drawn: readonly number[], keys: readonly boolean[]): readonly number[] {
  const total = drawn.reduce((sum, wait) => sum + wait, 0);
  const count = keys.filter(Boolean).length;
  const apart = (total === 0 ? 1 : total) / Math.max(columnsForKeys, count);
  let key = 0;
  let at = 0;
  const placed = keys.map((isKey, index) => {
    at += drawn[index - 1] ?? 0;
    if (isKey && index > 0) {
      at = Math.max(at, key + apart);
      key = at;
    }
    return at;
  });
  return placed.map((position) => (at === 0 ? 0 : Math.min(1, position / at)));
}

/** Round times, where they fall on waits that are drawn whole. */
function ticksOf(times: readonly number[], positions: readonly number[], limit: number, unit: TimeUnit): readonly Tick[] {
  const whole = times.reduce((sum, time, index) => {
    const wait = time - (times[index - 1] ?? time);
    return wait > limit ? sum : sum + wait;
  }, 0);
  const step = stepFor(whole);
  const ticks: Tick[] = [{ at: 0, label: labelOf(0, unit, step) }];
  let count = 1;
  for (const [index, time] of times.entries()) {
    const before = times[index - 1] ?? 0;
    const from = positions[index - 1] ?? 0;
    const to = positions[index] ?? 0;
    if (time - before > limit) {
      count = Math.floor(time / step) + 1;
      continue;
    }
    for (; count * step <= time; count++) {
      ticks.push({ at: from + ((count * step - before) / (time - before)) * (to - from), label: labelOf(count * step, unit, step) });
    }
  }
  return ticks;
}

/** The axis of events at these times, of which `keys` are to be told apart. */
export function axisOf(times: readonly number[], keys: readonly boolean[]): PlacedAxis {
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const limit = longestDrawn(waits);
  const positions = place(waits.map((wait) => Math.min(wait, limit)), keys);
  const unit = unitFor(times.at(-1) ?? 0);
  const gaps = waits.flatMap((wait, index) => (wait > limit ? [{ from: positions[index] ?? 0, to: positions[index + 1] ?? 0, label: labelOf(wait, unit) }] : []));
  return { unit, positions, gaps, ticks: ticksOf(times, positions, limit, unit) };
}
