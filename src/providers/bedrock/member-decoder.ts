import type { StreamEvent } from '../../events/events.js';
import { ProtocolError } from '../../errors/errors.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { Decoder } from '../../internal/decode.js';
import { base64Of } from './base64.js';
import { failureFromException } from './request-error.js';
import { Turn, type TurnContext } from './turn.js';
import { parseFrame } from './wire.js';

function isBytes(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

/** A value of the SDK as it stood on the wire: bytes as base64, and what the SDK did not know under its own name. */
function toWire(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return undefined;
  if (isBytes(value)) return base64Of(value);
  if (Array.isArray(value)) return value.map((item: unknown) => toWire(item) ?? null);
  if (value instanceof Date) return value.toISOString();
  return membersToWire(value);
}

function membersToWire(value: object): JsonObject {
  const entries = Object.entries(value).map(([name, member]): readonly [string, unknown] => {
    // The SDK's word for a member of a union that it does not know: its name and its value.
    const [unknownName, unknownMember]: readonly unknown[] = name === '$unknown' && Array.isArray(member) ? member : [];
    return typeof unknownName === 'string' ? [unknownName, unknownMember] : [name, member];
  });
  return Object.fromEntries(
    entries.flatMap(([name, member]) => {
      const wire = toWire(member);
      return wire === undefined ? [] : [[name, wire] as const];
    }),
  );
}

/** The events of one turn from events that the SDK, or what stands in for it, has decoded. */
export function createMemberDecoder(context: TurnContext): Decoder<unknown, StreamEvent> {
  const turn = new Turn(context);
  let position = 0;
  return {
    push: (event, emit) => {
      const wire = toWire(event);
      const [type, value] = isObject(wire) ? (Object.entries(wire)[0] ?? []) : [];
      if (type === undefined || value === undefined) throw turn.complete(new ProtocolError(`Event ${position} of the stream is empty`));
      if (/Exception$/.test(type) && isObject(value)) throw turn.failure(type, value);
      try {
        return turn.take(parseFrame(type, JSON.stringify(value), position++), emit);
      } catch (error) {
        throw turn.complete(error);
      }
    },
    end: (emit) => {
      try {
        turn.end(emit);
      } catch (error) {
        throw turn.complete(error);
      }
    },
    fail: (error) => turn.broken(error, failureFromException(error)),
  };
}
