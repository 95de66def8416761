import { isJson } from '../../events/json-guard.js';
import type { Json, JsonObject } from '../../events/json.js';

export function isRecord(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value as JSON; undefined if it is not. A server in the same process hands over its objects as they are, with
 * members that are undefined: they are written out and read again.
 */
export function asJson(value: unknown): Json | undefined {
  if (isJson(value)) return value;
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return isJson(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the JSON value is an object. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isRecord(value);
}

/** The `code` of a thrown value, as Node's errors have one. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** A colour, a cursor movement and the like. */
const terminalCode = /\u001b\[[\d;?]*[ -/]*[@-~]/g;

/** Foreign text for a message of ours: no control characters, one line, at most `length` code points. */
export function printable(text: string, length = 200): string {
  const line = text.slice(0, length * 4).replace(terminalCode, '').replace(/[\p{C}\s]+/gu, ' ').trim();
  const points = Array.from(line);
  return points.length <= length ? line : `${points.slice(0, length).join('')}…`;
}
