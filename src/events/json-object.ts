import type { Json, JsonObject } from './json.js';

/** Whether a JSON value is an object; its members are JSON then. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member as text, or `undefined`. */
export function textOf(object: JsonObject, member: string): string | undefined {
  const value = object[member];
  return typeof value === 'string' ? value : undefined;
}

/** The members whose names are not in the list and whose values are not null. */
export function othersOf(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  const others: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) {
    if (value !== null && !known.has(name)) others[name] = value;
  }
  return others;
}

/** A text as JSON, or `undefined` where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
