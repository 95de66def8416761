import type { Json, JsonObject } from '../../events/json.js';
import {
  AuthenticationError,
  ConfigurationError,
  InvalidRequestError,
  OverloadedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  type ColdstreamError,
  type ErrorDetails,
} from '../../errors/errors.js';
import type { Redact } from './redact.js';
import { isObject, textOf } from './wire.js';

/** What the service said of a failure. */
export interface Failure {
  /** The service's own words, or ours where it had none. */
  readonly message: string;
  /** `error.type` of the wire. */
  readonly type?: string | undefined;
  /** `error.details.error_code` of the wire: more exact than the type. */
  readonly errorCode?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The service's own word on whether to send the request again. */
  readonly shouldRetry?: boolean | undefined;
  readonly partial?: boolean | undefined;
}

const asItIs: Redact = (text) => text;

const MAX_MESSAGE = 500;

/** 429s that no waiting cures. */
const SPEND_LIMITS = /spend_limit|ramp_limit|credit_balance/;

type Meaning = 'authentication' | 'invalid' | 'overloaded' | 'rate' | 'redirect' | 'server' | 'timeout';

const MEANING_OF_TYPE: ReadonlyMap<string, Meaning> = new Map([
  ['authentication_error', 'authentication'],
  ['permission_error', 'authentication'],
  ['overloaded_error', 'overloaded'],
  ['rate_limit_error', 'rate'],
  ['timeout_error', 'timeout'],
  ['api_error', 'server'],
]);

function meaningOf({ type, status }: Failure): Meaning {
  if (type === 'overloaded_error' || status === 529) return 'overloaded';
  if (status !== undefined && status !== 200) {
    if (status === 401 || status === 403) return 'authentication';
    if (status === 408) return 'timeout';
    if (status === 429) return 'rate';
    if (status >= 500) return 'server';
    return status >= 300 && status < 400 ? 'redirect' : 'invalid';
  }
  // A type that nobody here knows yet: known ones that end like this are all refusals of the request.
  return MEANING_OF_TYPE.get(type ?? '') ?? (type === undefined || type === 'error' ? 'server' : 'invalid');
}

function describe({ message, type, status }: Failure): string {
  const said = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
  const names = [status === undefined || status === 200 ? [] : [String(status)], type === undefined ? [] : [type]].flat();
  return names.length === 0 ? `Anthropic: ${said}` : `Anthropic (${names.join(' ')}): ${said}`;
}

/** The typed error for what the service said, in an HTTP answer or in the middle of a stream. */
export function serviceError(failure: Failure): ColdstreamError {
  const { status, requestId, retryAfterMs, shouldRetry, partial } = failure;
  const details: ErrorDetails = {
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(shouldRetry === undefined ? {} : { retryable: shouldRetry }),
    ...(partial === undefined ? {} : { partial }),
  };
  const message = describe(failure);
  switch (meaningOf(failure)) {
    case 'authentication':
      return new AuthenticationError(`${message} (check ANTHROPIC_API_KEY or apiKey)`, details);
    case 'invalid':
      return new InvalidRequestError(message, details);
    case 'overloaded':
      return new OverloadedError(message, details);
    case 'rate':
      return new RateLimitError(message, SPEND_LIMITS.test(failure.errorCode ?? '') ? { ...details, retryable: false } : details);
    case 'redirect':
      return new ConfigurationError(`${message}: redirects are refused, so that no key follows one; check baseURL`, details);
    case 'timeout':
      return new TimeoutError(message, details);
    case 'server':
      return new ServerError(message, details);
  }
}

/** Reads the body that the service sends with a failure: `{ type: 'error', error: { type, message, details } }`. */
export function failureFromBody(body: Json | undefined): Failure | undefined {
  if (!isObject(body)) return undefined;
  const error = body['error'];
  if (typeof error === 'string') return { message: error };
  if (!isObject(error)) return undefined;
  const details = error['details'];
  return {
    message: textOf(error, 'message') ?? 'an error without a message',
    type: textOf(error, 'type'),
    errorCode: isObject(details) ? textOf(details, 'error_code') : undefined,
    requestId: textOf(body, 'request_id'),
  };
}

/** An `error` event in the middle of a stream; `clean` takes secrets out of the service's words. */
export function streamFailure(body: JsonObject, partial: boolean, requestId?: string, clean: Redact = asItIs): ColdstreamError {
  const failure: Failure = { ...(failureFromBody(body) ?? { message: 'an error without a message' }), partial };
  return serviceError({ ...failure, requestId: failure.requestId ?? requestId, message: clean(failure.message) });
}
