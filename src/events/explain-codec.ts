import type * as t from 'io-ts';
import { failure } from 'io-ts/lib/PathReporter.js';

const shownErrors = 3;
const shownText = 60;
const shownMessage = 400;

/**
 * Puts the errors of a codec in words, short enough for a log line however large the value was: the first three errors,
 * each with the path and what was expected there. Values are shown where they are short; of a long text or an object
 * only its kind and size are told.
 *
 * @param errors The left side of what `decode` returned.
 */
export function explain(errors: t.Errors): string {
  const shown = failure(errors.slice(0, shownErrors).map(shorten)).map(cut);
  const more = errors.length > shownErrors ? [`and ${errors.length - shownErrors} more`] : [];
  return [...shown, ...more].join('; ');
}

function shorten(error: t.ValidationError): t.ValidationError {
  return { ...error, value: preview(error.value) };
}

/** What `PathReporter` may show: it writes the value out as JSON, whole. */
function preview(value: unknown): unknown {
  if (typeof value === 'string') return value.length > shownText ? `<text of ${value.length} characters>` : value;
  if (Array.isArray(value)) return `<array of ${value.length}>`;
  if (typeof value === 'object' && value !== null) return `<object with ${Object.keys(value).length} members>`;
  const isShown = value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';
  return isShown ? value : `<${typeof value}>`;
}

/** A long path keeps its two ends: the event and the member. */
function cut(message: string): string {
  const half = shownMessage / 2;
  return message.length > shownMessage ? `${message.slice(0, half)} … ${message.slice(-half)}` : message;
}
