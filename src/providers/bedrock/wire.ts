import { ProtocolError } from '../../errors/errors.js';
import type { JsonObject } from '../../events/json.js';
import { isObject, parseJson, textOf } from '../../events/json-object.js';
import { findFaultOf } from '../../messages/partial-json.js';
import type { ToolNames } from '../../messages/tool-names.js';
import { readDeltaBody } from './delta-body.js';

/** One event of the wire. */
export interface Frame {
  /** The member of the service's union that it is: `contentBlockDelta`, say. */
  readonly type: string;
  /** The member's value. */
  readonly body: JsonObject;
  /** Its place in the stream, from 0. */
  readonly position: number;
}

function broken(type: string, position: number, what: string): ProtocolError {
  const name = /^[\w.-]{1,64}$/.test(type) ? ` (${type})` : '';
  return new ProtocolError(`Event ${position} of the stream${name} ${what}`, { eventIndex: position });
}

/** Reads the payload of one event. It never gets into an error: it may be anyone's conversation. */
export function parseFrame(type: string, payload: string, position: number): Frame {
  const usual = type === 'contentBlockDelta' ? readDeltaBody(payload) : undefined;
  if (usual !== undefined) return { type, body: usual, position };
  const body = parseJson(payload);
  if (body === undefined) throw broken(type, position, `is not valid JSON (${payload.length} characters)`);
  if (!isObject(body)) throw broken(type, position, 'is not an object');
  const fault = findFaultOf(payload, body);
  if (fault !== undefined) throw broken(type, position, `is not safe JSON: ${fault}`);
  return { type, body, position };
}

/** Whether a tool of this type is run by the application; the service's own tools say what they are. */
export function isApplications(toolUse: JsonObject): boolean {
  const type = toolUse['type'] ?? 'tool_use';
  return type === 'tool_use';
}

/** The event with a call's tool under the name that the application gave it. */
export function withOwnName(frame: Frame, { fromWire }: ToolNames): Frame {
  if (frame.type !== 'contentBlockStart') return frame;
  const start = frame.body['start'];
  const toolUse = isObject(start) ? start['toolUse'] : undefined;
  if (!isObject(start) || !isObject(toolUse) || !isApplications(toolUse)) return frame;
  const name = textOf(toolUse, 'name');
  if (name === undefined || fromWire(name) === name) return frame;
  return { ...frame, body: { ...frame.body, start: { ...start, toolUse: { ...toolUse, name: fromWire(name) } } } };
}
