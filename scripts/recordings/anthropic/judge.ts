import type { ErrorCode } from '../../../src/errors/codes.js';
import { jsonOf, kindOfBody } from '../body.js';
import { difference } from '../difference.js';
import { isRefused, sdkErrorOf, statusOf } from '../expected.js';
import { isObject, stringOf, type JsonRecord } from '../json.js';
import type { Case, Failure, Recording } from '../wire.js';
import { compareWithExpected, compareWithWire } from './compare.js';
import { readWire, type Reading } from './reading.js';

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

/** What the service says of its failure in a body that is no stream; null where it says nothing. */
function typeInBody(bytes: Uint8Array): string | undefined | null {
  const error = jsonOf(bytes)?.['error'];
  if (isObject(error)) return stringOf(error['type']);
  return typeof error === 'string' ? undefined : null;
}

function failureOf(status: number, bytes: Uint8Array, { ending }: Reading): Failure | undefined {
  const type = typeInBody(bytes);
  if (isRefused(status)) return { kind: 'failure', why: `HTTP ${status}`, codes: codesOfStatus(status, type ?? undefined), status };
  if (kindOfBody(bytes) !== 'other') return { kind: 'failure', why: 'the answer is no stream', codes: type === null ? ['protocol'] : codesOfType(type) };
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

/** Whom to believe of a whole turn: the SDK, or the wire itself where the SDK gave up. */
interface Verdict extends Pick<Case, 'judgement' | 'orBroken'> {
  readonly by: 'expected' | 'wire';
}

function judgeWhole(sdkError: string | undefined, { ending, inOrder, text }: Reading): Verdict {
  if (ending.kind === 'broken') {
    const what = `event ${ending.index} ${ending.what}`;
    if (sdkError !== undefined) return { by: 'wire', judgement: { kind: 'failure', why: what, codes: ['protocol'] } };
    const note = `the SDK reads on, but ${what}${ending.row === undefined ? '' : ` (${ending.row})`}`;
    return { by: 'expected', judgement: { kind: 'success', note }, orBroken: { why: note, text } };
  }
  if (sdkError !== undefined) {
    return { by: 'wire', judgement: { kind: 'success', note: `the SDK fails, the wire holds a whole turn: ${sdkError.slice(0, 120)}` } };
  }
  return inOrder
    ? { by: 'expected', judgement: { kind: 'success' } }
    : { by: 'wire', judgement: { kind: 'success', note: 'blocks not in the order 0, 1, 2 …: read by index' } };
}

/** What has to come of a recording, from its wire, read independently, and from what the SDK made of it. */
export function judge({ expected = {}, bytes }: Recording): Case {
  const reading = readWire(bytes);
  const of = ({ by, ...verdict }: Verdict): Case => ({
    ...verdict,
    text: reading.text,
    compareTurn: (turn, events) => (by === 'wire' ? compareWithWire(turn, events, reading) : compareWithExpected(expected, turn, reading)),
  });
  const sdkError = sdkErrorOf(expected);
  const failure = failureOf(statusOf(expected), bytes, reading);
  if (failure === undefined) return of(judgeWhole(sdkError, reading));
  const why = sdkError === undefined ? contradiction(expected, bytes, reading) : undefined;
  return of({ by: 'wire', judgement: why === undefined ? failure : { kind: 'unusable', why } });
}
