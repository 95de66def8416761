import { isObject, listOf, stringOf, type JsonRecord } from '../json.js';

/** A content block while an independent reader puts it together. */
export interface WireBlock {
  readonly index: number;
  /** What its start holds; empty for a block that a delta began. */
  readonly start: JsonRecord;
  readonly deltas: JsonRecord[];
  closed: boolean;
}

type Odd = (what: string) => void;

/** What a block is called in `expected.json`. */
export type BlockType = 'text' | 'reasoning' | 'toolUse' | 'serverToolUse' | 'toolResult' | 'image' | 'unknown';

const TYPES: ReadonlyMap<string, BlockType> = new Map([
  ['text', 'text'],
  ['citation', 'text'],
  ['reasoningContent', 'reasoning'],
  ['toolUse', 'toolUse'],
  ['toolResult', 'toolResult'],
  ['image', 'image'],
] as const);

/** What a start or a delta speaks of; undefined for what nobody knows yet. */
function typeIn(value: JsonRecord): BlockType | undefined {
  return Object.keys(value).map((name) => TYPES.get(name)).find((type) => type !== undefined);
}

/** A block is what its start says, or its first delta. A call that is not the application's says so in its type. */
export function typeOf({ start, deltas }: WireBlock): BlockType {
  const first = Object.keys(start).length > 0 ? start : (deltas[0] ?? {});
  const type = typeIn(first) ?? 'unknown';
  return type === 'toolUse' && (partOf(start, 'toolUse')['type'] ?? 'tool_use') !== 'tool_use' ? 'serverToolUse' : type;
}

/** The wire's own name for what the block is. */
export function nameOf({ start, deltas }: WireBlock): string {
  return Object.keys(start)[0] ?? Object.keys(deltas[0] ?? {})[0] ?? 'unknown';
}

export function partOf(value: JsonRecord, member: string): JsonRecord {
  const part = value[member];
  return isObject(part) ? part : {};
}

/** A block that begins; `before` are those that began before it. */
export function openBlock(index: number, start: JsonRecord, before: readonly WireBlock[], odd: Odd): WireBlock {
  const block: WireBlock = { index, start, deltas: [], closed: false };
  if (typeOf(block) === 'toolUse') {
    const { toolUseId: id, name } = partOf(start, 'toolUse');
    if (!stringOf(id) || !stringOf(name)) odd('begins a call without id or name');
    if (before.some((other) => typeOf(other) === 'toolUse' && partOf(other.start, 'toolUse')['toolUseId'] === id)) odd('repeats the id of a call (M9)');
  }
  return block;
}

/** Whether the delta is of another kind than the block, which no start has fixed: text behind reasoning, say. */
export function beginsAnother(block: WireBlock, delta: JsonRecord): boolean {
  const type = typeIn(delta);
  return Object.keys(block.start).length === 0 && (type === 'text' || type === 'reasoning') && type !== typeOf(block);
}

export function addDelta(block: WireBlock, delta: JsonRecord, odd: Odd): void {
  block.deltas.push(delta);
  const [type, kind] = [typeOf(block), typeIn(delta)];
  // What nobody knows yet has no rules.
  if (kind === undefined || type === 'unknown') return;
  if ((kind === 'toolUse' || kind === 'toolResult') && block.start[kind] === undefined) odd(`brings ${kind} for a block that did not begin (N27)`);
  else if (kind !== (type === 'serverToolUse' ? 'toolUse' : type)) odd(`brings ${kind} to a block of ${type}`);
}

/**
 * The parts of a message that the block comes to. How the pieces of an unknown one belong together nobody knows, and
 * an image of which no byte came is none.
 */
export function partsOfMessage(block: WireBlock): BlockType[] {
  const type = typeOf(block);
  const pieces = block.deltas.length + (Object.keys(block.start).length > 0 ? 1 : 0);
  if (type === 'unknown' || (type === 'image' && block.start['image'] === undefined)) return pieces === 1 ? [type] : [];
  if (type === 'image') return block.deltas.some((delta) => stringOf(partOf(partOf(delta, 'image'), 'source')['bytes']) !== undefined) ? [type] : [];
  // Open reasoning and hidden one are two things.
  const isBoth = redactedOf(block).length > 0 && (thinkingOf(block) !== '' || signaturesOf(block).length > 0);
  return type === 'reasoning' && isBoth ? [type, type] : [type];
}

function joined(deltas: readonly JsonRecord[], read: (delta: JsonRecord) => unknown): string {
  return deltas.map((delta) => stringOf(read(delta)) ?? '').join('');
}

/** The text of the blocks of text, one after the other. */
export function textOf(blocks: readonly WireBlock[]): string {
  return allTextOf(blocks.filter((block) => typeOf(block) === 'text'));
}

/** Text in whichever block it came. */
export function allTextOf(blocks: readonly WireBlock[]): string {
  return blocks.map(({ deltas }) => joined(deltas, (delta) => delta['text'])).join('');
}

export function thinkingOf({ deltas }: WireBlock): string {
  return joined(deltas, (delta) => partOf(delta, 'reasoningContent')['text']);
}

/** The signatures that came, each with its delta. */
export function signaturesOf({ deltas }: WireBlock): string[] {
  return deltas.flatMap((delta) => stringOf(partOf(delta, 'reasoningContent')['signature']) ?? []);
}

/** The hidden reasoning that came, each piece with its delta: base64. */
export function redactedOf({ deltas }: WireBlock): string[] {
  return deltas.flatMap((delta) => stringOf(partOf(delta, 'reasoningContent')['redactedContent']) ?? []);
}

export function citationsOf({ deltas }: WireBlock): unknown[] {
  return deltas.flatMap((delta) => (delta['citation'] === undefined ? [] : [delta['citation']]));
}

export function inputOf({ deltas }: WireBlock): string {
  return joined(deltas, (delta) => partOf(delta, 'toolUse')['input']);
}

export function partsOf({ deltas }: WireBlock): unknown[] {
  return deltas.flatMap((delta) => listOf(delta['toolResult']));
}
