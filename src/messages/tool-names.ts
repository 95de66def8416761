/** The rule for tool names that Anthropic and Bedrock share. */
const maxLength = 64;
const valid = /^[a-zA-Z0-9_-]{1,64}$/;
const invalid = /[^a-zA-Z0-9_-]/gu;

/** FNV-1a over UTF-16 code units, in base 36: tells apart names that look the same once they are cleaned. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, maxLength - suffix.length - 1)}_${suffix}`;
}

function freeName(wanted: string, original: string, taken: ReadonlyMap<string, string>): string {
  const clean = wanted.replace(invalid, '_').slice(0, maxLength) || '_';
  if (!taken.has(clean) && wanted.length <= maxLength) return clean;
  const marked = withSuffix(clean, fingerprint(original));
  let name = marked;
  for (let count = 2; taken.has(name); count += 1) name = withSuffix(marked, String(count));
  return name;
}

/**
 * Gives each tool a name that every provider takes: letters, digits, `_` and `-`, 64 at most, no two alike. The
 * table leads back: its keys are the given names, its values the original ones.
 *
 * A name that is valid already stays as it is, behind `namespace__` if there is a namespace. In other names each
 * refused character becomes `_`; one that is then taken, or was too long, ends in a mark made from the whole name, so
 * that it does not depend on the order of the list. Repeated names are listed once.
 */
export function nameTable(names: readonly string[], namespace?: string): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  const wanted = [...new Set(names)].map((original) => ({
    original,
    name: namespace === undefined ? original : `${namespace}__${original}`,
  }));
  const [exact, others] = [wanted.filter(({ name }) => valid.test(name)), wanted.filter(({ name }) => !valid.test(name))];
  for (const { name, original } of exact) table.set(name, original);
  for (const { name, original } of others) table.set(freeName(name, original, table), original);
  return table;
}

/** Tool names in a form that every service takes, and the way back. */
export interface ToolNames {
  readonly toWire: (name: string) => string;
  readonly fromWire: (name: string) => string;
}

/** The names of one request's tools, in a form that every service takes. Valid names are their own form. */
export function toolNames(names: readonly string[]): ToolNames {
  if (names.every((name) => valid.test(name))) return { toWire: (name) => name, fromWire: (name) => name };
  const back = nameTable(names);
  const forth = new Map([...back].map(([given, original]) => [original, given]));
  return { toWire: (name) => forth.get(name) ?? name, fromWire: (name) => back.get(name) ?? name };
}

/** The id of a call in the form that a service demands; calls and their answers are given the same one. */
export function callId(id: string, allowed: RegExp): string {
  return allowed.test(id) ? id : withSuffix(id.replace(invalid, '_'), fingerprint(id));
}
