import { toAnthropic } from 'coldstream/anthropic';
import type { StreamEvent } from '../../../src/events/events.js';
import { difference } from '../difference.js';
import { isObject, listOf, stringOf, type JsonRecord } from '../json.js';
import type { Turn } from '../wire.js';
import type { Reading } from './reading.js';

const CALLS: ReadonlySet<unknown> = new Set(['server_tool_use', 'mcp_tool_use']);

function ofType(content: readonly JsonRecord[], type: string): JsonRecord[] {
  return content.filter((block) => block['type'] === type);
}

/** What `expected.json` says of a turn's content. */
function summary(content: readonly JsonRecord[]): JsonRecord {
  const thinking = ofType(content, 'thinking');
  return {
    text: ofType(content, 'text').map((block) => block['text']).join(''),
    thinking: thinking.map((block) => block['thinking']).join(''),
    signatures: thinking.map((block) => block['signature']),
    redacted: ofType(content, 'redacted_thinking').map((block) => block['data']),
    tool_calls: ofType(content, 'tool_use').map((block) => ({ id: block['id'], name: block['name'], input: block['input'] })),
    server_tool_calls: content.filter((block) => CALLS.has(block['type'])).map((block) => ({ type: block['type'], id: block['id'], name: block['name'], input: block['input'] })),
    citations: ofType(content, 'text').flatMap((block) => listOf(block['citations'])),
    block_types: content.map((block) => block['type'] ?? null),
    content,
  };
}

function contentOf({ message }: Turn): readonly JsonRecord[] {
  return listOf(toAnthropic(message).content).filter(isObject);
}

/** Of a text that never came, or a signature, one side may say nothing and the other say an empty text. */
function comparable(name: string, value: unknown): unknown {
  if (name === 'signatures') return listOf(value).filter(Boolean);
  if (name !== 'content' || !Array.isArray(value)) return value ?? null;
  return value.map((block: unknown) => (isObject(block) && block['type'] === 'text' ? { text: '', ...block } : block));
}

function compareContent(expected: JsonRecord, turn: Turn, { text, textOfDeltas }: Reading): string | undefined {
  for (const [name, value] of Object.entries(summary(contentOf(turn)))) {
    if (!(name in expected)) continue;
    const found = difference(name, comparable(name, expected[name]), comparable(name, value));
    // The text that blocks began with may have been counted apart.
    const apart = name === 'text' && stringOf(expected['rawStartText']) && expected['text'] === textOfDeltas && value === text;
    if (found !== undefined && !apart) return found;
  }
  return undefined;
}

/** Compares with what the SDK made of it; where it forgets what an earlier event told, the wire's own word is as good. */
export function compareWithExpected(expected: JsonRecord, turn: Turn, reading: Reading): string | undefined {
  const stop: JsonRecord = { ...turn.metadata, stop_reason: turn.stopReason };
  const usage = isObject(expected['usage']) ? expected['usage'] : {};
  const got: JsonRecord = turn.usage?.raw ?? {};
  const facts: readonly (readonly [name: string, expected: unknown, got: unknown, wire: unknown])[] = [
    ['id', expected['id'], turn.id, reading.id],
    ['model', expected['model'], turn.model, reading.model],
    ...['stop_reason', 'stop_sequence', 'stop_details', 'container', 'context_management'].map((name) => [name, expected[name], stop[name], reading.stop[name]] as const),
  ];
  for (const [name, wanted, value, wire] of facts) {
    const found = name in expected ? difference(name, wanted ?? null, value ?? null) : undefined;
    if (found !== undefined && !((wanted ?? null) === null && difference(name, wire ?? null, value) === undefined)) return found;
  }
  for (const [name, wanted] of Object.entries(usage)) {
    const found = difference(`usage.${name}`, wanted ?? null, got[name] ?? null);
    // The SDK takes some counters from the first event only, and null for a count.
    const isEarlier = [null, ...reading.usageTold].some((told) => difference(name, told === null ? null : told[name], wanted) === undefined);
    if (found !== undefined && !(isEarlier && difference(name, reading.usage[name] ?? null, got[name]) === undefined)) return found;
  }
  return compareContent(expected, turn, reading);
}

/** Compares with the wire itself, where the SDK gave up on a whole turn. */
export function compareWithWire(turn: Turn, events: readonly StreamEvent[], reading: Reading): string | undefined {
  const content = contentOf(turn);
  // What there is of an input that is no JSON cannot be told from the wire: only that it is not taken for one that is.
  const plain = (blocks: readonly JsonRecord[]): JsonRecord[] => blocks.map((block, at) => (reading.unreadable.has(at) ? { ...block, input: 'unreadable' } : block));
  for (const at of reading.unreadable) {
    const block = content[at];
    const told = events.some((event) => event.type === 'tool_use_start' && event.content.id === block?.['id'] && event.content.inputError === undefined);
    if (told) return `content[${at}]: the input is no JSON on the wire, but its call carries no inputError`;
  }
  const got = { id: turn.id ?? null, model: turn.model, stop_reason: turn.stopReason, ...summary(plain(content)) };
  const wire = { id: reading.id, model: reading.model, stop_reason: reading.stop['stop_reason'], ...summary(plain(reading.content)) };
  return difference('(by the wire) turn', wire, got) ?? difference('(by the wire) usage', countersOf(turn, reading), withoutNulls(turn.usage?.raw ?? {}));
}

/** The counters on the wire, but for those that only the end told of and that nobody knows yet: they may be left out. */
function countersOf(turn: Turn, { usage, usageTold }: Reading): JsonRecord {
  const known = { ...usageTold[0], ...turn.usage?.raw, output_tokens: 0 };
  return Object.fromEntries(Object.entries(usage).filter(([name]) => name in known));
}

function withoutNulls(value: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
