import { credentialsIn, redacting, secretHeaders, type Redact } from '../../errors/redact.js';
import type { BedrockConfig } from './config.js';

/** The secrets of one request: what is configured, and what the client signs it with. */
export interface Secrets {
  /** Learns what a request is signed with. */
  add(values: readonly unknown[]): void;
  /** Learns what a request carries. */
  addHeaders(headers: Readonly<Record<string, unknown>>): void;
  readonly redact: Redact;
}

/** Headers of a signed request that hold no secret; of those that an application adds, nobody knows. */
const HARMLESS = /^(?:accept|amz-sdk-.*|content-.*|host|:authority|user-agent|x-amz-(?:content-sha256|date|user-agent)|x-amzn-trace-id)$/i;
const SHORTEST_PART = 16;

/** The keys in a header: its value, and the parts of a signature. */
function partsOf(value: unknown): readonly string[] {
  if (typeof value !== 'string') return [];
  return [value, ...value.split(/[\s,=/]+/).filter((part) => part.length >= SHORTEST_PART)];
}

/** The ways in which a text may be written by whoever repeats it. */
function spellings(secret: unknown): readonly unknown[] {
  return typeof secret === 'string' ? [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())] : [];
}

export function secretsOf({ credentials, endpoint, headers }: BedrockConfig): Secrets {
  const known = new Set<unknown>([...credentialsIn(endpoint), ...secretHeaders(headers)]);
  let redact: Redact | undefined;
  const add = (values: readonly unknown[]): void => {
    for (const value of values) known.add(value);
    redact = undefined;
  };
  if (typeof credentials === 'object') add(Object.values(credentials));
  return {
    add,
    addHeaders: (sent) => add(Object.entries(sent).flatMap(([name, value]) => (HARMLESS.test(name) ? [] : partsOf(value)))),
    redact: (text) => {
      redact ??= redacting([...known].flatMap(spellings));
      return redact(text);
    },
  };
}
