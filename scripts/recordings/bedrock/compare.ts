import type { StreamEvent } from '../../../src/events/events.js';
import { difference } from '../difference.js';
import { isObject, type JsonRecord } from '../json.js';
import type { Turn } from '../wire.js';
import { partOf, type WireBlock } from './blocks.js';
import type { Reading } from './reading.js';
import { summaryOfTurn } from './turn-summary.js';
import { isReadable, summaryOfWire } from './wire-summary.js';

/** One thing that is known of a turn. */
interface Fact {
  readonly name: string;
  readonly got: unknown;
  readonly wire: unknown;
  /** What others may say who read the same wire. */
  readonly also?: readonly unknown[];
}

function same(left: unknown, right: unknown): boolean {
  return difference('', left ?? null, right ?? null) === undefined;
}

/** What the other tells too: of lists of objects, the members that both name. */
function shared(value: unknown, other: unknown): unknown {
  if (!Array.isArray(value) || !Array.isArray(other)) return value;
  return value.map((entry: unknown, at) => {
    const beside: unknown = other[at];
    if (!isObject(entry) || !isObject(beside)) return entry;
    return Object.fromEntries(Object.entries(entry).filter(([name]) => name in beside));
  });
}

/**
 * What was expected stands first. Where it differs from what came, what came has to be what the wire says, read
 * independently, and what was expected has to be another way to read the same wire.
 */
function check(expected: JsonRecord, { name, got, wire, also = [] }: Fact): string | undefined {
  if (!(name in expected)) return difference(`(by the wire) ${name}`, wire ?? null, got ?? null);
  const wanted = expected[name];
  const [ours, theirs] = CALLS.has(name) ? [shared(got, wanted), shared(wanted, got)] : [got, wanted];
  if (same(theirs, ours)) return undefined;
  const isReading = [wire, ...also].some((reading) => same(shared(reading, theirs), theirs));
  return isReading && same(wire, got) ? undefined : difference(name, theirs ?? null, ours ?? null);
}

/** Lists whose entries may tell more or less than ours. */
const CALLS: ReadonlySet<string> = new Set(['tool_calls', 'server_tool_calls', 'tool_results']);

/** Inputs that are no JSON cannot be compared, and of an empty one others may say that there is none. */
function withoutUnreadable(calls: unknown, blocks: readonly WireBlock[]): unknown {
  if (!Array.isArray(calls)) return calls;
  return calls.map((call: unknown, at) => {
    const block = blocks[at];
    if (!isObject(call) || block === undefined || !('input' in call)) return call;
    const { input } = call;
    return { ...call, input: isReadable(block) ? (input === null || input === '' ? {} : input) : 'unreadable' };
  });
}

/** A call whose input is no JSON must never look like one that can be run. */
function runnable(events: readonly StreamEvent[], blocks: readonly WireBlock[]): string | undefined {
  const broken = new Set(blocks.filter((block) => !isReadable(block)).map(({ start }) => partOf(start, 'toolUse')['toolUseId']));
  const told = events.find((event) => event.type === 'tool_use_start' && event.content.inputError === undefined && broken.has(event.content.id));
  return told === undefined ? undefined : 'tool_calls: the input is no JSON on the wire, but its call carries no inputError';
}

/** What `metadata` tells besides the counters, and whether it came at all. */
function compareMetadata({ metadata, usage }: Turn, events: readonly StreamEvent[], reading: Reading): string | undefined {
  for (const [name, value] of Object.entries(reading.metadata)) {
    const found = name === 'usage' || name === 'p' ? undefined : difference(`metadata.${name}`, value, metadata[name]);
    if (found !== undefined) return found;
  }
  if (reading.ending.kind === 'without metadata') return difference('metadata.incomplete', 'metadata', metadata['incomplete']);
  const told = events.findLast((event) => event.type === 'usage');
  return usage === null ? undefined : difference('the usage event', usage, told?.usage);
}

/** Whether the two files tell of the same frames. */
function compareCounts(expected: JsonRecord, { counts }: Reading): string | undefined {
  const told = isObject(expected['counts']) ? expected['counts'] : {};
  const names = Object.keys(told).filter((name) => /^(?:message(?:Start|Stop)|contentBlock(?:Start|Delta|Stop)|metadata)$/.test(name));
  return names.map((name) => difference(`counts.${name}: the wire holds another number of frames`, told[name], counts[name])).find(Boolean);
}

/** The first difference between a turn that came, what was made of it elsewhere and the wire. */
export function compareTurn(expected: JsonRecord, turn: Turn, events: readonly StreamEvent[], reading: Reading): string | undefined {
  const { facts: wire, also, calls } = summaryOfWire(reading);
  const got = summaryOfTurn(turn, events);
  const plain = (facts: JsonRecord, name: string): unknown => withoutUnreadable(facts[name], calls[name] ?? []);
  const wanted = Object.fromEntries(Object.keys(expected).map((name) => [name, plain(expected, name)]));
  for (const name of Object.keys(wire)) {
    const found = check(wanted, { name, got: plain(got, name), wire: plain(wire, name), also: also[name] ?? [] });
    if (found !== undefined) return found;
  }
  return (
    runnable(events, calls['tool_calls'] ?? []) ??
    compareMetadata(turn, events, reading) ??
    compareCounts(expected, reading)
  );
}
