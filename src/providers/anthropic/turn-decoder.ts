import type { StreamEvent } from '../../events/events.js';
import type { JsonObject } from '../../events/json.js';
import { ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { bodyError } from '../../errors/system-error.js';
import type { Decoder } from '../../internal/decode.js';
import type { Ending } from '../../internal/answered.js';
import { createSseDecoder, type SseDecoder, type SseHandlers } from '../../internal/sse-decoder.js';
import { eventFactory, type EventFactory, type ModelRequest } from '../../provider.js';
import { MAX_REFUSAL } from './capped-fetch.js';
import { streamFailure } from './errors.js';
import { reduce, WAITING } from './reducer.js';
import type { BuiltRequest } from './build-request.js';
import { parseFrame, withOwnName } from './wire.js';

/** What the decoder of a turn needs to know besides the bytes. What only an error tells is asked for then. */
export interface TurnContext {
  readonly request: ModelRequest;
  /** What of the request the answer has to be read with: its body is not held while the answer lasts. */
  readonly built: Pick<BuiltRequest, 'names' | 'metadata'>;
  readonly model: string;
  readonly redact: Redact;
  /** Told when the turn's last event is about to be. */
  readonly ending: Ending;
  /** The answer's status and content type. */
  answer(): string;
  requestId(): string | undefined;
  /** Told of a failure that the service has told of. */
  onFailure(failure: ColdstreamError): void;
  /** The failure that a body tells of which is no event stream, whatever it calls itself. */
  failureOf(body: string): ColdstreamError | undefined;
}

type Emit = (event: StreamEvent) => void;

const UNHEARD: Emit = () => undefined;

/**
 * The events of one turn from the bytes of its stream; all events of one chunk in one synchronous burst. One object, and
 * no functions of its own: thousands of streams may be open and quiet.
 */
export class TurnDecoder implements Decoder<Uint8Array, StreamEvent>, SseHandlers {
  private readonly create: EventFactory;
  private readonly splitter: SseDecoder;
  private state = WAITING;
  private position = 0;
  private emit = UNHEARD;
  private readonly unread: Uint8Array[] = [];
  private unreadBytes = 0;

  constructor(private readonly turn: TurnContext) {
    this.create = eventFactory(turn.request, turn.model);
    this.splitter = createSseDecoder(this);
  }

  push(chunk: Uint8Array, emit: Emit): boolean {
    this.emit = emit;
    try {
      this.splitter.push(chunk);
    } catch (error) {
      throw this.complete(error);
    }
    this.keep(chunk);
    return this.state.phase === 'ended';
  }

  end(): void {
    const failed = this.position === 0 ? this.turn.failureOf(this.unreadText()) : undefined;
    if (failed !== undefined) throw failed;
    const what = this.position === 0 ? `without a single event (${this.turn.answer()})` : `after ${this.position} events, without message_stop`;
    throw new TruncatedStreamError(`The stream ended ${what}`, this.details());
  }

  fail(error: unknown): unknown {
    return bodyError(error, this.turn.redact, this.state.partial);
  }

  onComment(): void {
    this.turn.request.onPing?.();
  }

  onEvent(data: string, name: string): boolean {
    const { built, model, ending } = this.turn;
    const frame = withOwnName(parseFrame(data, name, this.position++), built.names);
    if (frame.type === 'ping') {
      this.onComment();
      return false;
    }
    if (frame.type === 'error') throw this.failure(frame.body);
    const before = this.state;
    const [next, bodies] = reduce(before, frame);
    if (next.model !== before.model) this.create.setModel(next.model ?? model);
    this.state = next;
    for (const body of bodies) {
      if (body.type === 'message') {
        ending.over = true;
        this.emit(this.create(body, { ...next.metadata, ...built.metadata }));
      } else this.emit(this.create(body));
    }
    return next.phase === 'ended';
  }

  private failure(body: JsonObject): ColdstreamError {
    const failure = streamFailure(body, this.state.partial, this.turn.requestId(), this.turn.redact);
    this.turn.onFailure(failure);
    return failure;
  }

  /** Keeps the beginning of a stream that has said nothing yet. */
  private keep(chunk: Uint8Array): void {
    if (this.position > 0) {
      this.unread.length = 0;
      return;
    }
    this.unreadBytes += chunk.length;
    if (this.unreadBytes <= MAX_REFUSAL) this.unread.push(chunk);
  }

  private unreadText(): string {
    const utf8 = new TextDecoder();
    return this.unread.map((chunk) => utf8.decode(chunk, { stream: true })).join('');
  }

  private details(): { readonly requestId?: string; readonly partial: boolean } {
    const requestId = this.turn.requestId();
    return { ...(requestId === undefined ? {} : { requestId }), partial: this.state.partial };
  }

  /** What the parts below could not know: how far the stream had come. */
  private complete(error: unknown): unknown {
    if (!(error instanceof ProtocolError)) return error;
    return new ProtocolError(error.message, { ...this.details(), eventIndex: error.eventIndex ?? this.position });
  }
}
