/** Takes what is secret out of a text. */
export type Redact = (text: string) => string;

const SHORTEST_SECRET = 6;

/** Knows secrets, so that no message of an error ever repeats one; what is no text, or too short to tell, is none. */
export function redacting(secrets: readonly unknown[]): Redact {
  const known = secrets
    .filter((value) => typeof value === 'string')
    .flatMap((value) => [value, value.trim(), value.replace(/^\S+\s+/, '')])
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((left, right) => right.length - left.length);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

/** A user name and password in an address. */
export function credentialsIn(address: unknown): readonly string[] {
  if (typeof address !== 'string') return [];
  const found = /^[a-z]+:\/\/([^/@]+)@/i.exec(address)?.[1];
  return found === undefined ? [] : [found, ...found.split(':')];
}

const HARMLESS_HEADERS: ReadonlySet<string> = new Set(['accept', 'anthropic-beta', 'anthropic-version', 'content-type', 'user-agent']);

/** The values of the headers that may hold a secret: of those that an application adds, nobody knows. */
export function secretHeaders(headers: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) => (HARMLESS_HEADERS.has(name.toLowerCase()) ? [] : [value]));
}
