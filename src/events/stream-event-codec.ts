import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { withEnvelope } from './construct.js';
import { eventBodies } from './event-body-codec.js';
import type { Envelope, EventBody, StreamEvent as StreamEventType } from './events.js';
import { guarded, jsonObjectPart } from './json-codec.js';
import { count, heldTo, isRecord, list, nullable, struct } from './struct-codec.js';
import { tagged } from './tagged-codec.js';

/** Everything that flows: a plain, JSON-safe object told apart by its `type`. */
export type StreamEvent = StreamEventType;

const runId = t.string;
const path = list(t.string);
const model = nullable(t.string);

const envelopePart: t.Type<Envelope> = heldTo<Envelope>()(
  struct('StreamEvent', { runId, seq: count, path, iteration: count, timestamp: t.number, model, metadata: jsonObjectPart }),
);

const bodyPart: t.Type<EventBody> = tagged<EventBody>('StreamEvent', eventBodies);

const eventPart: t.Type<StreamEventType> = new t.Type<StreamEventType>(
  'StreamEvent',
  (value): value is StreamEventType => envelopePart.is(value) && bodyPart.is(value),
  (value, context) => {
    const unknown = unknownEvent(value);
    if (unknown !== undefined) return t.success(unknown);
    const body = bodyPart.validate(value, context);
    const envelope = envelopePart.validate(value, context);
    if (E.isLeft(body)) return isRecord(value) && E.isLeft(envelope) ? t.failures([...envelope.left, ...body.left]) : body;
    return E.isLeft(envelope) ? envelope : t.success(withEnvelope(envelope.right, body.right));
  },
  t.identity,
);

/**
 * Decodes any event from a value that came over a trust border: a line of a recording, a frame of a connection.
 *
 * - Members that an event does not have are kept, so decoding what was written gives back what was written.
 * - An object whose `type` is a string that Coldstream does not know becomes a `raw` event with
 *   `content: { provider: 'unknown', event }`, where `event` is the object whole. The envelope keeps what is valid of the
 *   object's own; for what is not it has `''`, 0, `[]`, `null` and `{}`.
 * - A content block of an unknown type becomes a `provider` block, and an unknown error code `unknown`.
 * - Anything else is refused, with the path to what is wrong; `explain` puts it in words.
 * - The whole value must be JSON, not nested too deep and without a member named `__proto__` anywhere.
 *
 * Decoding costs about as much as parsing the JSON again: do it at borders, not between operators.
 */
export const StreamEvent: t.Type<StreamEventType> = guarded(eventPart);

function unknownEvent(value: unknown): StreamEventType | undefined {
  if (!jsonObjectPart.is(value)) return undefined;
  const { type } = value;
  if (typeof type !== 'string' || Object.hasOwn(eventBodies, type)) return undefined;
  const envelope: Envelope = {
    runId: validOr(runId, value['runId'], ''),
    seq: validOr(count, value['seq'], 0),
    path: validOr(path, value['path'], []),
    iteration: validOr(count, value['iteration'], 0),
    timestamp: validOr(t.number, value['timestamp'], 0),
    model: validOr(model, value['model'], null),
    metadata: validOr(jsonObjectPart, value['metadata'], {}),
  };
  return withEnvelope(envelope, { type: 'raw', content: { provider: 'unknown', event: value } });
}

function validOr<Value>(codec: t.Type<Value>, value: unknown, otherwise: Value): Value {
  return codec.is(value) ? value : otherwise;
}
