import { AbortedError, ConfigurationError, ConnectionError, TimeoutError, type ColdstreamError } from '../../errors/errors.js';
import { isColdstreamError, messageOf } from '../../errors/describe.js';
import type { Redact } from '../../errors/redact.js';
import { memberOf, unreachable } from '../../errors/system-error.js';
import { retryAfterMs, type HeadersLike } from '../../internal/retry-after.js';
import { bedrockFailure, exceptionName, type Failure } from './errors.js';
import { MAX_REFUSAL } from './send.js';

const MAX_EXCERPT = 200;

/** What to do about failures of the SDK that never became a request. */
const SETUP: readonly (readonly [RegExp, string])[] = [
  [/region is missing|region not set|missing region/i, 'There is no AWS region: set AWS_REGION, or pass region to bedrock()'],
  [/sso|token is expired|refresh/i, 'The session of the AWS profile has ended: run aws sso login, or set other credentials'],
  [
    /credential|identity|no httpauthscheme/i,
    'No AWS credentials were found: set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile that has some, or AWS_BEARER_TOKEN_BEDROCK, or pass whole credentials to bedrock()',
  ],
  [/invalid url|endpoint|ERR_INVALID_URL|_PROTOCOL$/i, 'The endpoint (or AWS_ENDPOINT_URL) is not an address that a request can be sent to'],
  [/header|ERR_INVALID_CHAR|ERR_INVALID_HTTP_TOKEN|ERR_HTTP2_INVALID/i, 'A key or a header holds a character that HTTP does not allow'],
];

/** Errors of the SDK's search for credentials: some of them carry the code of a file or a socket that they tried. */
const SEARCH = /^(?:CredentialsProviderError|TokenProviderError|ProviderError)$/;

/** Node sends no such thing, and to no such place. */
const UNSENDABLE = /^ERR_(?:INVALID_(?:CHAR|HTTP_TOKEN|PROTOCOL|URL)|HTTP2_(?:INVALID_.*|UNSUPPORTED_PROTOCOL)|UNESCAPED_CHARACTERS)$/;

/** The SDK calls a connection that was lost a timeout as well. */
const LOST = /^(?:ECONNRESET|EPIPE)$/;

/** The other side speaks another version of HTTP than this one. */
const OTHER_HTTP2 = /^ERR_(?:HTTP2_ERROR|HTTP2_SESSION_ERROR|SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL)$/;

function textMember(value: unknown, member: string): string | undefined {
  const found = memberOf(value, member);
  return typeof found === 'string' ? found : undefined;
}

function numberMember(value: unknown, member: string): number | undefined {
  const found = memberOf(value, member);
  return typeof found === 'number' ? found : undefined;
}

/** What an exception of the SDK says; nothing of it is kept, since it holds the request. */
export function failureFromException(error: unknown): Failure | undefined {
  const metadata = memberOf(error, '$metadata');
  const name = exceptionName(textMember(error, 'name'));
  const isService = memberOf(error, '$fault') !== undefined || /Exception$/.test(name ?? '');
  const status = numberMember(metadata, 'httpStatusCode');
  if (!isService && status === undefined) return undefined;
  const headers = memberOf(memberOf(error, '$response'), 'headers');
  const given: HeadersLike = { get: (header) => textMember(headers, header) ?? null };
  return {
    message: messageOf(error).slice(0, MAX_REFUSAL),
    type: name,
    status,
    requestId: textMember(metadata, 'requestId'),
    retryAfterMs: retryAfterMs(given),
    originalStatus: numberMember(error, 'originalStatusCode'),
  };
}

function setupError(message: string, redact: Redact): ConfigurationError {
  const found = SETUP.find(([words]) => words.test(message));
  const said = redact(message).split('\n')[0]?.slice(0, MAX_EXCERPT) ?? '';
  return new ConfigurationError(found === undefined ? `The request could not be made: ${said}` : `${found[1]} (${said})`);
}

/** Says what a request that failed before its answer means. The SDK's own error never leaves: it holds the request. */
export function requestError(error: unknown, redact: Redact): ColdstreamError {
  if (isColdstreamError(error)) return error;
  const name = textMember(error, 'name') ?? '';
  const message = messageOf(error);
  if (SEARCH.test(name)) return setupError(message, redact);
  const failure = failureFromException(error);
  if (failure !== undefined) return bedrockFailure(failure, redact);
  if (name === 'AbortError') return new AbortedError('The request was aborted by its client');
  const code = textMember(error, 'code') ?? '';
  if (UNSENDABLE.test(code)) return setupError(code, redact);
  if (code.startsWith('HPE_')) {
    return new ConnectionError(`What answered does not speak HTTP/1.1 (${code}): leave handler: 'http1' out`, { retryable: false });
  }
  // It is all that is told of a session that was lost before its answer; its name says nothing of why.
  if (/did not get a response/.test(message)) return new ConnectionError('The connection was closed before an answer came');
  if (name === 'TimeoutError' && !LOST.test(code)) return new TimeoutError('The service did not begin to answer in time');
  const failed = unreachable(error, redact);
  if (failed !== undefined && OTHER_HTTP2.test(code)) {
    return new ConnectionError(`${failed.message} (where something before the service does not speak HTTP/2, handler: 'http1' helps)`, { cause: failed.cause });
  }
  return failed ?? setupError(message, redact);
}
