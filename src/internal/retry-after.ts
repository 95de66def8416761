import { now } from './clock.js';

/** Headers of whichever HTTP client answered. */
export interface HeadersLike {
  get(name: string): string | null;
}

/**
 * How long a service asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date). No time, or one that has
 * passed, asks for nothing: whoever retries then waits as it would have by itself, and not at all would be too soon.
 */
export function retryAfterMs(headers: HeadersLike): number | undefined {
  const given = headers.get('retry-after') ?? '';
  const seconds = Number(given);
  const waits = [Number.parseFloat(headers.get('retry-after-ms') ?? ''), Number.isNaN(seconds) ? Date.parse(given) - now() : seconds * 1000];
  return waits.find((wait) => wait > 0 && wait < Infinity);
}
