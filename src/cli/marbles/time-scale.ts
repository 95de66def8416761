import { spanText } from '../summary.js';

/** The unit that an axis has throughout. */
export type TimeUnit = 'ms' | 's' | 'min:s' | 'h:min:s';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const roundSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * minute),
];

const mostTicks = 10;

/** A round step that makes at most ten ticks of a span. */
export function stepFor(span: number): number {
  const least = span / mostTicks;
  return roundSteps.find((step) => step >= least) ?? hour * 10 ** Math.ceil(Math.log10(least / hour));
}

export function unitFor(span: number): TimeUnit {
  if (span < 2 * second) return 'ms';
  if (span < 2 * minute) return 's';
  return span < 2 * hour ? 'min:s' : 'h:min:s';
}

const two = (count: number): string => String(count).padStart(2, '0');

/** So many decimals of a second as the step needs, or as the time has a use for. */
function secondsText(milliseconds: number, step: number | undefined): string {
  const decimals = step === undefined ? (milliseconds < 10 * second ? 1 : 0) : step % second === 0 ? 0 : step % 100 === 0 ? 1 : 3;
  return (milliseconds / second).toFixed(decimals);
}

/** A time as the axis tells it: `250 ms`, `1.5 s`, `2:05`, `1:00:10`. */
export function labelOf(milliseconds: number, unit: TimeUnit, step?: number): string {
  if (milliseconds === 0) return '0';
  if (unit === 'ms') return `${Math.round(milliseconds)} ms`;
  if (unit === 's') return `${secondsText(milliseconds, step)} s`;
  const minutes = Math.floor(milliseconds / minute);
  const exact = step === undefined || step % second === 0 ? two(Math.floor((milliseconds % minute) / second)) : secondsText(milliseconds % minute, step).padStart(4, '0');
  return unit === 'min:s' ? `${minutes}:${exact}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${exact}`;
}

/** A time in words: `250 ms`, `1.25 s`, `2 min 5 s`, `1 h 30 min`. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 2 * minute) return spanText(milliseconds);
  const whole = (unit: number): number => Math.floor(milliseconds / unit);
  return milliseconds < 2 * hour ? `${whole(minute)} min ${whole(second) % 60} s` : `${whole(hour)} h ${whole(minute) % 60} min`;
}
