import type { ErrorCode } from './codes.js';

/** What every error of ours may carry beside its message. */
export interface ErrorDetails {
  /** Whether the same request may succeed when sent again. Each class has its own default. */
  readonly retryable?: boolean;
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** The service's id of the request, for its support. */
  readonly requestId?: string;
  /** Whether part of the answer had been delivered before the failure. */
  readonly partial?: boolean;
  /** The error beneath. Never holds a request, a response or a key. */
  readonly cause?: unknown;
}

/**
 * The root of every error that Coldstream throws. Tell them apart by `_tag`, not by `instanceof`:
 * an application may hold two copies of the package (ESM and CommonJS).
 */
export abstract class ColdstreamError extends Error {
  abstract readonly _tag: string;
  abstract override readonly name: string;
  abstract readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly partial: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly requestId?: string;

  constructor(message: string, details: ErrorDetails = {}, retryableByDefault = false) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.retryable = details.retryable ?? retryableByDefault;
    this.partial = details.partial ?? false;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.status !== undefined) this.status = details.status;
    if (details.requestId !== undefined) this.requestId = details.requestId;
  }
}

/** The service could not be reached, or the connection broke. Retryable. */
export class ConnectionError extends ColdstreamError {
  readonly _tag = 'ConnectionError';
  override readonly name = 'ConnectionError';
  readonly code = 'connection';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** A time limit passed. Retryable. */
export class TimeoutError extends ColdstreamError {
  readonly _tag = 'TimeoutError';
  override readonly name = 'TimeoutError';
  readonly code = 'timeout';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** No key, a wrong key, or a key without the permission. */
export class AuthenticationError extends ColdstreamError {
  readonly _tag = 'AuthenticationError';
  override readonly name = 'AuthenticationError';
  readonly code = 'authentication';
}

/** Too many requests. Retryable unless a spending limit was reached. */
export class RateLimitError extends ColdstreamError {
  readonly _tag = 'RateLimitError';
  override readonly name = 'RateLimitError';
  readonly code = 'rate_limit';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The service is overloaded. Retryable. */
export class OverloadedError extends ColdstreamError {
  readonly _tag = 'OverloadedError';
  override readonly name = 'OverloadedError';
  readonly code = 'overloaded';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The service failed (5xx). Retryable. */
export class ServerError extends ColdstreamError {
  readonly _tag = 'ServerError';
  override readonly name = 'ServerError';
  readonly code = 'server';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The service refused the request as it stands. */
export class InvalidRequestError extends ColdstreamError {
  readonly _tag = 'InvalidRequestError';
  override readonly name = 'InvalidRequestError';
  readonly code = 'invalid_request';
}

/** The stream ended without its terminal event. Retryable. */
export class TruncatedStreamError extends ColdstreamError {
  readonly _tag = 'TruncatedStreamError';
  override readonly name = 'TruncatedStreamError';
  readonly code = 'truncated';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The stream broke its own rules. */
export class ProtocolError extends ColdstreamError {
  readonly _tag = 'ProtocolError';
  override readonly name = 'ProtocolError';
  readonly code = 'protocol';
  /** Position of the offending wire event in the stream, from 0. */
  readonly eventIndex?: number;
  constructor(message: string, details: ErrorDetails & { readonly eventIndex?: number } = {}) {
    super(message, details);
    if (details.eventIndex !== undefined) this.eventIndex = details.eventIndex;
  }
}

/** The model failed, or its output could not be used (a malformed tool call, say). Retryable unless the service says otherwise. */
export class ModelError extends ColdstreamError {
  readonly _tag = 'ModelError';
  override readonly name = 'ModelError';
  readonly code = 'model';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The model's answer does not fit the schema of `output`, though it was asked for again; the message says where. Retryable. */
export class OutputError extends ColdstreamError {
  readonly _tag = 'OutputError';
  override readonly name = 'OutputError';
  readonly code = 'output';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, true);
  }
}

/** The caller's `AbortSignal` fired. */
export class AbortedError extends ColdstreamError {
  readonly _tag = 'AbortedError';
  override readonly name = 'AbortedError';
  readonly code = 'aborted';
}

/** The set-up is wrong; the message says what to do. */
export class ConfigurationError extends ColdstreamError {
  readonly _tag = 'ConfigurationError';
  override readonly name = 'ConfigurationError';
  readonly code = 'configuration';
}

/** A source of tools failed before the run had tools. */
export class ToolSourceError extends ColdstreamError {
  readonly _tag = 'ToolSourceError';
  override readonly name = 'ToolSourceError';
  readonly code = 'tool_source';
}

/** Loading or appending the history failed. */
export class HistoryError extends ColdstreamError {
  readonly _tag = 'HistoryError';
  override readonly name = 'HistoryError';
  readonly code = 'history';
}

/** Another run is using the same history. */
export class HistoryBusyError extends ColdstreamError {
  readonly _tag = 'HistoryBusyError';
  override readonly name = 'HistoryBusyError';
  readonly code = 'history_busy';
}

/** A callback of the application failed. */
export class CallbackError extends ColdstreamError {
  readonly _tag = 'CallbackError';
  override readonly name = 'CallbackError';
  readonly code = 'callback';
}

/** Text that was already handed on was taken back by a retry. */
export class DiscardedError extends ColdstreamError {
  readonly _tag = 'DiscardedError';
  override readonly name = 'DiscardedError';
  readonly code = 'discarded';
}

/** More waited for a slow consumer than it had allowed. */
export class OverflowError extends ColdstreamError {
  readonly _tag = 'OverflowError';
  override readonly name = 'OverflowError';
  readonly code = 'overflow';
}

/** What `untilError()` and `textOnly()` throw: the run's `error` event, as an error. */
export class RunError extends ColdstreamError {
  readonly _tag = 'RunError';
  override readonly name = 'RunError';
  readonly code: ErrorCode;
  constructor(message: string, code: ErrorCode, details: ErrorDetails = {}) {
    super(message, details);
    this.code = code;
  }
}
