import {
  AuthenticationError,
  ConfigurationError,
  InvalidRequestError,
  ModelError,
  OverloadedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  type ColdstreamError,
  type ErrorDetails,
} from './errors.js';

/** What a failure that a service tells of means, whatever the service calls it. */
export type Meaning = 'authentication' | 'invalid' | 'model' | 'overloaded' | 'rate' | 'redirect' | 'server' | 'timeout';

/** What a service said of a failure. */
export interface ServiceFailure {
  readonly meaning: Meaning;
  /** The service's name, for people. */
  readonly service: string;
  /** The service's own words, or ours where it had none. */
  readonly message: string;
  /** The service's own name for it: `overloaded_error`, `ThrottlingException` … */
  readonly type?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Default: what the meaning says. */
  readonly retryable?: boolean | undefined;
  readonly partial?: boolean | undefined;
  /** What to do about it, for a person. */
  readonly advice: { readonly authentication: string; readonly redirect: string };
}

const MAX_MESSAGE = 500;

function describe({ service, message, type, status }: ServiceFailure): string {
  const said = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
  const names = [status === undefined || status === 200 ? [] : [String(status)], type === undefined ? [] : [type]].flat();
  return names.length === 0 ? `${service}: ${said}` : `${service} (${names.join(' ')}): ${said}`;
}

/** The typed error for what a service said, in an HTTP answer or in the middle of a stream. */
export function serviceError(failure: ServiceFailure): ColdstreamError {
  const { meaning, advice, status, requestId, retryAfterMs, retryable, partial } = failure;
  const details: ErrorDetails = {
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(partial === undefined ? {} : { partial }),
  };
  const message = describe(failure);
  switch (meaning) {
    case 'authentication':
      return new AuthenticationError(`${message} (${advice.authentication})`, details);
    case 'invalid':
      return new InvalidRequestError(message, details);
    case 'model':
      return new ModelError(message, details);
    case 'overloaded':
      return new OverloadedError(message, details);
    case 'rate':
      return new RateLimitError(message, details);
    case 'redirect':
      return new ConfigurationError(`${message}: redirects are refused, so that no key follows one; ${advice.redirect}`, details);
    case 'timeout':
      return new TimeoutError(message, details);
    case 'server':
      return new ServerError(message, details);
  }
}
