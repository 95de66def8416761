import { isObject, type JsonRecord } from '../json.js';
import { allTextOf, citationsOf, inputOf, nameOf, partOf, partsOf, partsOfMessage, redactedOf, signaturesOf, textOf, thinkingOf, typeOf, type BlockType, type WireBlock } from './blocks.js';
import type { Reading } from './reading.js';

/** What `expected.json` says of a turn, from the wire. */
export interface WireSummary {
  readonly facts: JsonRecord;
  /** What others may say of the same wire. */
  readonly also: Readonly<Record<string, readonly unknown[]>>;
  /** The blocks behind lists of calls. */
  readonly calls: Readonly<Record<string, readonly WireBlock[]>>;
}

function parse(json: string): { readonly input: unknown } | undefined {
  let isProto = false;
  try {
    const input: unknown = JSON.parse(json === '' ? '{}' : json, (name, value: unknown) => {
      isProto ||= name === '__proto__';
      return value;
    });
    return isProto ? undefined : { input };
  } catch {
    return undefined;
  }
}

/** Whether the input of a call is JSON that a tool can be given. */
export function isReadable(block: WireBlock): boolean {
  return parse(inputOf(block)) !== undefined;
}

function callOf(block: WireBlock): JsonRecord {
  const { toolUseId, name } = partOf(block.start, 'toolUse');
  return { id: toolUseId, name, input: parse(inputOf(block))?.input ?? {} };
}

function resultOf(block: WireBlock): JsonRecord {
  const { toolUseId, status, type } = partOf(block.start, 'toolResult');
  return { id: toolUseId, status, type, parts: partsOf(block) };
}

/** The hidden reasoning of a block, in one piece. */
function redactedWhole(block: WireBlock): string[] {
  const pieces = redactedOf(block);
  return pieces.length < 2 ? pieces : [Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64')];
}

function signatureWhole(block: WireBlock): string[] {
  return [signaturesOf(block).join('')].filter(Boolean);
}

/** Whether the block says what it is: only text and reasoning may do so by a delta. */
function isKnown(block: WireBlock): boolean {
  const type = typeOf(block);
  return type === 'text' || type === 'reasoning' || (type !== 'unknown' && Object.keys(block.start).length > 0);
}

/** How the types of the blocks may be told. */
function typesAlso({ blocks, arrived, empty }: Reading): unknown[] {
  const told = blocks.map((block) => ({ index: block.index, type: typeOf(block), name: nameOf(block), known: isKnown(block) }));
  const all = [...told, ...empty.map((index) => ({ index, type: 'unknown', name: '', known: false }))].sort((left, right) => left.index - right.index);
  const types = (some: typeof all, unknown: string | null | undefined): unknown[] =>
    some.map(({ type, name, known }) => (known ? type : unknown === undefined ? name : unknown));
  const first = told.filter(({ index }, at) => told.findIndex((other) => other.index === index) === at);
  const last = told.filter(({ index }, at) => told.findLastIndex((other) => other.index === index) === at);
  // A block that ends without having begun may be counted: as the text that it would have been, or as nothing known.
  return [arrived.map(typeOf), ...['unknown', 'text', null, 'empty', '', undefined].flatMap((unknown) => [told, all, first, last].map((some) => types(some, unknown)))];
}

export function summaryOfWire(reading: Reading): WireSummary {
  const { role, stopReason, additional, metadata, blocks, arrived } = reading;
  const { usage, metrics, trace } = metadata;
  const ofType = (some: readonly WireBlock[], type: BlockType): WireBlock[] => some.filter((block) => typeOf(block) === type);
  const content = (some: readonly WireBlock[]): JsonRecord => ({
    text: textOf(some),
    thinking: some.map(thinkingOf).join(''),
    signatures: some.flatMap(signatureWhole),
    redacted: some.flatMap(redactedWhole),
    tool_calls: ofType(some, 'toolUse').map((block) => ({ ...callOf(block), json: inputOf(block) })),
    server_tool_calls: ofType(some, 'serverToolUse').map(callOf),
    tool_results: ofType(some, 'toolResult').map(resultOf),
    citations: some.flatMap(citationsOf),
    block_types: some.flatMap(partsOfMessage),
  });
  // Others may put blocks in the order in which they came.
  const inOrderOfArrival = Object.fromEntries(Object.entries(content(arrived)).map(([name, value]) => [name, [value]]));
  return {
    // Only an assistant answers.
    facts: { role: 'assistant', stop_reason: stopReason, usage: usage ?? null, latencyMs: isObject(metrics) ? (metrics['latencyMs'] ?? null) : null, additional, trace: trace ?? null, ...content(blocks) },
    also: {
      ...inOrderOfArrival,
      role: [role],
      text: [textOf(arrived), allTextOf(blocks), allTextOf(arrived)],
      usage: [{}],
      additional: [{}],
      trace: [{}],
      signatures: [blocks.flatMap(signaturesOf), blocks.flatMap((block) => signaturesOf(block).at(-1) ?? []), blocks.filter((block) => typeOf(block) === 'reasoning').map((block) => signaturesOf(block).join(''))],
      redacted: [blocks.flatMap(redactedOf), blocks.map((block) => redactedOf(block).join('')).filter(Boolean)],
      block_types: typesAlso(reading),
    },
    calls: { tool_calls: ofType(blocks, 'toolUse'), server_tool_calls: ofType(blocks, 'serverToolUse') },
  };
}
