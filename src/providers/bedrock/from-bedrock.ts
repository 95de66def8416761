import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { Message } from '../../messages/message.js';
import { base64Of } from './base64.js';
import { contentFromWire, PROVIDER } from './content-from-wire.js';

/** A message of the Converse API, as a parameter or as a response: `Message` of the SDK fits. Bytes may be base64. */
export interface BedrockMessageLike {
  readonly role: 'user' | 'assistant' | (string & {}) | undefined;
  readonly content: readonly object[] | undefined;
}

function fromSdk(value: unknown): Json | undefined {
  if (value instanceof Uint8Array) return base64Of(value);
  if (Array.isArray(value)) return value.map((element) => fromSdk(element) ?? null);
  if (typeof value === 'object' && value !== null) return objectFromSdk(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null ? value : undefined;
}

/** The object as JSON, without the members that the SDK's types allow to be undefined. */
function objectFromSdk(object: object): JsonObject {
  const members = Object.entries(object).flatMap(([name, value]) => {
    const json = fromSdk(value);
    return json === undefined ? [] : [[name, json] as const];
  });
  return Object.fromEntries(members);
}

/** A message of the Converse API in our form. `toBedrock` gives it back. */
export function fromBedrock({ role, content = [] }: BedrockMessageLike): Message {
  const blocks = content.map(objectFromSdk).filter(isObject);
  return { role: role === 'assistant' ? 'assistant' : 'user', content: blocks.map(contentFromWire), origin: PROVIDER };
}
