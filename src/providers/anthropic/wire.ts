import type { Json, JsonObject } from '../../events/json.js';
import { ProtocolError } from '../../errors/errors.js';
import { findFaultOf } from '../../messages/partial-json.js';

/** One event of the wire. */
export interface Frame {
  readonly type: string;
  readonly body: JsonObject;
  /** Its place in the stream, from 0. */
  readonly position: number;
}

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

function parse(data: string): Json | undefined {
  try {
    const value: Json = JSON.parse(data);
    return value;
  } catch {
    return undefined;
  }
}

/**
 * Reads the data of one event. Its `type` decides what it is; the event's name stands in where it has none, since
 * proxies strip names. The data itself never gets into an error: it may be anyone's conversation.
 */
export function parseFrame(data: string, name: string, position: number): Frame {
  const body = parse(data);
  if (body === undefined) {
    if (name === 'error') return { type: name, body: { error: { message: data.slice(0, 200) } }, position };
    throw new ProtocolError(`Event ${position} of the stream is not valid JSON (${data.length} characters)`, { eventIndex: position });
  }
  if (!isObject(body)) throw new ProtocolError(`Event ${position} of the stream is not an object`, { eventIndex: position });
  const fault = findFaultOf(data, body);
  if (fault !== undefined) throw new ProtocolError(`Event ${position} of the stream is not safe JSON: ${fault}`, { eventIndex: position });
  const type = body['type'];
  return { type: typeof type === 'string' ? type : name, body, position };
}
