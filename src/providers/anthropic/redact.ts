import { credentialsIn, redacting, secretHeaders, type Redact } from '../../errors/redact.js';
import type { AnthropicConfig } from './config.js';

/** Names of members that hold what nobody else may know: `apiKey`, `authToken`, `awsSecretKey` … */
const SECRET_NAME = /key|token|secret|password|credential/i;

/** Of what a service says, no more is ever shown than a small part of this. */
const MOST_READ = 64 * 1024;

/**
 * What looks like a secret wherever it stands: those of which only the client knows, or its own function. Each is found in
 * one pass over the text, which may be anybody's.
 */
const SECRET_LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer)\s+(?=\S*[\d_.-])[^\s"'<>,;}\\]{6,}/gi, '$1 [redacted]'],
  [/\b(basic)\s+[a-z\d+/]{8,}=*/gi, '$1 [redacted]'],
  [/\bsk-[\w-]{8,}/g, '[redacted]'],
  [/((?:authorization|api-?key|token|secret|cookie)\\?["']?\s*[:=]\s*\\?["']?)(?!\[redacted|bearer|basic)[^\s"'<>,;}\\]+/gi, '$1[redacted]'],
];

/** An own member that is plain data: nothing of the client's is run. */
function member(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Object.getOwnPropertyDescriptor(object, name)?.value : undefined;
}

function secretMembers(object: unknown): readonly unknown[] {
  if (typeof object !== 'object' || object === null) return [];
  return Object.keys(object).flatMap((name) => (SECRET_NAME.test(name) ? [member(object, name)] : []));
}

/** Headers in any form that `fetch` or the SDK takes, as names and values. */
function headersOf(headers: unknown): readonly (readonly [string, string])[] {
  if (typeof headers !== 'object' || headers === null) return [];
  // What the SDK has joined from several.
  const joined = member(headers, 'values');
  if (joined instanceof Headers) return headersOf(joined);
  const rows: readonly unknown[] = headers instanceof Headers ? [...headers] : Array.isArray(headers) ? headers : Object.entries(headers);
  return rows.flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const [name, ...values]: unknown[] = row.flat();
    return typeof name === 'string' ? values.flatMap((value) => (typeof value === 'string' ? [[name, value] as const] : [])) : [];
  });
}

function valuesOf(object: unknown): readonly unknown[] {
  return typeof object === 'object' && object !== null ? Object.values(object) : [];
}

/** The ways in which a text may be written by whoever repeats it. */
function spellings(secret: unknown): readonly unknown[] {
  if (typeof secret !== 'string') return [];
  const quoted = JSON.stringify(secret).slice(1, -1);
  const markup = secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  try {
    return [secret, quoted, markup, encodeURIComponent(secret), decodeURIComponent(secret)];
  } catch {
    return [secret, quoted, markup];
  }
}

function secretsOf(config: AnthropicConfig, client: object | undefined): readonly unknown[] {
  const options = member(client, '_options');
  const headers = [config.headers, member(options, 'defaultHeaders'), member(member(client, 'fetchOptions'), 'headers'), member(member(client, '_authState'), 'extraHeaders')];
  return [
    config.apiKey,
    ...secretMembers(client),
    ...secretMembers(options),
    ...[config.baseURL, member(client, 'baseURL')].flatMap(credentialsIn),
    ...headers.flatMap(headersOf).flatMap(([name, value]) => secretHeaders({ [name]: value })),
    ...valuesOf(member(options, 'defaultQuery')),
  ];
}

/** Knows the keys of a configuration and its client, and what else looks like one. */
export function redactor(config: AnthropicConfig, client: object | undefined): Redact {
  let known: Redact | undefined;
  return (text) => {
    known ??= redacting(secretsOf(config, client).flatMap(spellings));
    return SECRET_LOOKS.reduce((clean, [look, instead]) => clean.replace(look, instead), known(text.slice(0, MOST_READ)));
  };
}
