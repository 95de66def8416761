import { ConfigurationError } from './errors.js';

/** The value itself. @throws ConfigurationError if it is not a whole number from 1 */
export function requireCount(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigurationError(`${name} must be a whole number of at least 1, not ${String(value)}.`);
}

/** The value itself. @throws ConfigurationError if it is not a number from 0 to `most` */
export function requireNumber(name: string, value: number, most = Infinity): number {
  if (value >= 0 && value <= most) return value;
  throw new ConfigurationError(`${name} must be a number from 0 ${most === Infinity ? 'on' : `to ${String(most)}`}, not ${String(value)}.`);
}
