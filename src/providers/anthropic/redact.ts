import type { AnthropicConfig } from './config.js';

/** Takes what is secret out of a text. */
export type Redact = (text: string) => string;

const HARMLESS_HEADERS: ReadonlySet<string> = new Set(['accept', 'anthropic-beta', 'anthropic-version', 'content-type', 'user-agent']);
const SHORTEST_SECRET = 6;

function member(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** A user name and password in an address. */
function credentialsOf(address: unknown): string[] {
  if (typeof address !== 'string') return [];
  const found = /^[a-z]+:\/\/([^/@]+)@/i.exec(address)?.[1];
  return found === undefined ? [] : [found, ...found.split(':')];
}

/** Knows the keys of a configuration and its client, so that no message of an error ever repeats one. */
export function redactor(config: AnthropicConfig, client: object | undefined): Redact {
  const headers = Object.entries(config.headers ?? {}).filter(([name]) => !HARMLESS_HEADERS.has(name.toLowerCase()));
  const keys = client === undefined ? [] : [member(client, 'apiKey'), member(client, 'authToken'), ...credentialsOf(member(client, 'baseURL'))];
  const secrets = [config.apiKey, ...keys, ...credentialsOf(config.baseURL), ...headers.map(([, value]) => value)]
    .filter((value) => typeof value === 'string')
    .flatMap((value) => [value, value.trim(), value.replace(/^\S+\s+/, '')])
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((left, right) => right.length - left.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}
