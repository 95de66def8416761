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

/**
 * Whether there is anything to hide. The expression also makes one piece of a signature that was put together from some
 * thirty, which otherwise all stay as long as it does: a kibibyte for each open stream.
 */
function isFilled(value: unknown): value is string {
  return typeof value === 'string' && /\S/.test(value);
}

/** The keys in a header: its value, and the parts of a signature. */
function partsOf(value: string): readonly string[] {
  return [value, ...value.split(/[\s,=/]+/).filter((part) => part.length >= SHORTEST_PART)];
}

/** The ways in which a text may be written by whoever repeats it. */
function spellings(secret: unknown): readonly unknown[] {
  return typeof secret === 'string' ? [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())] : [];
}

export function secretsOf({ credentials, endpoint, headers }: BedrockConfig): Secrets {
  // Held while an answer is read, but looked through for a failure alone: no set, and no copies before that.
  let known: readonly unknown[] = [...credentialsIn(endpoint), ...secretHeaders(headers), ...(typeof credentials === 'object' ? Object.values(credentials) : [])];
  let carried: readonly string[] = [];
  let redact: Redact | undefined;
  return {
    add: (values) => {
      known = known.concat(values);
      redact = undefined;
    },
    addHeaders: (sent) => {
      carried = carried.concat(Object.entries(sent).flatMap(([name, value]) => (HARMLESS.test(name) || !isFilled(value) ? [] : [value])));
      redact = undefined;
    },
    redact: (text) => {
      redact ??= redacting([...new Set([...known, ...carried.flatMap(partsOf)])].flatMap(spellings));
      return redact(text);
    },
  };
}
