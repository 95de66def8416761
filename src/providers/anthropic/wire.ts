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
 * A piece of text, thinking or input, as the service writes it; spaces may fill it up. Found are the block's index, the
 * second letter of the kind (one letter costs no copy), and what is written up to the first escape and from there on.
 */
const PIECE =
  /^\{"type":"content_block_delta","index":(0|[1-9]\d{0,8}),"delta":\{"type":"(?=.(.))(?:text_delta","text|thinking_delta","thinking|input_json_delta","partial_json)":"([ !#-[\]-\uffff]*)((?:\\.[ !#-[\]-\uffff]*)*)"\} *\}$/;

/** The longest data that is looked at for a piece: the expression remembers each escape that it has passed. */
const LONGEST_PIECE = 4096;

function deltaOf(letter: string | undefined, piece: string): JsonObject {
  switch (letter) {
    case 'e':
      return { type: 'text_delta', text: piece };
    case 'h':
      return { type: 'thinking_delta', thinking: piece };
    default:
      return { type: 'input_json_delta', partial_json: piece };
  }
}

/**
 * What `JSON.parse` makes of a piece, in a sixth of its time, or in half of it where something is escaped: nearly all
 * events of a turn are pieces. `undefined` for everything else, and where any character is not as expected.
 */
export function parsePiece(data: string): JsonObject | undefined {
  if (data.length > LONGEST_PIECE) return undefined;
  const found = PIECE.exec(data);
  if (found === null) return undefined;
  const plain = found[3];
  const escaped = found[4];
  const piece = escaped === '' ? plain : parseJson(`"${plain}${escaped}"`);
  if (typeof piece !== 'string') return undefined;
  return { type: 'content_block_delta', index: Number(found[1]), delta: deltaOf(found[2], piece) };
}

/**
 * Reads the data of one event. Its `type` decides what it is; the event's name stands in where it has none, since
 * proxies strip names. The data itself never gets into an error: it may be anyone's conversation.
 */
export function parseFrame(data: string, name: string, position: number): Frame {
  const piece = parsePiece(data);
  // Nothing that could be unsafe fits into a piece.
  if (piece !== undefined) return { type: 'content_block_delta', body: piece, position };
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
