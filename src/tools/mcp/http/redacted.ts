import type { Redact } from '../../../errors/redact.js';
import { isRecord } from '../guards.js';
import type { Message } from '../well-formed.js';

/** Deeper than any error has reason to be, and far less deep than what a walk through it could not bear. */
const maxDepth = 32;

function cleaned(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return undefined;
  if (Array.isArray(value)) return value.map((one) => cleaned(one, redact, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [redact(name), cleaned(one, redact, depth + 1)]));
}

/** The message; if it is an error, without what it may repeat of the request, since the SDK makes an error of it. */
export function redacted(message: Message, redact: Redact): Message {
  const { error } = message;
  if (!isRecord(error)) return message;
  const { message: what, data } = error;
  return { ...message, error: { ...error, message: cleaned(what, redact), ...('data' in error && { data: cleaned(data, redact) }) } };
}
