import type { Json, JsonObject } from '../events/json.js';
import { isObject } from '../events/json-object.js';

/** The text with U+FFFD for halves of characters: the service refuses a request that holds one. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}

function isWellFormed(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  if (!isObject(value)) return true;
  for (const name in value) if (!name.isWellFormed() || !isWellFormed(value[name] ?? null)) return false;
  return true;
}

function mendMember(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value);
  if (isObject(value)) return mendMembers(value);
  return Array.isArray(value) ? value.map(mendMember) : value;
}

function mendMembers(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [wellFormed(name), mendMember(value)]));
}

/** The same for every text in the object, its members' names included. The object itself where nothing is to be mended. */
export function wellFormedJson(object: JsonObject): JsonObject {
  return isWellFormed(object) ? object : mendMembers(object);
}
