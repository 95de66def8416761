import type { Json, JsonObject } from '../../events/json.js';

/** Deeper values are refused: they would overflow the stack of whoever walks or prints them. */
const maxDepth = 256;

export function isRecord(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether the value could have come from JSON, is not too deep, and has no member `__proto__`. Iterative, linear.
 * A member that is undefined counts as absent: a server in the same process hands its objects over as they are.
 */
export function isJson(value: unknown): value is Json {
  const rest: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value: current, depth } = next;
    switch (typeof current) {
      case 'string':
      case 'boolean':
      case 'undefined':
        continue;
      case 'number':
        if (!Number.isFinite(current)) return false;
        continue;
      case 'object':
        break;
      default:
        return false;
    }
    if (current === null) continue;
    if (depth >= maxDepth || Object.hasOwn(current, '__proto__')) return false;
    for (const child of Object.values(current)) rest.push({ value: child, depth: depth + 1 });
  }
  return true;
}

/** Like `isJson`, and an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value) && isJson(value);
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
