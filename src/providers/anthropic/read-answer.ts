import { map, throwError, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { parseJson } from '../../events/json-object.js';
import { ProtocolError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import { excerpt } from '../../errors/system-error.js';
import { beginning } from '../../internal/beginning.js';
import { decode } from '../../internal/decode.js';
import { draining } from '../../internal/draining.js';
import { bodyOf, readStream } from '../../internal/read-stream.js';
import { MAX_REFUSAL } from './capped-fetch.js';
import { failureFromBody, serviceFailure } from './errors.js';
import { failureFromHeaders, requestIdOf } from './request-error.js';
import { TurnDecoder, type TurnContext } from './turn-decoder.js';

/** Content types that are known to be something else than an event stream; a missing or vague one is given a try. */
const OTHER_TYPES = /^(?:text\/(?!event-stream|plain)|image\/|application\/(?!octet-stream))/i;

const MAX_TYPE = 100;

interface Answer extends Pick<TurnContext, 'request' | 'built' | 'model' | 'redact' | 'ending' | 'onFailure'> {
  readonly response: Response;
}

/** The failure that the body of an answer tells of, if it does. */
function failureIn(body: string, { response, redact, onFailure }: Answer): ColdstreamError | undefined {
  const failure = failureFromBody(parseJson(body), redact);
  if (failure === undefined) return undefined;
  const told = serviceFailure({ ...failure, ...failureFromHeaders(response.headers, redact), status: response.status });
  onFailure(told);
  return told;
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

/** The events of one answer, until its terminal event; what follows is only drained. */
export function readAnswer(context: Answer): Observable<StreamEvent> {
  const { response, request, redact, ending } = context;
  const { status, headers } = response;
  request.onAnswer?.();
  const type = headers.get('content-type');
  const answer = (): string => `HTTP ${status}, ${type === null ? 'no content type' : redact(type).slice(0, MAX_TYPE)}`;
  const body = bodyOf(response);
  if (body === null) return throwError(() => new TruncatedStreamError(`The answer has no body (${answer()})`));
  if (type !== null && OTHER_TYPES.test(type)) return readRefusal(body, answer(), context);
  const turn: TurnContext = {
    ...context,
    answer,
    requestId: () => requestIdOf(headers, redact),
    failureOf: (text) => failureIn(text, context),
  };
  return readStream(body).pipe(
    draining(ending),
    decode(() => new TurnDecoder(turn)),
  );
}
