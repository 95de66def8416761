import { defer, map, throwError, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { ProtocolError, type ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { excerpt } from '../../errors/system-error.js';
import type { Ending } from '../../internal/answered.js';
import { beginning } from '../../internal/beginning.js';
import { decode, type Decoder } from '../../internal/decode.js';
import { draining } from '../../internal/draining.js';
import { fromAsyncIterable } from '../../internal/from-async-iterable.js';
import { limiting, Overtime } from '../../internal/overtime.js';
import { readStream } from '../../internal/read-stream.js';
import { retryAfterMs, type HeadersLike } from '../../internal/retry-after.js';
import type { ModelRequest } from '../../provider.js';
import { bedrockFailure, exceptionName, failureFromBody, type Failure } from './errors.js';
import { createMemberDecoder } from './member-decoder.js';
import { MAX_REFUSAL, type Answer } from './send.js';
import { createTurnDecoder } from './turn-decoder.js';
import type { TurnContext } from './turn.js';

/** Content types that are known to be something else than an event stream; a missing or vague one is given a try. */
const OTHER_TYPES = /^(?:text\/(?!plain)|image\/|application\/(?!octet-stream|vnd\.amazon\.eventstream))/i;

/** How long the cost of a turn that is otherwise whole is waited for. */
const METADATA_WAIT_MS = 5000;

/** As much of what an answer calls itself as an error repeats. */
const LONGEST_NAME = 200;

export interface Reading {
  readonly answer: Answer;
  readonly request: ModelRequest;
  readonly built: TurnContext['built'];
  readonly model: string;
  readonly redact: Redact;
  readonly ending: Ending;
}

function requestIdOf(headers: HeadersLike): string | undefined {
  return headers.get('x-amzn-requestid') ?? headers.get('x-amzn-request-id') ?? headers.get('x-amz-request-id') ?? undefined;
}

/** What the headers of an answer say of a failure. */
function failureFromHeaders(headers: HeadersLike): Pick<Failure, 'requestId' | 'retryAfterMs' | 'type'> {
  return { requestId: requestIdOf(headers), retryAfterMs: retryAfterMs(headers), type: exceptionName(headers.get('x-amzn-errortype') ?? undefined) };
}

/** The failure that an answer under some status tells of. */
function refusal(status: number, headers: HeadersLike, said: Failure, redact: Redact): ColdstreamError {
  const { type, ...fromHeaders } = failureFromHeaders(headers);
  return bedrockFailure({ ...said, ...fromHeaders, type: type ?? said.type, status }, redact);
}

/** What of an answer's head its failures tell. The head itself is not held while its body is read. */
interface About {
  readonly called: string;
  readonly requestId: string | undefined;
}

/** One answer being read: all of its asking that is held while it lasts. */
class ReadTurn implements TurnContext {
  readonly request: ModelRequest;
  readonly built: TurnContext['built'];
  readonly model: string;
  readonly redact: Redact;
  readonly overtime = new Overtime();
  private readonly ending: Ending;

  constructor(
    { request, built, model, redact, ending }: Reading,
    private readonly about: About,
  ) {
    this.request = request;
    this.built = built;
    this.model = model;
    this.redact = redact;
    this.ending = ending;
  }

  answer(): string {
    return this.redact(this.about.called).slice(0, LONGEST_NAME);
  }

  requestId(): string | undefined {
    const { requestId } = this.about;
    return requestId === undefined ? undefined : this.redact(requestId);
  }

  onStopped(): void {
    this.overtime.begin();
  }

  onOver(): void {
    this.ending.over = true;
  }
}

/**
 * The events of what comes, until the turn is over. Once its message is whole, nothing that happens to the connection
 * takes it back, and its cost is not waited for without end.
 */
function readTurn<Piece>(
  pieces: Observable<Piece>,
  reading: Reading,
  about: About,
  createDecoder: (turn: TurnContext) => Decoder<Piece, StreamEvent>,
): Observable<StreamEvent> {
  return defer(() => {
    const turn = new ReadTurn(reading, about);
    return pieces.pipe(
      limiting(turn.overtime, METADATA_WAIT_MS),
      decode(() => createDecoder(turn)),
    );
  });
}

/** The events of one answer: it is read until the turn is over and no further. */
export function readAnswer(reading: Reading): Observable<StreamEvent> {
  const { answer, ending, redact } = reading;
  if (answer.kind === 'nothing') return throwError(() => new ProtocolError('The client gave an answer without a stream'));
  if (answer.kind === 'decoded') {
    return readTurn(fromAsyncIterable(answer.stream), reading, { called: 'decoded by the client', requestId: answer.requestId }, createMemberDecoder);
  }
  const { status, headers } = answer;
  const type = headers.get('content-type');
  const called = `HTTP ${status}, ${type ?? 'no content type'}`;
  if (answer.kind === 'refusal') {
    const { text } = answer;
    return throwError(() => refusal(status, headers, failureFromBody(text) ?? { message: excerpt(redact(text)) }, redact));
  }
  const bytes$ = readStream(answer.body);
  const about: About = { called, requestId: requestIdOf(headers) };
  if (type === null || !OTHER_TYPES.test(type)) return readTurn(bytes$.pipe(draining(ending)), reading, about, createTurnDecoder);
  return bytes$.pipe(
    beginning(MAX_REFUSAL),
    map((text) => {
      const failure = failureFromBody(text);
      if (failure !== undefined) throw refusal(status, headers, failure, redact);
      throw new ProtocolError(`The answer is no event stream (${redact(called).slice(0, LONGEST_NAME)}): ${excerpt(redact(text))}`, { status });
    }),
  );
}
