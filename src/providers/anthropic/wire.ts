import type { JsonObject } from '../../events/json.js';
import { isObject, parseJson, textOf } from '../../events/json-object.js';
import { ProtocolError } from '../../errors/errors.js';
import { findFaultOf } from '../../messages/partial-json.js';
import type { ToolNames } from '../../messages/tool-names.js';

/** One event of the wire. */
export interface Frame {
  readonly type: string;
  readonly body: JsonObject;
  /** Its place in the stream, from 0. */
  readonly position: number;
}

/** The events that a turn is made of: without its data each of them is broken, for nobody knows what it would have said. */
const SPOKEN: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'error',
]);

/** Whether an event says nothing: one without data keeps a connection alive, and `[DONE]` is what gateways add to any stream. */
function saysNothing(data: string, name: string): boolean {
  return (data === '[DONE]' || data.trim() === '') && !SPOKEN.has(name);
}

/**
 * Reads the data of one event. Its `type` decides what it is; the event's name stands in where it has none, since
 * proxies strip names. The data itself never gets into an error: it may be anyone's conversation.
 */
export function parseFrame(data: string, name: string, position: number): Frame {
  const body = parseJson(data);
  if (body === undefined) {
    if (name === 'error') return { type: name, body: { error: { message: data } }, position };
    if (name === 'ping' || saysNothing(data, name)) return { type: 'ping', body: {}, position };
    throw new ProtocolError(`Event ${position} of the stream is not valid JSON (${data.length} characters)`, { eventIndex: position });
  }
  if (!isObject(body)) throw new ProtocolError(`Event ${position} of the stream is not an object`, { eventIndex: position });
  const fault = findFaultOf(data, body);
  if (fault !== undefined) throw new ProtocolError(`Event ${position} of the stream is not safe JSON: ${fault}`, { eventIndex: position });
  const type = body['type'];
  return { type: typeof type === 'string' ? type : name, body, position };
}

/** The event with a call's tool under the name that the application gave it. */
export function withOwnName(frame: Frame, { fromWire }: ToolNames): Frame {
  const block = frame.type === 'content_block_start' ? frame.body['content_block'] : undefined;
  const name = isObject(block) && block['type'] === 'tool_use' ? textOf(block, 'name') : undefined;
  if (name === undefined || !isObject(block) || fromWire(name) === name) return frame;
  return { ...frame, body: { ...frame.body, content_block: { ...block, name: fromWire(name) } } };
}
