import type { Json, JsonObject } from '../../events/json.js';
import { isObject, parseJson, textOf } from '../../events/json-object.js';
import type { ColdstreamError } from '../../errors/errors.js';
import type { Redact } from '../../errors/redact.js';
import { withoutMarkup } from '../../errors/system-error.js';
import { serviceError, type Meaning, type ServiceFailure } from '../../errors/service-error.js';

/** What the service said of a failure. */
export interface Failure extends Omit<ServiceFailure, 'advice' | 'meaning' | 'retryable' | 'service'> {
  /** What the model itself answered to the service, where it is the model that failed. */
  readonly originalStatus?: number | undefined;
}

const advice = {
  authentication:
    'check the credentials: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, AWS_PROFILE, AWS_BEARER_TOKEN_BEDROCK or credentials, and that they may call the model',
  redirect: 'check endpoint',
};

/** By the bare name: `throttlingException`, `ThrottlingException` and `ThrottlingError` are all `throttling`, `ModelErrorException` is `model`. */
const MEANING_OF_NAME: ReadonlyMap<string, Meaning> = new Map([
  ['accessdenied', 'authentication'],
  ['expiredtoken', 'authentication'],
  ['incompletesignature', 'authentication'],
  ['invalidclienttokenid', 'authentication'],
  ['invalidsignature', 'authentication'],
  ['missingauthenticationtoken', 'authentication'],
  ['notauthorized', 'authentication'],
  ['requestexpired', 'authentication'],
  ['signaturedoesnotmatch', 'authentication'],
  ['unrecognizedclient', 'authentication'],
  ['conflict', 'invalid'],
  ['resourcenotfound', 'invalid'],
  ['serialization', 'invalid'],
  ['validation', 'invalid'],
  ['model', 'model'],
  ['modelstream', 'model'],
  ['modelnotready', 'overloaded'],
  ['serviceunavailable', 'overloaded'],
  ['limitexceeded', 'rate'],
  ['requestlimitexceeded', 'rate'],
  ['servicequotaexceeded', 'rate'],
  ['slowdown', 'rate'],
  ['throttling', 'rate'],
  ['toomanyrequests', 'rate'],
  ['internalfailure', 'server'],
  ['internalserver', 'server'],
  ['modeltimeout', 'timeout'],
  ['requesttimeout', 'timeout'],
]);

/** Names that nobody here knows yet, by what they speak of; the first that fits. */
const HINTS: readonly (readonly [RegExp, Meaning])[] = [
  [/throttl|toomany|quota|limitexceeded/, 'rate'],
  [/unavailable|overload|notready|busy/, 'overloaded'],
  [/timeout|timedout/, 'timeout'],
  [/token|signature|credential|denied|auth|forbidden/, 'authentication'],
  [/valid|notfound|toolarge|malformed|unsupported|badrequest/, 'invalid'],
];

const bareName = (type: string): string => type.toLowerCase().replace(/(?:exception|error|fault)+$/, '');

function meaningOfStatus(status: number): Meaning {
  if (status < 400) return 'redirect';
  if (status === 401 || status === 403) return 'authentication';
  if (status === 408) return 'timeout';
  if (status === 424) return 'model';
  if (status === 429) return 'rate';
  if (status === 503 || status === 529) return 'overloaded';
  return status >= 500 ? 'server' : 'invalid';
}

function meaningOf({ type, status }: Failure): Meaning {
  const name = bareName(type ?? '');
  const known = MEANING_OF_NAME.get(name);
  if (known !== undefined) return known;
  if (status !== undefined && status >= 300) return meaningOfStatus(status);
  return HINTS.find(([hint]) => hint.test(name))?.[1] ?? 'server';
}

/** What the model answered to the service says whether it will answer the same again. */
function isLasting(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 424, 429].includes(status);
}

function retryable(meaning: Meaning, { type, message, originalStatus }: Failure): boolean | undefined {
  if (meaning === 'model') return !isLasting(originalStatus);
  // What is allowed for a day, or at all, does not come back by waiting a little.
  if (meaning === 'rate' && (/quota/i.test(type ?? '') || /\bper day\b/i.test(message))) return false;
  return undefined;
}

/** The typed error for what the service said, in an HTTP answer or in the middle of a stream; none of its words is safe. */
export function bedrockFailure(failure: Failure, redact: Redact): ColdstreamError {
  const { originalStatus: _original, ...said } = failure;
  const meaning = meaningOf(failure);
  const message = redact(withoutMarkup(failure.message));
  const [type, requestId] = [failure.type, failure.requestId].map((word) => (word === undefined ? undefined : redact(word)));
  return serviceError({ ...said, message, type, requestId, service: 'Bedrock', meaning, retryable: retryable(meaning, failure), advice });
}

/** A name without what some answers put around it: `aws.protocols#ValidationException:http://…`. */
export function exceptionName(type: string | undefined): string | undefined {
  const name = type?.replace(/^.*#/, '').replace(/:.*$/s, '').trim();
  return name === undefined || !/^[\w.-]{1,100}$/.test(name) ? undefined : name;
}

function status(body: JsonObject, member: string): number | undefined {
  const value = body[member];
  return typeof value === 'number' ? value : undefined;
}

/** What the value of an exception says: `{ message, originalStatusCode?, originalMessage? }`. */
export function failureFromValue(body: JsonObject): Failure {
  const said = [textOf(body, 'message'), textOf(body, 'Message')].find((text) => text !== undefined && text.trim() !== '');
  const message = said ?? 'an error without a message';
  const original = textOf(body, 'originalMessage');
  return {
    message: original === undefined || message.includes(original) ? message : `${message} (${original})`,
    type: exceptionName(textOf(body, '__type') ?? textOf(body, 'code')),
    originalStatus: status(body, 'originalStatusCode'),
  };
}

function isFailure(body: JsonObject): boolean {
  return ['message', 'Message', '__type', 'error'].some((member) => member in body);
}

/** Reads the body that the service, or a gateway before it, sends with a failure; `undefined` where it tells of none. */
export function failureFromBody(text: string): Failure | undefined {
  const body: Json | undefined = parseJson(text);
  if (!isObject(body) || !isFailure(body)) return undefined;
  const error = body['error'];
  if (typeof error === 'string') return { message: error };
  return failureFromValue(isObject(error) ? error : body);
}
