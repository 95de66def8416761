import { AbortedError, ConfigurationError, ConnectionError, TimeoutError, TruncatedStreamError, type ColdstreamError } from '../../errors/errors.js';
import { describeError, isColdstreamError, messageOf } from '../../errors/describe.js';
import type { Json } from '../../events/json.js';
import { now } from '../../internal/clock.js';
import { failureFromBody, serviceError } from './errors.js';
import type { Redact } from './redact.js';

const MAX_CAUSES = 8;
const MAX_EXCERPT = 200;

function get(value: unknown, member: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, member);
  return found;
}

/** The error of the system beneath: the innermost cause that has a code (`ECONNREFUSED`, `Z_DATA_ERROR` …). */
function systemError(error: unknown): { readonly code: string; readonly message: string } | undefined {
  let found: { readonly code: string; readonly message: string } | undefined;
  let next: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && typeof next === 'object' && next !== null; depth++) {
    const code = get(next, 'code');
    if (typeof code === 'string') found = { code, message: messageOf(next) };
    const errors = get(next, 'errors');
    next = Array.isArray(errors) ? errors[0] : get(next, 'cause');
  }
  return found;
}

/** The error at the bottom of a chain of causes. */
function innermost(error: unknown): unknown {
  let found = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    const cause = get(found, 'cause');
    if (cause === undefined) break;
    found = cause;
  }
  return found;
}

/** A copy that carries a name, a message and a code, and nothing else: the original may hold the request. */
function bareCause(system: { readonly code: string; readonly message: string }, redact: Redact): Error {
  return Object.assign(new Error(redact(system.message).slice(0, MAX_EXCERPT)), { code: system.code });
}

function withCode({ code, message }: { readonly code: string; readonly message: string }): string {
  return message.includes(code) ? message : `${code}: ${message}`;
}

/** Headers of whichever `fetch` answered. */
export interface HeadersLike {
  get(name: string): string | null;
}

function isHeaders(value: unknown): value is HeadersLike {
  return typeof get(value, 'get') === 'function';
}

/**
 * How long the service asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date). No time, or one that
 * has passed, asks for nothing: whoever retries then waits as it would have by itself, and not at all would be too soon.
 */
function retryAfterMs(headers: HeadersLike): number | undefined {
  const given = headers.get('retry-after') ?? '';
  const seconds = Number(given);
  const waits = [Number.parseFloat(headers.get('retry-after-ms') ?? ''), Number.isNaN(seconds) ? Date.parse(given) - now() : seconds * 1000];
  return waits.find((wait) => wait > 0 && wait < Infinity);
}

/** What the headers of an answer say of a failure. */
export function failureFromHeaders(headers: HeadersLike): { requestId?: string; retryAfterMs?: number; shouldRetry?: boolean } {
  const requestId = headers.get('request-id') ?? headers.get('x-request-id');
  const wait = retryAfterMs(headers);
  const word = headers.get('x-should-retry');
  return {
    ...(requestId === null ? {} : { requestId }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(word === 'true' || word === 'false' ? { shouldRetry: word === 'true' } : {}),
  };
}

/** A body that is not the service's own: its beginning, or only what it is where it is a page. */
export function excerpt(body: string): string {
  const text = body.trim();
  if (text === '') return 'an empty body';
  if (text.startsWith('<')) return 'a page of markup instead of an answer';
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object';
}

function httpError(status: number, error: unknown, redact: Redact): ColdstreamError {
  const headers = get(error, 'headers');
  const body = get(error, 'error');
  const fromHeaders = isHeaders(headers) ? failureFromHeaders(headers) : {};
  const message = messageOf(error).replace(/^\d+ /, '');
  const said = (isJson(body) ? failureFromBody(body) : undefined) ?? { message: excerpt(message) };
  return serviceError({ ...said, ...fromHeaders, message: redact(said.message), status });
}

/** Says what a request that failed before its answer means. The SDK's own error never leaves: it holds the headers. */
export function requestError(error: unknown, redact: Redact): ColdstreamError {
  if (isColdstreamError(error)) return error;
  const status = get(error, 'status');
  if (typeof status === 'number' && status > 0) return httpError(status, error, redact);
  const name = get(error, 'name');
  if (name === 'APIUserAbortError') return new AbortedError('The request was aborted by its client');
  const system = systemError(error);
  if (name === 'APIConnectionTimeoutError') return new TimeoutError('The service did not begin to answer in time');
  if (system !== undefined) {
    return new ConnectionError(`Could not reach the service: ${redact(withCode(system))}`, { cause: bareCause(system, redact) });
  }
  // Browsers and Node send nothing to the ports of other protocols.
  if (messageOf(innermost(error)) === 'bad port') return new ConfigurationError('The baseURL names a port that no request is sent to');
  if (name === 'APIConnectionError') return new ConnectionError(`Could not reach the service: ${redact(messageOf(innermost(error)))}`);
  const { message } = describeError(error);
  if (message.startsWith('Could not resolve authentication method')) {
    return new ConfigurationError('There is no API key: set ANTHROPIC_API_KEY, or pass apiKey to anthropic()');
  }
  if (/invalid (?:HTTP )?header|header value|ByteString/i.test(message)) {
    return new ConfigurationError('The API key or a header holds a character that HTTP does not allow');
  }
  return new ConfigurationError(`The request could not be made: ${redact(message).slice(0, MAX_EXCERPT)}`);
}

/** Says what a body that broke off means. */
export function bodyError(error: unknown, redact: Redact, partial: boolean): ColdstreamError {
  if (isColdstreamError(error)) return error;
  const system = systemError(error);
  if (system === undefined) return new ConnectionError(`The connection broke: ${redact(messageOf(error)).slice(0, MAX_EXCERPT)}`, { partial });
  const details = { partial, cause: bareCause(system, redact) };
  const what = redact(withCode(system)).slice(0, MAX_EXCERPT);
  if (system.code === 'UND_ERR_BODY_TIMEOUT') return new TimeoutError(`The stream fell silent: ${what}`, details);
  if (system.code.startsWith('Z_') || system.code.startsWith('ERR_')) return new TruncatedStreamError(`The body could not be unpacked: ${what}`, details);
  return new ConnectionError(`The connection broke: ${what}`, details);
}
