import { defaultIfEmpty, map, scan, takeLast, takeWhile, throwError, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { parseJson } from '../../events/json-object.js';
import { ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { excerpt } from '../../errors/system-error.js';
import { decode } from '../../internal/decode.js';
import { readBody } from '../../internal/read-body.js';
import type { ModelRequest } from '../../provider.js';
import { MAX_REFUSAL } from './capped-fetch.js';
import type { BuiltRequest } from './build-request.js';
import { failureFromBody, serviceFailure } from './errors.js';
import { failureFromHeaders, requestIdOf } from './request-error.js';
import { createTurnDecoder } from './turn-decoder.js';

/** Content types that are known to be something else than an event stream; a missing or vague one is given a try. */
const OTHER_TYPES = /^(?:text\/(?!event-stream|plain)|image\/|application\/(?!octet-stream))/i;

const MAX_TYPE = 100;

interface Answer {
  readonly response: Response;
  readonly request: ModelRequest;
  readonly built: BuiltRequest;
  readonly model: string;
  readonly redact: Redact;
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

function readRefusal(body: ReadableStream<Uint8Array>, answer: string, context: Answer): Observable<never> {
  const utf8 = new TextDecoder();
  return readBody(body).pipe(
    map((chunk) => utf8.decode(chunk, { stream: true })),
    scan((text, piece) => text + piece, ''),
    takeWhile((text) => text.length < MAX_REFUSAL, true),
    takeLast(1),
    defaultIfEmpty(''),
    map((text) => {
      throw refusal(text, answer, context);
    }),
  );
}

/** The events of one answer: it is read until its terminal event and no further. */
export function readAnswer(context: Answer): Observable<StreamEvent> {
  const { response, request, built, model, redact } = context;
  request.onAnswer?.();
  const type = response.headers.get('content-type');
  const answer = `HTTP ${response.status}, ${type === null ? 'no content type' : redact(type).slice(0, MAX_TYPE)}`;
  const requestId = requestIdOf(response.headers, redact);
  if (response.body === null) return throwError(() => new TruncatedStreamError(`The answer has no body (${answer})`));
  if (type !== null && OTHER_TYPES.test(type)) return readRefusal(response.body, answer, context);
  const failureOf = (body: string): ColdstreamError | undefined => failureIn(body, context);
  const turn = { request, built, model, redact, answer, failureOf, ...(requestId === undefined ? {} : { requestId }) };
  return readBody(response.body).pipe(decode(() => createTurnDecoder(turn)));
}
