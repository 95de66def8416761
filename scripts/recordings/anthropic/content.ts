import { isObject, listOf, stringOf, type JsonRecord } from '../json.js';

/** A content block while an independent reader puts it together. */
export interface WireBlock {
  readonly index: number;
  readonly start: JsonRecord;
  readonly deltas: JsonRecord[];
  closed: boolean;
}

/** A block as a whole, and whether the JSON of its input could be read. */
interface WholeBlock {
  readonly block: JsonRecord;
  readonly readable: boolean;
}

function joined(deltas: readonly JsonRecord[], type: string, member: string): string {
  return deltas.map((delta) => (delta['type'] === type ? (stringOf(delta[member]) ?? '') : '')).join('');
}

/** The text that the block began with, and that which came after. */
export function textsOf({ start, deltas }: WireBlock): { readonly first: string; readonly rest: string } {
  if (start['type'] !== 'text') return { first: '', rest: '' };
  return { first: stringOf(start['text']) ?? '', rest: joined(deltas, 'text_delta', 'text') };
}

function wholeInput(start: JsonRecord, deltas: readonly JsonRecord[]): WholeBlock {
  if (!deltas.some((delta) => delta['type'] === 'input_json_delta')) return { block: start, readable: true };
  const json = joined(deltas, 'input_json_delta', 'partial_json');
  try {
    const input: unknown = json === '' ? {} : JSON.parse(json);
    return { block: { ...start, input }, readable: true };
  } catch {
    return { block: start, readable: false };
  }
}

/** The block with its deltas in it. */
export function whole(block: WireBlock): WholeBlock {
  const { start, deltas } = block;
  const last = (type: string): JsonRecord | undefined => deltas.findLast((delta) => delta['type'] === type);
  switch (start['type']) {
    case 'text': {
      const { first, rest } = textsOf(block);
      const citations = deltas.flatMap((delta) => (delta['type'] === 'citations_delta' ? [delta['citation']] : []));
      const text = { ...start, text: first + rest };
      return { block: citations.length === 0 ? text : { ...text, citations: [...listOf(start['citations']), ...citations] }, readable: true };
    }
    case 'thinking': {
      const signature = last('signature_delta')?.['signature'];
      const thinking = (stringOf(start['thinking']) ?? '') + joined(deltas, 'thinking_delta', 'thinking');
      return { block: { ...start, thinking, ...(signature === undefined ? {} : { signature }) }, readable: true };
    }
    case 'compaction': {
      const { type: _type, ...values } = last('compaction_delta') ?? {};
      return { block: { ...start, ...values }, readable: true };
    }
    default:
      return isObject(start['input']) || String(start['type']).endsWith('tool_use') ? wholeInput(start, deltas) : { block: start, readable: true };
  }
}
