import type { Failure } from '../turn.js';

/** The names that the Messages API gives to failures, and what Bedrock calls the same. */
const names: ReadonlyMap<string, readonly [status: number, type: string]> = new Map([
  ['invalid_request_error', [400, 'ValidationException']],
  ['request_too_large', [400, 'ValidationException']],
  ['authentication_error', [403, 'UnrecognizedClientException']],
  ['permission_error', [403, 'AccessDeniedException']],
  ['billing_error', [403, 'AccessDeniedException']],
  ['not_found_error', [404, 'ResourceNotFoundException']],
  ['timeout_error', [408, 'ModelTimeoutException']],
  ['rate_limit_error', [429, 'ThrottlingException']],
  ['api_error', [500, 'InternalServerException']],
  ['overloaded_error', [503, 'ServiceUnavailableException']],
]);

/** A failure as Bedrock types it, so that one script serves both wires; other names and their status stay as they are. */
export function typedFailure({ error }: Failure): Failure['error'] {
  const [status, type] = names.get(error.type) ?? [error.status, error.type];
  return { status, type, message: error.message };
}
