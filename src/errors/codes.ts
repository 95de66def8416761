/**
 * Every code that an `error` event, a `retry` event or an error of ours carries.
 *
 * | code | means | retryable |
 * | --- | --- | --- |
 * | `connection` | the service could not be reached, or the connection broke | yes |
 * | `timeout` | a limit of `timingOut` passed | yes |
 * | `authentication` | no key, a wrong key, or no permission | no |
 * | `rate_limit` | too many requests; spend limits are not retryable | mostly |
 * | `overloaded` | the service is overloaded | yes |
 * | `server` | the service failed | yes |
 * | `invalid_request` | the service refused the request | no |
 * | `truncated` | the stream ended without its terminal event | yes |
 * | `protocol` | the stream broke its own rules | no |
 * | `model` | the model's output could not be used, or the model failed | mostly |
 * | `output` | the answer does not fit the schema of `output`, asked for again too | yes |
 * | `aborted` | the caller's `AbortSignal` fired | no |
 * | `configuration` | the set-up is wrong: the message says what to do | no |
 * | `tool_source` | a source of tools failed before the run had tools | no |
 * | `history` | loading or appending the history failed | no |
 * | `history_busy` | another run is using the same history | no |
 * | `callback` | a callback of the application failed | no |
 * | `discarded` | text that was already handed on was taken back by a retry | no |
 * | `overflow` | more waited for a slow consumer than it had allowed | no |
 * | `unknown` | anything else | no |
 */
export type ErrorCode = (typeof errorCodes)[number];

/** All codes. */
export const errorCodes = [
  'connection',
  'timeout',
  'authentication',
  'rate_limit',
  'overloaded',
  'server',
  'invalid_request',
  'truncated',
  'protocol',
  'model',
  'output',
  'aborted',
  'configuration',
  'tool_source',
  'history',
  'history_busy',
  'callback',
  'discarded',
  'overflow',
  'unknown',
] as const;
