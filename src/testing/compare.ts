import type { Envelope } from '../events/events.js';
import { describeBoth, describeValue } from './describe.js';

/** How two values are compared. */
export interface CompareOptions {
  /**
   * Which members of an event's envelope count: none (`false`, the default: only `type` and payload are compared),
   * all (`true`), or the named ones (`['path', 'iteration']`).
   */
  readonly envelope?: boolean | readonly (keyof Envelope)[];
}

const envelopeMembers: readonly (keyof Envelope)[] = ['runId', 'seq', 'path', 'iteration', 'timestamp', 'model', 'metadata'];

function ignoredMembers({ envelope = false }: CompareOptions): ReadonlySet<string> {
  if (envelope === true) return new Set();
  return new Set(envelopeMembers.filter((member) => envelope === false || !envelope.includes(member)));
}

/** Whether the value has the outside of an event: a `type`, the run it belongs to, its number. */
function looksLikeEvent(value: object): boolean {
  return 'type' in value && typeof value.type === 'string' && 'runId' in value && 'seq' in value;
}

function read(target: object, member: string): unknown {
  const value: unknown = Reflect.get(target, member);
  return value;
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || typeof prototype !== 'object') return 'Object';
  const maker = read(prototype, 'constructor');
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'Object';
}

/** A value in words that also name its class. */
const withClass = (value: object): string =>
  value instanceof Error ? describeValue(value) : `${describeValue(value)} (${className(value)})`;

/** What counts in an object, by name. An error's message and cause are not enumerable, and its stack never counts. */
function membersOf(value: object, ignored: ReadonlySet<string>): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [describeValue(key, Infinity), member]));
  if (value instanceof Set) return new Map([...value].map((member, index) => [String(index), member]));
  if (value instanceof Date || value instanceof RegExp) return new Map([['value', String(value)]]);
  if (value instanceof Error) {
    const names = new Set(['name', 'message', ...Object.getOwnPropertyNames(value)]);
    names.delete('stack');
    // Whether a declared, unset field of a class is there as `undefined` or not at all is up to the compiler's target.
    return new Map([...names].map((name): [string, unknown] => [name, read(value, name)]).filter(([, member]) => member !== undefined));
  }
  return new Map(
    Object.keys(value)
      .filter((name) => !ignored.has(name))
      .map((name) => [name, read(value, name)]),
  );
}

function joined(at: string, member: string, inArray: boolean): string {
  if (inArray) return `${at}[${member}]`;
  return at === '' ? member : `${at}.${member}`;
}

const said = (at: string, text: string): string => (at === '' ? text : `${at}: ${text}`);

/**
 * The first difference between two values, in words, or `undefined` where there is none.
 *
 * Stricter than jest's `toEqual`: two errors with one message but another class, `_tag`, `code`, `cause` or any other
 * field differ, and so do a member of a plain object that is `undefined` and one that is not there.
 */
export function firstDifference(actual: unknown, expected: unknown, options: CompareOptions = {}): string | undefined {
  const ignored = ignoredMembers(options);
  const nothing: ReadonlySet<string> = new Set();
  const seen = new WeakMap<object, object>();

  const compareObjects = (left: object, right: object, at: string): string | undefined => {
    if (seen.get(left) === right) return undefined;
    seen.set(left, right);
    if (className(left) !== className(right)) {
      return said(at, `expected ${withClass(right)}, got ${withClass(left)}`);
    }
    const skip = looksLikeEvent(left) || looksLikeEvent(right) ? ignored : nothing;
    const [lefts, rights] = [membersOf(left, skip), membersOf(right, skip)];
    for (const [name, member] of rights) {
      const where = joined(at, name, Array.isArray(right));
      if (!lefts.has(name)) return said(where, `expected ${describeValue(member)}, got no such member`);
      const found = compare(lefts.get(name), member, where);
      if (found !== undefined) return found;
    }
    for (const [name, member] of lefts) {
      if (!rights.has(name)) {
        return said(joined(at, name, Array.isArray(left)), `expected no such member, got ${describeValue(member)}`);
      }
    }
    return undefined;
  };

  const compare = (left: unknown, right: unknown, at: string): string | undefined => {
    if (left === right || (Number.isNaN(left) && Number.isNaN(right))) return undefined;
    if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null) {
      return compareObjects(left, right, at);
    }
    const [got, wanted] = describeBoth(left, right);
    return said(at, `expected ${wanted}, got ${got}`);
  };

  return compare(actual, expected, '');
}
