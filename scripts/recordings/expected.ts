import type { JsonRecord } from './json.js';

/** The HTTP status of the recorded answer. */
export function statusOf(expected: JsonRecord | undefined): number {
  const status = expected?.['httpStatus'];
  return typeof status === 'number' ? status : 200;
}

export function isRefused(status: number): boolean {
  return status < 200 || status > 299;
}

/** How the SDK failed on the recording, if it did. */
export function sdkErrorOf(expected: JsonRecord): string | undefined {
  const found = ['sdkError', 'error', 'exception'].find((member) => (expected[member] ?? null) !== null);
  return found === undefined ? undefined : `${found} ${JSON.stringify(expected[found])}`;
}

/** Why nothing can be compared with what is known of a recording; undefined where it can. */
export function whyUnusable(expected: JsonRecord | undefined): string | undefined {
  if (expected === undefined) return 'expected.json is missing or is no JSON object';
  if (isRefused(statusOf(expected)) || sdkErrorOf(expected) !== undefined) return undefined;
  const { content, stop_reason: stopReason, text } = expected;
  const isUnderstood = Array.isArray(content) || typeof text === 'string' || typeof stopReason === 'string' || stopReason === null;
  return isUnderstood ? undefined : 'expected.json says nothing that can be compared';
}

/** The name by which the SDK calls its failure: `ThrottlingException`, say. */
export function failureName(expected: JsonRecord): string | undefined {
  return /\b[A-Z]\w*(?:Exception|Error)\b/.exec(sdkErrorOf(expected) ?? '')?.[0];
}
