import { isObject, type JsonRecord } from './json.js';

/** What a body is, from its beginning: every answer that is no stream is JSON or a page. */
export function kindOfBody(bytes: Uint8Array): 'json' | 'page' | 'other' {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  if (start.startsWith('{')) return 'json';
  return start.startsWith('<') ? 'page' : 'other';
}

/** The body, if it is a JSON object. */
export function jsonOf(bytes: Uint8Array): JsonRecord | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
