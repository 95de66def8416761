import type { ErrorCode } from '../../src/errors/codes.js';
import { difference } from './difference.js';
import type { Recording } from './find.js';
import { isObject, stringOf, type JsonRecord } from './json.js';
import { readWire, type Reading } from './wire-reading.js';

/** What has to come of a recording. */
export type Judgement =
  /** It cannot be tried, or its two files contradict each other. */
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'failure'; readonly why: string; readonly codes: readonly ErrorCode[]; readonly status?: number; readonly note?: string }
  /** `by` says whom to believe: the SDK, or the wire itself where the SDK gave up. `orBroken`: refusing the wire is as right. */
  | { readonly kind: 'success'; readonly by: 'expected' | 'wire'; readonly note?: string; readonly orBroken?: boolean };

export interface Case {
  readonly expected: JsonRecord;
  readonly reading: Reading;
  readonly judgement: Judgement;
}

const CODE_OF_TYPE: ReadonlyMap<string, ErrorCode> = new Map([
  ['authentication_error', 'authentication'],
  ['permission_error', 'authentication'],
  ['overloaded_error', 'overloaded'],
  ['rate_limit_error', 'rate_limit'],
  ['timeout_error', 'timeout'],
  ['api_error', 'server'],
  ['invalid_request_error', 'invalid_request'],
  ['billing_error', 'invalid_request'],
  ['not_found_error', 'invalid_request'],
  ['request_too_large', 'invalid_request'],
]);

/** The HTTP status of the recorded answer. */
export function statusOf(expected: JsonRecord | undefined): number {
  const status = expected?.['httpStatus'];
  return typeof status === 'number' ? status : 200;
}

function codesOfType(type: string | undefined): readonly ErrorCode[] {
  const code = CODE_OF_TYPE.get(type ?? 'api_error');
  // Of a type that nobody knows yet, only that it is the service's word can be said.
  return code === undefined ? ['invalid_request', 'server'] : [code];
}

function codesOfStatus(status: number, type: string | undefined): readonly ErrorCode[] {
  if (status === 529 || type === 'overloaded_error') return ['overloaded'];
  if (status === 401 || status === 403) return ['authentication'];
  if (status === 408) return ['timeout'];
  if (status === 429) return ['rate_limit'];
  if (status >= 500) return ['server'];
  return status >= 300 && status < 400 ? ['configuration'] : ['invalid_request'];
}

function sdkErrorOf(expected: JsonRecord): string | undefined {
  const found = ['sdkError', 'error', 'exception'].find((member) => (expected[member] ?? null) !== null);
  return found === undefined ? undefined : `${found} ${JSON.stringify(expected[found])}`;
}

function isUnderstood(expected: JsonRecord): boolean {
  const status = statusOf(expected);
  if (status < 200 || status > 299 || sdkErrorOf(expected) !== undefined) return true;
  const { content, stop_reason: stopReason, text } = expected;
  return Array.isArray(content) || typeof text === 'string' || typeof stopReason === 'string' || stopReason === null;
}

/** A body that is no stream: `type` is what the service says of its failure there, `null` where it says nothing. */
function bodyOf(bytes: Uint8Array): { readonly type: string | undefined | null } | undefined {
  const text = new TextDecoder().decode(bytes).trim();
  if (!text.startsWith('{')) return text.startsWith('<') ? { type: null } : undefined;
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) ? body['error'] : undefined;
    if (isObject(error)) return { type: stringOf(error['type']) };
    return { type: typeof error === 'string' ? undefined : null };
  } catch {
    return { type: null };
  }
}

function failureOf(status: number, bytes: Uint8Array, { ending }: Reading): Judgement | undefined {
  const body = bodyOf(bytes);
  if (status < 200 || status > 299) {
    return { kind: 'failure', why: `HTTP ${status}`, codes: codesOfStatus(status, body?.type ?? undefined), status };
  }
  if (body !== undefined) return { kind: 'failure', why: 'the answer is no stream', codes: body.type === null ? ['protocol'] : codesOfType(body.type) };
  switch (ending.kind) {
    case 'error':
      return { kind: 'failure', why: `an error event, ${ending.type ?? 'of no type'}`, codes: codesOfType(ending.type) };
    case 'cut':
      return { kind: 'failure', why: 'no message_stop', codes: ['truncated'] };
    case 'without stop_reason':
      return { kind: 'failure', why: 'no stop_reason', codes: ['truncated'] };
    default:
      return undefined;
  }
}

/** Where a turn that is not whole is not the one that `expected.json` tells of. */
function contradiction(expected: JsonRecord, bytes: Uint8Array, reading: Reading): string | undefined {
  const stopReason = expected['stop_reason'] ?? null;
  if (stopReason !== null && reading.messageDeltas === 0) {
    return `expected.json tells of a whole turn (stop_reason ${JSON.stringify(stopReason)}), but the wire has neither message_delta nor message_stop`;
  }
  // The SDK's own reader may have taken the event that was cut off in its middle.
  const differences = [reading, readWire(bytes, true)].map((read) => {
    const texts = stringOf(expected['rawStartText']) ? [read.text, read.textOfDeltas] : [read.text];
    const facts: JsonRecord = { id: read.id, text: texts.find((text) => text === expected['text']) ?? read.text, block_types: read.content.map((block) => block['type']) };
    for (const [name, value] of Object.entries(facts)) {
      const found = (expected[name] ?? null) === null ? undefined : difference(`the wire's ${name}`, expected[name], value);
      if (found !== undefined) return found;
    }
    return stopReason === null ? undefined : difference("the wire's stop_reason", stopReason, read.stop['stop_reason']);
  });
  return differences.includes(undefined) ? undefined : differences[0];
}

function judgeWhole(sdkError: string | undefined, { ending, inOrder }: Reading): Judgement {
  if (ending.kind === 'broken') {
    const what = `event ${ending.index} ${ending.what}`;
    if (sdkError !== undefined) return { kind: 'failure', why: what, codes: ['protocol'] };
    return ending.row === undefined
      ? { kind: 'success', by: 'expected' }
      : { kind: 'success', by: 'expected', orBroken: true, note: `the SDK reads on, but ${what} (${ending.row})` };
  }
  if (sdkError !== undefined) return { kind: 'success', by: 'wire', note: `the SDK fails, the wire holds a whole turn: ${sdkError.slice(0, 120)}` };
  return inOrder ? { kind: 'success', by: 'expected' } : { kind: 'success', by: 'wire', note: 'blocks not in the order 0, 1, 2 …: read by index' };
}

/** What has to come of a recording, from its wire, read independently, and from what the SDK made of it. */
export function judge({ expected, bytes }: Recording): Case {
  const reading = readWire(bytes);
  const of = (judgement: Judgement): Case => ({ expected: expected ?? {}, reading, judgement });
  if (expected === undefined) return of({ kind: 'unusable', why: 'expected.json is missing or is no JSON object' });
  if (!isUnderstood(expected)) return of({ kind: 'unusable', why: 'expected.json says nothing that can be compared' });
  const sdkError = sdkErrorOf(expected);
  const failure = failureOf(statusOf(expected), bytes, reading);
  if (failure === undefined) return of(judgeWhole(sdkError, reading));
  const why = sdkError === undefined ? contradiction(expected, bytes, reading) : undefined;
  return of(why === undefined ? failure : { kind: 'unusable', why });
}
