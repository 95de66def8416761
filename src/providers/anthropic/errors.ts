import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { withoutMarkup } from '../../errors/system-error.js';
import { serviceError, type Meaning, type ServiceFailure } from '../../errors/service-error.js';

/** What the service said of a failure. */
export interface Failure extends Omit<ServiceFailure, 'advice' | 'meaning' | 'service'> {
  /** `error.details.error_code` of the wire: more exact than the type. */
  readonly errorCode?: string | undefined;
}

const asItIs: Redact = (text) => text;

const advice = { authentication: 'check ANTHROPIC_API_KEY or apiKey', redirect: 'check baseURL' };

/** 429s that no waiting cures. */
const SPEND_LIMITS = /spend_limit|ramp_limit|credit_balance/;

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

/** The typed error for what the service said, in an HTTP answer or in the middle of a stream. */
export function serviceFailure({ errorCode, ...failure }: Failure): ColdstreamError {
  const meaning = meaningOf(failure);
  const retryable = meaning === 'rate' && SPEND_LIMITS.test(errorCode ?? '') ? false : failure.retryable;
  return serviceError({ ...failure, service: 'Anthropic', meaning, retryable, advice });
}

const UNSAID = 'an error without a message';

/** The service's own words; what stands behind it may put a page there. */
function words(message: string): string {
  return message.trim() === '' ? UNSAID : withoutMarkup(message);
}

/** What a kind of failure is called, which no key looks like. */
const TYPE = /^[a-z][a-z_]{0,63}$/i;
/** What a request is called. */
const REQUEST_ID = /^[\w.:-]{1,200}$/;

function nameIn(object: JsonObject, member: string, look: RegExp): string | undefined {
  const name = textOf(object, member);
  return name !== undefined && look.test(name) ? name : undefined;
}

/** Reads the body that the service sends with a failure: `{ type: 'error', error: { type, message, details } }`. */
export function failureFromBody(body: Json | undefined, redact: Redact = asItIs): Failure | undefined {
  if (!isObject(body)) return undefined;
  const error = body['error'];
  if (typeof error === 'string') return { message: words(redact(error)) };
  if (!isObject(error)) return undefined;
  const [details, type, requestId] = [error['details'], nameIn(error, 'type', TYPE), nameIn(body, 'request_id', REQUEST_ID)];
  return {
    message: words(redact(textOf(error, 'message') ?? '')),
    type,
    errorCode: isObject(details) ? textOf(details, 'error_code') : undefined,
    requestId: requestId === undefined ? undefined : redact(requestId),
  };
}

/** An `error` event in the middle of a stream; `redact` takes secrets out of the service's words. */
export function streamFailure(body: JsonObject, partial: boolean, requestId?: string, redact: Redact = asItIs): ColdstreamError {
  const failure = failureFromBody(body, redact) ?? { message: UNSAID };
  return serviceFailure({ ...failure, partial, requestId: failure.requestId ?? requestId });
}
