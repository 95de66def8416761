import { errorCodes, type ErrorCode } from './codes.js';
import type { ColdstreamError } from './errors.js';

const codes: ReadonlySet<unknown> = new Set(errorCodes);

/** Whether the value is an error of ours, from whichever copy of the package. */
export function isColdstreamError(value: unknown): value is ColdstreamError {
  if (typeof value !== 'object' || value === null || !('_tag' in value) || !('code' in value) || !('message' in value)) return false;
  const { _tag: tag, code, message } = value;
  const [retryable, partial] = ['retryable' in value && value.retryable, 'partial' in value && value.partial];
  return typeof tag === 'string' && codes.has(code) && typeof message === 'string' && typeof retryable === 'boolean' && typeof partial === 'boolean';
}

/** What an `error` or `retry` event says of a failure. */
export interface ErrorSummary {
  readonly message: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly partial: boolean;
}

/** Reads any thrown value; what is not ours has the code `unknown` and is not retryable. */
export function describeError(thrown: unknown): ErrorSummary {
  if (isColdstreamError(thrown)) {
    return { message: thrown.message, code: thrown.code, retryable: thrown.retryable, partial: thrown.partial };
  }
  return { message: messageOf(thrown), code: 'unknown', retryable: false, partial: false };
}

/** The message of any thrown value, never its stack. Errors are known by their message: some come from another realm. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') {
    return thrown.message !== '' || !('name' in thrown) ? thrown.message : String(thrown.name);
  }
  try {
    // Not a string for undefined, a function or a symbol, whatever its declaration says.
    const json: unknown = JSON.stringify(thrown);
    return typeof json === 'string' ? json : String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
