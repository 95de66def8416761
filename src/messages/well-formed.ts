import type { Json, JsonObject } from '../events/json.js';
import { isObject } from '../events/json-object.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** The text with U+FFFD for halves of characters: the service refuses a request that holds one. */
export function wellFormed(text: string): string {
  return LONE_SURROGATE.test(text) ? text.replace(LONE_SURROGATES, '\uFFFD') : text;
}

function mendMember(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value);
  if (isObject(value)) return wellFormedJson(value);
  return Array.isArray(value) ? value.map(mendMember) : value;
}

/** The same for every text in the object, its members' names included. */
export function wellFormedJson(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [wellFormed(name), mendMember(value)]));
}
