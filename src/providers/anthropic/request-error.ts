import { AbortedError, ConfigurationError, ConnectionError, TimeoutError, type ColdstreamError } from '../../errors/errors.js';
import { describeError, isColdstreamError, messageOf } from '../../errors/describe.js';
import type { Redact } from '../../errors/redact.js';
import { excerpt, innermostMessage, memberOf, unreachable } from '../../errors/system-error.js';
import type { Json } from '../../events/json.js';
import { retryAfterMs, type HeadersLike } from '../../internal/retry-after.js';
import { failureFromBody, serviceFailure } from './errors.js';

const MAX_EXCERPT = 200;

function isHeaders(value: unknown): value is HeadersLike {
  return typeof memberOf(value, 'get') === 'function';
}

/** The service's name for the request. A header may hold anything: what is no name is none. */
export function requestIdOf(headers: HeadersLike, redact: Redact): string | undefined {
  const id = headers.get('request-id') ?? headers.get('x-request-id');
  return id === null || id.length > MAX_EXCERPT ? undefined : redact(id);
}

/** What the headers of an answer say of a failure. */
export function failureFromHeaders(headers: HeadersLike, redact: Redact): { requestId?: string; retryAfterMs?: number; retryable?: boolean } {
  const requestId = requestIdOf(headers, redact);
  const wait = retryAfterMs(headers);
  const word = headers.get('x-should-retry');
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(word === 'true' || word === 'false' ? { retryable: word === 'true' } : {}),
  };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object';
}

function httpError(status: number, error: unknown, redact: Redact): ColdstreamError {
  const headers = memberOf(error, 'headers');
  const body = memberOf(error, 'error');
  const fromHeaders = isHeaders(headers) ? failureFromHeaders(headers, redact) : {};
  // Redacted before it is shortened: half a key is known to nobody.
  const said = (isJson(body) ? failureFromBody(body, redact) : undefined) ?? { message: excerpt(redact(messageOf(error).replace(/^\d+ /, ''))) };
  return serviceFailure({ ...said, ...fromHeaders, status });
}

/** Says what a request that failed before its answer means. The SDK's own error never leaves: it holds the headers. */
export function requestError(error: unknown, redact: Redact): ColdstreamError {
  if (isColdstreamError(error)) return error;
  // A fetch of ours says itself what is wrong with it; the SDK takes that for a lost connection.
  const cause = memberOf(error, 'cause');
  if (isColdstreamError(cause)) return cause;
  const status = memberOf(error, 'status');
  if (typeof status === 'number' && status > 0) return httpError(status, error, redact);
  const name = memberOf(error, 'name');
  if (name === 'APIUserAbortError') return new AbortedError('The request was aborted by its client');
  if (name === 'APIConnectionTimeoutError') return new TimeoutError('The service did not begin to answer in time');
  const failed = unreachable(error, redact);
  if (failed !== undefined) return failed;
  // Browsers and Node send nothing to the ports of other protocols.
  if (innermostMessage(error) === 'bad port') return new ConfigurationError('The baseURL names a port that no request is sent to');
  if (name === 'APIConnectionError') return new ConnectionError(`Could not reach the service: ${redact(innermostMessage(error))}`);
  const { message } = describeError(error);
  if (message.startsWith('Could not resolve authentication method')) {
    return new ConfigurationError('There is no API key: set ANTHROPIC_API_KEY, or pass apiKey to anthropic()');
  }
  if (/invalid (?:HTTP )?header|header value|ByteString/i.test(message)) {
    return new ConfigurationError('The API key or a header holds a character that HTTP does not allow');
  }
  return new ConfigurationError(`The request could not be made: ${redact(message).slice(0, MAX_EXCERPT)}`);
}
