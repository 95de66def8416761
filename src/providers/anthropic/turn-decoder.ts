import type { StreamEvent } from '../../events/events.js';
import { ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { bodyError } from '../../errors/system-error.js';
import type { Decoder } from '../../internal/decode.js';
import { createSseDecoder } from '../../internal/sse-decoder.js';
import { eventFactory, type ModelRequest } from '../../provider.js';
import { MAX_REFUSAL } from './capped-fetch.js';
import { streamFailure } from './errors.js';
import { reduce, WAITING } from './reducer.js';
import type { BuiltRequest } from './build-request.js';
import { parseFrame, withOwnName } from './wire.js';

/** What the decoder of a turn needs to know besides the bytes. */
export interface TurnContext {
  readonly request: ModelRequest;
  /** What of the request the answer has to be read with: its body is not held while the answer lasts. */
  readonly built: Pick<BuiltRequest, 'names' | 'metadata'>;
  readonly model: string;
  readonly redact: Redact;
  /** The answer's status and content type, for errors. */
  readonly answer: string;
  readonly requestId?: string;
  /** The failure that a body tells of which is no event stream, whatever it calls itself. */
  readonly failureOf: (body: string) => ColdstreamError | undefined;
}

type Emit = (event: StreamEvent) => void;

const UNHEARD: Emit = () => undefined;

/** The events of one turn from the bytes of its stream; all events of one chunk in one synchronous burst. */
export function createTurnDecoder({ request, built, model, redact, answer, requestId, failureOf }: TurnContext): Decoder<Uint8Array, StreamEvent> {
  const create = eventFactory(request, model);
  const details = requestId === undefined ? {} : { requestId };
  const onPing = (): void => request.onPing?.();
  const failure: typeof streamFailure = (body, partial) => streamFailure(body, partial, requestId, redact);
  let state = WAITING;
  let position = 0;
  let emit = UNHEARD;
  let unread: Uint8Array[] = [];
  let unreadBytes = 0;

  /** Keeps the beginning of a stream that has said nothing yet. */
  const keep = (chunk: Uint8Array): void => {
    if (position > 0) {
      unread = [];
      return;
    }
    unreadBytes += chunk.length;
    if (unreadBytes <= MAX_REFUSAL) unread.push(chunk);
  };
  const unreadText = (): string => {
    const utf8 = new TextDecoder();
    return unread.map((chunk) => utf8.decode(chunk, { stream: true })).join('');
  };

  const onEvent = (data: string, name: string): boolean => {
    const frame = withOwnName(parseFrame(data, name, position++), built.names);
    if (frame.type === 'ping') {
      onPing();
      return false;
    }
    const [next, bodies] = reduce(state, frame, failure);
    if (next.model !== state.model) create.setModel(next.model ?? model);
    state = next;
    for (const body of bodies) emit(body.type === 'message' ? create(body, { ...state.metadata, ...built.metadata }) : create(body));
    return state.phase === 'ended';
  };
  const splitter = createSseDecoder({ onEvent, onComment: onPing });

  /** What the parts below could not know: how far the stream had come. */
  const complete = (error: unknown): unknown =>
    error instanceof ProtocolError
      ? new ProtocolError(error.message, { ...details, partial: state.partial, eventIndex: error.eventIndex ?? position })
      : error;

  return {
    push(chunk, next) {
      emit = next;
      try {
        splitter.push(chunk);
      } catch (error) {
        throw complete(error);
      }
      keep(chunk);
      return state.phase === 'ended';
    },
    end() {
      const failed = position === 0 ? failureOf(unreadText()) : undefined;
      if (failed !== undefined) throw failed;
      const what = position === 0 ? `without a single event (${answer})` : `after ${position} events, without message_stop`;
      throw new TruncatedStreamError(`The stream ended ${what}`, { ...details, partial: state.partial });
    },
    fail: (error) => bodyError(error, redact, state.partial),
  };
}
