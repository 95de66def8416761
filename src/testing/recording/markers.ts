import { describeError, isColdstreamError } from '../../errors/describe.js';
import {
  AbortedError,
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  InvalidRequestError,
  ModelError,
  OverloadedError,
  ProtocolError,
  RateLimitError,
  RunError,
  ServerError,
  TimeoutError,
  TruncatedStreamError,
  type ErrorDetails,
} from '../../errors/errors.js';
import type { ErrorCode } from '../../errors/codes.js';
import type { Json, JsonObject } from '../../events/json.js';

/** The `custom` events between which a recorded turn stands. */
export const REQUEST = 'coldstream.request';
export const ANSWER = 'coldstream.answer';

/** How a recorded turn ended; `stopped`: it was unsubscribed before its end. */
export type RecordedEnd = { readonly end: 'complete' | 'stopped' } | { readonly end: 'error'; readonly error: Error };

/** A failure as plain data: what decides about a retry, and what a log needs. */
export function errorAsJson(error: unknown): JsonObject {
  const { code, message, retryable, partial } = describeError(error);
  if (!isColdstreamError(error)) return { code, message, retryable, partial };
  const { retryAfterMs, status, requestId } = error;
  return {
    code,
    message,
    retryable,
    partial,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

const classes: Readonly<Partial<Record<ErrorCode, new (message: string, details: ErrorDetails) => Error>>> = {
  connection: ConnectionError,
  timeout: TimeoutError,
  authentication: AuthenticationError,
  rate_limit: RateLimitError,
  overloaded: OverloadedError,
  server: ServerError,
  invalid_request: InvalidRequestError,
  truncated: TruncatedStreamError,
  protocol: ProtocolError,
  model: ModelError,
  aborted: AbortedError,
  configuration: ConfigurationError,
};

/** An error of the class that its code names, as it was when it was recorded. */
export function errorOf(code: ErrorCode, message: string, details: ErrorDetails): Error {
  const known = classes[code];
  if (known !== undefined) return new known(message, details);
  return code === 'unknown' ? new Error(message) : new RunError(message, code, details);
}

/** A member of plain data, if it is of this kind. */
export const numberIn = (content: Json | undefined, name: string): number | undefined => {
  const value = memberOf(content, name);
  return typeof value === 'number' ? value : undefined;
};

export function memberOf(content: Json | undefined, name: string): Json | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const found = Object.entries(content).find(([member]) => member === name);
  return found?.[1];
}
