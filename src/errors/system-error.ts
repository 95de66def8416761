import { isColdstreamError, messageOf } from './describe.js';
import { ConnectionError, TimeoutError, TruncatedStreamError, type ColdstreamError } from './errors.js';
import type { Redact } from './redact.js';

const MAX_CAUSES = 8;
const MAX_EXCERPT = 200;

/** A member of anything. */
export function memberOf(value: unknown, member: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, member);
  return found;
}

interface SystemError {
  readonly code: string;
  readonly message: string;
}

/** The error of the system beneath: the innermost cause that has a code (`ECONNREFUSED`, `Z_DATA_ERROR` …). */
function systemError(error: unknown): SystemError | undefined {
  let found: SystemError | undefined;
  let next: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && typeof next === 'object' && next !== null; depth++) {
    const code = memberOf(next, 'code');
    if (typeof code === 'string') found = { code, message: messageOf(next).trim() };
    const errors = memberOf(next, 'errors');
    next = Array.isArray(errors) ? errors[0] : memberOf(next, 'cause');
  }
  return found;
}

/** What the error at the bottom of a chain of causes says. */
export function innermostMessage(error: unknown): string {
  let found = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    const cause = memberOf(found, 'cause');
    if (cause === undefined) break;
    found = cause;
  }
  return messageOf(found);
}

/** A copy that carries a name, a message and a code, and nothing else: the original may hold the request. */
function bareCause(system: SystemError, redact: Redact): Error {
  return Object.assign(new Error(redact(system.message).slice(0, MAX_EXCERPT)), { code: system.code });
}

function withCode({ code, message }: SystemError): string {
  return message.includes(code) ? message : `${code}: ${message}`;
}

const PAGE_INSTEAD = 'a page of markup instead of an answer';
const PAGE = /<(?:!doctype|\?xml|(?:html|head|title|style|script|body|center|div|h[1-6]|pre|p)[\s/>])/i;

/** What stands before a page of markup; where nothing does, only that it is one. */
export function withoutMarkup(text: string): string {
  const at = text.search(PAGE);
  if (at === -1) return text;
  const before = text.slice(0, at).trim();
  return before === '' ? PAGE_INSTEAD : `${before} … (and a page of markup)`;
}

/** A body that is not the service's own: its beginning, or only what it is where it is a page. */
export function excerpt(body: string): string {
  const trimmed = body.trim();
  if (trimmed === '') return 'an empty body';
  if (trimmed.startsWith('<')) return PAGE_INSTEAD;
  const text = withoutMarkup(trimmed);
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}

/** Says what a failure of the system before the answer means; undefined where no system error is in it. */
export function unreachable(error: unknown, redact: Redact): ConnectionError | undefined {
  const system = systemError(error);
  if (system === undefined) return undefined;
  return new ConnectionError(`Could not reach the service: ${redact(withCode(system))}`, { cause: bareCause(system, redact) });
}

/** Says what a body that broke off means. */
export function bodyError(error: unknown, redact: Redact, partial: boolean): ColdstreamError {
  if (isColdstreamError(error)) return error;
  const system = systemError(error);
  if (system === undefined) return new ConnectionError(`The connection broke: ${redact(messageOf(error)).slice(0, MAX_EXCERPT)}`, { partial });
  const details = { partial, cause: bareCause(system, redact) };
  const what = redact(withCode(system)).slice(0, MAX_EXCERPT);
  if (system.code === 'UND_ERR_BODY_TIMEOUT') return new TimeoutError(`The stream fell silent: ${what}`, details);
  const isHttp2 = system.code.startsWith('ERR_HTTP2_');
  if (!isHttp2 && /^(?:Z|ERR)_/.test(system.code)) return new TruncatedStreamError(`The body could not be unpacked: ${what}`, details);
  return new ConnectionError(`The connection broke: ${what}`, details);
}
