import type { StreamEvent } from '../../events/events.js';
import { ProtocolError, type ColdstreamError } from '../../errors/errors.js';
import type { JsonObject } from '../../events/json.js';
import { isObject, parseJson } from '../../events/json-object.js';
import type { Decoder } from '../../internal/decode.js';
import { exceptionName } from './errors.js';
import type { FrameHeaders } from './frame-headers.js';
import { createFrameDecoder, type RawFrame } from './frames.js';
import { MAX_REFUSAL } from './send.js';
import { Turn, type Emit, type TurnContext } from './turn.js';
import { parseFrame } from './wire.js';

function header({ headers }: RawFrame, name: string): string | undefined {
  const value = headers.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The value of an exception; words that are no JSON are its message, to be shortened once no key is in them. */
function valueOf(payload: string): JsonObject {
  const value = parseJson(payload);
  return isObject(value) ? value : { message: payload.trim().slice(0, MAX_REFUSAL) };
}

/** What a frame that is no event says. */
function failureOf(turn: Turn, frame: RawFrame, payload: string): ColdstreamError {
  const { position } = frame;
  switch (header(frame, ':message-type')) {
    case 'exception':
      return turn.failure(exceptionName(header(frame, ':exception-type')) ?? 'exception', valueOf(payload));
    case 'error':
      return turn.failure(exceptionName(header(frame, ':error-code')) ?? 'error', { message: header(frame, ':error-message') ?? payload.trim().slice(0, MAX_REFUSAL) });
    default:
      return new ProtocolError(`Event ${position} of the stream does not say what it is`, { eventIndex: position });
  }
}

/** The type of an event; undefined for a frame that is none. */
function eventTypeOf(frame: RawFrame): string | undefined {
  return header(frame, ':message-type') === 'event' ? header(frame, ':event-type') : undefined;
}

/** The events of one turn from the bytes of its stream; all events of one chunk in one synchronous burst. */
export function createTurnDecoder(context: TurnContext): Decoder<Uint8Array, StreamEvent> {
  const turn = new Turn(context);
  const frames = createFrameDecoder();

  /** The headers of the last frame, and what they say: most frames have those of the one before them. */
  let headers: FrameHeaders | undefined;
  let type: string | undefined;

  const take = (frame: RawFrame, emit: Emit): boolean => {
    if (frame.headers !== headers) {
      headers = frame.headers;
      type = eventTypeOf(frame);
    }
    if (type === undefined) throw failureOf(turn, frame, frame.text());
    return turn.take(parseFrame(type, frame.text(), frame.position), emit);
  };
  const completing = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw turn.complete(error);
    }
  };

  return {
    push: (chunk, emit) =>
      completing(() => {
        let isOver = false;
        frames.push(chunk, (frame) => (isOver = take(frame, emit)));
        return isOver;
      }),
    end: (emit) => completing(() => (frames.unfinished ? turn.cut(emit) : turn.end(emit))),
    fail: (error) => turn.broken(error),
  };
}
