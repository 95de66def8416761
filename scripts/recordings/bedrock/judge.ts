import type { ErrorCode } from '../../../src/errors/codes.js';
import { jsonOf, kindOfBody } from '../body.js';
import { failureName, isRefused, sdkErrorOf, statusOf } from '../expected.js';
import { stringOf, type JsonRecord } from '../json.js';
import type { Case, Failure, Recording } from '../wire.js';
import { allTextOf, textOf } from './blocks.js';
import { compareTurn } from './compare.js';
import { readWire, type Reading } from './reading.js';

/** What the service's names for its failures may come to. */
const CODES_OF_TYPE: ReadonlyMap<string, readonly ErrorCode[]> = new Map<string, readonly ErrorCode[]>([
  ['throttlingexception', ['rate_limit']],
  ['servicequotaexceededexception', ['rate_limit']],
  ['internalserverexception', ['server']],
  ['serviceunavailableexception', ['overloaded', 'server']],
  ['modelstreamerrorexception', ['model', 'server']],
  ['modelerrorexception', ['model', 'server']],
  ['modeltimeoutexception', ['timeout']],
  ['modelnotreadyexception', ['overloaded', 'rate_limit']],
  ['validationexception', ['invalid_request']],
  ['resourcenotfoundexception', ['invalid_request']],
  ['accessdeniedexception', ['authentication']],
  ['unrecognizedclientexception', ['authentication']],
  ['expiredtokenexception', ['authentication']],
]);

/** Of a name that nobody knows yet, only that it is the service's word can be said. */
const SERVICE: readonly ErrorCode[] = ['server', 'invalid_request', 'overloaded', 'rate_limit', 'timeout', 'authentication', 'model'];

function codesOfType(type: string | undefined): readonly ErrorCode[] | undefined {
  return CODES_OF_TYPE.get((type ?? '').replace(/^.*#|:.*$/g, '').toLowerCase());
}

function codesOfStatus(status: number): readonly ErrorCode[] {
  if (status === 401 || status === 403) return ['authentication'];
  if (status === 408) return ['timeout'];
  if (status === 424) return ['model', 'server'];
  if (status === 429) return ['rate_limit', 'overloaded'];
  if (status === 503 || status === 529) return ['overloaded', 'server'];
  if (status >= 500) return ['server'];
  return status >= 300 && status < 400 ? ['configuration'] : ['invalid_request'];
}

/** What the body of an answer that is no stream may come to; undefined where it tells of no failure. */
function codesOfBody(bytes: Uint8Array): readonly ErrorCode[] | undefined {
  const body = jsonOf(bytes) ?? {};
  const type = stringOf(body['__type']) ?? stringOf(body['code']);
  if (type !== undefined && codesOfType(type) !== undefined) return codesOfType(type);
  return ['message', 'Message', '__type', 'error'].some((member) => member in body) ? SERVICE : undefined;
}

const MALFORMED: ReadonlySet<string | null> = new Set(['malformed_model_output', 'malformed_tool_use']);

/** The failure of an answer that is no stream. */
function refusalOf({ bytes, expected = {} }: Recording): Failure | undefined {
  const status = statusOf(expected);
  const codes = codesOfBody(bytes);
  if (isRefused(status)) {
    // What the service calls its failure says more than the status.
    const named = codesOfType(failureName(expected)) ?? (codes === SERVICE ? undefined : codes);
    return { kind: 'failure', why: `HTTP ${status}`, codes: named ?? codesOfStatus(status), status };
  }
  return kindOfBody(bytes) === 'other' ? undefined : { kind: 'failure', why: 'the answer is no stream', codes: codes ?? ['protocol'] };
}

function failureOf({ ending, stopReason }: Reading): Failure | undefined {
  switch (ending.kind) {
    case 'failed':
      return { kind: 'failure', why: `an exception, ${ending.type ?? 'of no type'}`, codes: codesOfType(ending.type) ?? SERVICE };
    case 'cut':
      return { kind: 'failure', why: 'no messageStop', codes: ['truncated'] };
    case 'broken':
      return { kind: 'failure', why: `frame ${ending.index} ${ending.what}`, codes: ['protocol'] };
    default:
      return MALFORMED.has(stopReason) ? { kind: 'failure', why: `stop reason ${stopReason}`, codes: ['model'] } : undefined;
  }
}

/** Where a stream that is not whole is not the one that `expected.json` tells of. */
function contradiction(expected: JsonRecord, { ending, stopReason, blocks }: Reading, isStream: boolean): string | undefined {
  const told = expected['stop_reason'] ?? null;
  // Whoever does not check the frames reads on behind a broken one.
  const readOn = isStream && ending.kind === 'broken';
  if (told !== null && told !== stopReason && !readOn) {
    return `expected.json tells of a whole turn (stop_reason ${JSON.stringify(told)}), but the wire has no such messageStop`;
  }
  const [text, wire] = [stringOf(expected['text']) ?? '', isStream ? textOf(blocks) : ''];
  if (text === wire || (isStream && text === allTextOf(blocks)) || (readOn && text.startsWith(wire))) return undefined;
  return `the wire's text: expected ${JSON.stringify(text.slice(0, 80))}, got ${JSON.stringify(wire.slice(0, 80))}`;
}

function noteOf(sdkError: string | undefined, { ending, late }: Reading): string | undefined {
  if (sdkError !== undefined) return `the SDK fails, the wire holds a whole turn: ${sdkError.slice(0, 120)}`;
  if (late) return 'what came after the end is not read (N29)';
  return ending.kind === 'without metadata' ? 'the stream ended before its metadata (N44)' : undefined;
}

/** What has to come of a recording, from its wire, read independently, and from what was made of it elsewhere. */
export function judge(recording: Recording): Case {
  const { expected = {}, bytes } = recording;
  const reading = readWire(bytes);
  const { oddity, blocks, late } = reading;
  const sdkError = sdkErrorOf(expected);
  const refusal = refusalOf(recording);
  const failure = refusal ?? failureOf(reading);
  const why = failure !== undefined && sdkError === undefined ? contradiction(expected, reading, refusal === undefined) : undefined;
  const note = noteOf(sdkError, reading);
  return {
    judgement: why !== undefined ? { kind: 'unusable', why } : (failure ?? { kind: 'success', ...(note === undefined ? {} : { note }) }),
    text: textOf(blocks),
    ...(oddity === undefined || refusal !== undefined ? {} : { orBroken: { why: `frame ${oddity.index} ${oddity.what}`, text: oddity.text } }),
    compareTurn: (turn, events) => compareTurn(sdkError === undefined && !late ? expected : {}, turn, events, reading),
  };
}
