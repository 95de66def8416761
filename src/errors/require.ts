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

/** The text itself. @throws ConfigurationError if there is none */
export function requireText(name: string, value: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new ConfigurationError(`${name} must be a text that is not empty, not ${JSON.stringify(value)}.`);
}

/** The value itself, if it is one of those that are meant, or was not given. @throws ConfigurationError for any other */
export function requireOneOf<T extends string | undefined>(name: string, value: T, meant: readonly string[]): T {
  if (value === undefined || meant.includes(value)) return value;
  throw new ConfigurationError(`${name} must be ${meant.map((word) => `'${word}'`).join(' or ')}, not ${JSON.stringify(value)}.`);
}

/** What says where to mark what may be cached, for all providers. @throws ConfigurationError for anything else */
export function requireCache(cache: 'auto' | { readonly ttl: '5m' | '1h' } | undefined): void {
  if (typeof cache === 'object' && cache !== null) requireOneOf('cache.ttl', cache.ttl, ['5m', '1h']);
  else requireOneOf('cache', cache, ['auto']);
}
