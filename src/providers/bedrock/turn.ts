import type { StreamEvent } from '../../events/events.js';
import type { JsonObject } from '../../events/json.js';
import { ModelError, ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import { isColdstreamError } from '../../errors/describe.js';
import type { Redact } from '../../errors/redact.js';
import { bodyError } from '../../errors/system-error.js';
import { eventFactory, type EventFactory, type ModelRequest } from '../../provider.js';
import type { BuiltRequest } from './build-request.js';
import { bedrockFailure, failureFromValue, type Failure } from './errors.js';
import { finish, reduce, WAITING, type TurnState } from './reducer.js';
import { withOwnName, type Frame } from './wire.js';

/** What the reading of a turn needs to know besides what came. */
export interface TurnContext {
  readonly request: ModelRequest;
  /** What of the request the answer has to be read with: its body is not held while the answer lasts. */
  readonly built: Pick<BuiltRequest, 'names' | 'metadata'>;
  readonly model: string;
  readonly redact: Redact;
  /** The answer's status and content type, for errors. */
  answer(): string;
  /** The service's name for the request, for errors. */
  requestId(): string | undefined;
  /** Called once the message is whole and only its cost is still to come. */
  onStopped(): void;
  /** Called when the turn is about to tell its message, after which nothing is left to read. */
  onOver(): void;
}

export type Emit = (event: StreamEvent) => void;

/** One turn, from the events of its stream, wherever they come from. */
export class Turn {
  readonly #context: TurnContext;
  readonly #create: EventFactory;
  #state: TurnState = WAITING;
  /** How many events have come. */
  #count = 0;

  constructor(context: TurnContext) {
    this.#context = context;
    this.#create = eventFactory(context.request, context.model);
  }

  /** Whether the message is whole: what comes now can tell of its cost only. */
  get isStopped(): boolean {
    return this.#state.phase === 'stopped' || this.#state.phase === 'ended';
  }

  /** Emits what the event means; true once the turn is over. */
  take(frame: Frame, emit: Emit): boolean {
    this.#count = frame.position + 1;
    const wasStopped = this.isStopped;
    const [next, bodies] = reduce(this.#state, withOwnName(frame, this.#context.built.names));
    this.#state = next;
    for (const body of bodies) emit(this.#create(body));
    if (next.phase === 'ended') this.#finish(emit);
    else if (this.isStopped && !wasStopped) this.#context.onStopped();
    return next.phase === 'ended';
  }

  /** The end of the stream: of a turn that had stopped as well, and of no other. */
  end(emit: Emit): void {
    if (!this.isStopped) {
      const what = this.#count === 0 ? `without a single event (${this.#context.answer()})` : `after ${this.#count} events, without messageStop`;
      throw this.#truncated(`The stream ended ${what}`);
    }
    this.#finish(emit);
  }

  /** The end of the stream in the middle of an event. */
  cut(emit: Emit): void {
    if (!this.isStopped) throw this.#truncated(`The stream ended in the middle of event ${this.#count} (${this.#context.answer()})`);
    this.#finish(emit);
  }

  /** What the service says of a failure in the middle of its answer. */
  failure(type: string, value: JsonObject): ColdstreamError {
    return bedrockFailure({ ...failureFromValue(value), type, requestId: this.#context.requestId(), partial: this.#state.partial }, this.#context.redact);
  }

  /** What a connection that broke means, or the failure of the service that its reader saw. */
  broken(error: unknown, failure?: Failure): unknown {
    const { redact } = this.#context;
    const { partial } = this.#state;
    if (failure === undefined) return bodyError(error, redact, partial);
    return bedrockFailure({ ...failure, requestId: failure.requestId ?? this.#context.requestId(), partial }, redact);
  }

  /** An error of the parts that do not know how far the turn had come, or which request it was. */
  complete(error: unknown): unknown {
    if (!isColdstreamError(error)) return error;
    const details = { ...this.#details(), partial: this.#state.partial };
    const message = this.#context.redact(error.message);
    if (error instanceof ProtocolError) return new ProtocolError(message, { ...details, eventIndex: error.eventIndex ?? this.#count });
    if (error instanceof TruncatedStreamError) return new TruncatedStreamError(message, details);
    if (error instanceof ModelError) return new ModelError(message, { ...details, retryable: error.retryable });
    return error;
  }

  #details(): { readonly requestId?: string } {
    const requestId = this.#context.requestId();
    return requestId === undefined ? {} : { requestId };
  }

  #truncated(message: string): TruncatedStreamError {
    return new TruncatedStreamError(message, { ...this.#details(), partial: this.#state.partial });
  }

  #finish(emit: Emit): void {
    const [state, bodies] = finish(this.#state);
    this.#state = state;
    this.#context.onOver();
    for (const body of bodies) emit(this.#create(body, { ...state.metadata, ...this.#context.built.metadata }));
  }
}
