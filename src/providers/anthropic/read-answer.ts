import { map, throwError, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { parseJson } from '../../events/json-object.js';
import { ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { excerpt } from '../../errors/system-error.js';
import type { Ending } from '../../internal/answered.js';
import { beginning } from '../../internal/beginning.js';
import { decode, type Decoder } from '../../internal/decode.js';
import { draining } from '../../internal/draining.js';
import { bodyOf, readStream } from '../../internal/read-stream.js';
import type { ModelRequest } from '../../provider.js';
import { MAX_REFUSAL } from './capped-fetch.js';
import { failureFromBody, serviceFailure } from './errors.js';
import { failureFromHeaders, requestIdOf } from './request-error.js';
import { createTurnDecoder, type TurnContext } from './turn-decoder.js';

/** Content types that are known to be something else than an event stream; a missing or vague one is given a try. */
const OTHER_TYPES = /^(?:text\/(?!event-stream|plain)|image\/|application\/(?!octet-stream))/i;

const MAX_TYPE = 100;

interface Answer {
  readonly response: Response;
  readonly request: ModelRequest;
  readonly built: TurnContext['built'];
  readonly model: string;
  readonly redact: Redact;
  readonly ending: Ending;
}

/** The failure that the body of an answer tells of, if it does. */
function failureIn(body: string, { response, redact }: Answer): ColdstreamError | undefined {
  const failure = failureFromBody(parseJson(body), redact);
  if (failure === undefined) return undefined;
  return serviceFailure({ ...failure, ...failureFromHeaders(response.headers, redact), status: response.status });
}

/** Why an answer that is no event stream was given, from as much of its body as is needed to tell. */
function refusal(body: string, answer: string, context: Answer): ColdstreamError {
  const { response, redact } = context;
  const failure = failureIn(body, context);
  if (failure !== undefined) return failure;
  return new ProtocolError(`The answer is no event stream (${answer}): ${excerpt(redact(body))}`, { status: response.status });
}

function readRefusal(body: unknown, answer: string, context: Answer): Observable<never> {
  return readStream(body).pipe(
    beginning(MAX_REFUSAL),
    map((text) => {
      throw refusal(text, answer, context);
    }),
  );
}

/** The same decoder, which says that the answer is over when its last event is about to be told. */
function ending(decoder: Decoder<Uint8Array, StreamEvent>, { ending: state }: Answer): Decoder<Uint8Array, StreamEvent> {
  let next: (event: StreamEvent) => void;
  const emit = (event: StreamEvent): void => {
    if (event.type === 'message') state.over = true;
    next(event);
  };
  return {
    push(chunk, given) {
      next = given;
      return decoder.push(chunk, emit);
    },
    end: (given) => decoder.end(given),
    fail: (error) => decoder.fail(error),
  };
}

/** The events of one answer, until its terminal event; what follows is only drained. */
export function readAnswer(context: Answer): Observable<StreamEvent> {
  const { response, request, built, model, redact } = context;
  request.onAnswer?.();
  const type = response.headers.get('content-type');
  const answer = `HTTP ${response.status}, ${type === null ? 'no content type' : redact(type).slice(0, MAX_TYPE)}`;
  const requestId = requestIdOf(response.headers, redact);
  const body = bodyOf(response);
  if (body === null) return throwError(() => new TruncatedStreamError(`The answer has no body (${answer})`));
  if (type !== null && OTHER_TYPES.test(type)) return readRefusal(body, answer, context);
  const failureOf = (text: string): ColdstreamError | undefined => failureIn(text, context);
  const turn = { request, built, model, redact, answer, failureOf, ...(requestId === undefined ? {} : { requestId }) };
  return readStream(body).pipe(
    draining(context.ending),
    decode(() => ending(createTurnDecoder(turn), context)),
  );
}
