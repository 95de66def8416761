import type { EventBody } from '../../events/events.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import { inOrder, type Chain } from '../../messages/chain.js';
import { parsePartialJson } from '../../messages/partial-json.js';
import { readInput } from '../../messages/read-input.js';

/** How a block's deltas are taken. */
type BlockKind = 'text' | 'thinking' | 'tool_use' | 'server_tool_use' | 'server_tool_result' | 'other';

/** A content block while it arrives. */
export interface BlockState {
  readonly index: number;
  readonly kind: BlockKind;
  /** The block as its start brought it. */
  readonly start: JsonObject;
  readonly id: string;
  readonly name: string;
  /** The text, the thinking, or the input's JSON so far; for an input only what deltas brought. */
  readonly text: string;
  readonly signature: string | undefined;
  readonly citations: Chain<Json> | null;
  /** The input of a call that has ended. */
  readonly input: Json | undefined;
  readonly closed: boolean;
}

const NONE: readonly EventBody[] = [];

/** Who runs the call, and so what it is to us: names of the wire's block types. */
function kindOf(type: string): BlockKind {
  switch (type) {
    case 'text':
    case 'thinking':
    case 'tool_use':
    case 'server_tool_use':
      return type;
    case 'mcp_tool_use':
      return 'server_tool_use';
    default:
      return type.endsWith('_tool_result') ? 'server_tool_result' : 'other';
  }
}

/** A block that has just begun. */
export function openBlock(index: number, start: JsonObject): BlockState {
  const kind = kindOf(textOf(start, 'type') ?? '');
  const text = kind === 'text' ? textOf(start, 'text') : kind === 'thinking' ? textOf(start, 'thinking') : undefined;
  return {
    index,
    kind,
    start,
    id: textOf(start, kind === 'server_tool_result' ? 'tool_use_id' : 'id') ?? '',
    name: textOf(start, 'name') ?? '',
    text: text ?? '',
    signature: textOf(start, 'signature'),
    citations: null,
    input: undefined,
    closed: false,
  };
}

/** What the start of a block says by itself. */
export function openingEvents(block: BlockState): readonly EventBody[] {
  switch (block.kind) {
    case 'text': {
      const citations = block.start['citations'];
      const given = Array.isArray(citations) ? citations : [];
      return [
        ...(block.text === '' ? NONE : [textDelta(block, block.text)]),
        ...given.map((content: Json): EventBody => ({ type: 'citation', content, block: block.index })),
      ];
    }
    case 'thinking':
      return block.text === '' ? NONE : [{ type: 'thinking', content: block.text, block: block.index }];
    case 'tool_use':
      return [{ type: 'tool_input_start', content: { id: block.id, name: block.name }, block: block.index }];
    default:
      return NONE;
  }
}

function textDelta(block: BlockState, content: string): EventBody {
  return { type: 'text_delta', content, block: block.index };
}

/** The block with another text. Each member is named: a spread takes many times as long, and this is done for every delta. */
function withText(block: BlockState, text: string): BlockState {
  const { index, kind, start, id, name, signature, citations, input, closed } = block;
  return { index, kind, start, id, name, text, signature, citations, input, closed };
}

interface Applied {
  readonly block: BlockState;
  readonly events: readonly EventBody[];
}

/** The block with the delta in it, and what to tell of it; `undefined` for a delta that this block cannot take. */
export function applyDelta(block: BlockState, delta: JsonObject): Applied | undefined {
  switch (delta['type']) {
    case 'text_delta': {
      const text = delta['text'];
      if (block.kind !== 'text' || typeof text !== 'string') return undefined;
      return { block: withText(block, block.text + text), events: text === '' ? NONE : [textDelta(block, text)] };
    }
    case 'thinking_delta': {
      const thinking = delta['thinking'];
      if (block.kind !== 'thinking' || typeof thinking !== 'string') return undefined;
      // Thinking that is not shown may still say how much of it there is: told as it came.
      if (thinking === '' && typeof delta['estimated_tokens'] === 'number') return undefined;
      const events: readonly EventBody[] = thinking === '' ? NONE : [{ type: 'thinking', content: thinking, block: block.index }];
      return { block: withText(block, block.text + thinking), events };
    }
    case 'input_json_delta':
      return applyInput(block, delta['partial_json']);
    case 'signature_delta': {
      const signature = delta['signature'];
      if (block.kind !== 'thinking' || typeof signature !== 'string') return undefined;
      return { block: { ...block, signature }, events: NONE };
    }
    case 'citations_delta': {
      const citation = delta['citation'];
      if (block.kind !== 'text' || citation === undefined) return undefined;
      const citations = { value: citation, before: block.citations };
      return { block: { ...block, citations }, events: [{ type: 'citation', content: citation, block: block.index }] };
    }
    default:
      return undefined;
  }
}

function applyInput(block: BlockState, json: Json | undefined): Applied | undefined {
  const takesInput = block.kind === 'tool_use' || block.kind === 'server_tool_use' || isObject(block.start['input']);
  if (!takesInput || typeof json !== 'string') return undefined;
  // What deltas bring stands in for an input that the start had, even if it is nothing.
  const begun = block.text === '' && isObject(block.start['input']) ? { ...block, start: { ...block.start, input: {} } } : block;
  const told = block.kind === 'tool_use' && json !== '';
  const events: readonly EventBody[] = told ? [{ type: 'tool_input_delta', content: { id: block.id, delta: json }, block: block.index }] : NONE;
  return { block: withText(begun, block.text + json), events };
}

/** The members of a `compaction_delta`, its block's final values, put into the block; what other deltas mean nobody knows. */
export function assignDelta(block: BlockState, delta: JsonObject): BlockState {
  const type = textOf(block.start, 'type');
  if (type !== 'compaction' || delta['type'] !== 'compaction_delta') return block;
  return { ...block, start: { ...block.start, ...delta, type } };
}

function isErrorResult(start: JsonObject): boolean {
  const content = start['content'];
  return start['is_error'] === true || (isObject(content) && (textOf(content, 'type') ?? '').endsWith('_error'));
}

/**
 * The same text in one piece. Engines keep what was appended as a tree of pieces, each of which may hold on to the chunk
 * that it was cut from, until a character is asked for: unread, a message would keep its whole stream.
 */
function inOnePiece(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? '' : text;
}

/** Ends the block: the input of a call is read, once. `nameOf` finds the name of the call that a result answers. */
export function closeBlock(block: BlockState, nameOf: (id: string) => string | undefined): Applied {
  const { id, name, index } = block;
  switch (block.kind) {
    case 'tool_use': {
      const { input, error } = readInput(block.text, block.start['input']);
      const content = error === undefined ? { id, name, input } : { id, name, input: {}, inputError: error };
      return { block: { ...block, input, closed: true }, events: [{ type: 'tool_use_start', content }] };
    }
    case 'server_tool_use': {
      const { input } = readInput(block.text, block.start['input']);
      return { block: { ...block, input, closed: true }, events: [{ type: 'server_tool_use', content: { id, name, input, block: index } }] };
    }
    case 'server_tool_result': {
      const toolName = nameOf(id) ?? (textOf(block.start, 'type') ?? '').replace(/_tool_result$/, '');
      const content = block.start['content'] ?? null;
      const result = { id, name: toolName, content, isError: isErrorResult(block.start), block: index };
      return { block: { ...block, closed: true }, events: [{ type: 'server_tool_result', content: result }] };
    }
    default:
      return { block: { ...block, text: inOnePiece(block.text), closed: true }, events: NONE };
  }
}

/** The block as the service would have sent it whole; the input of a call that was cut off is what there is of it. */
export function wholeBlock(block: BlockState): JsonObject {
  const { start } = block;
  switch (block.kind) {
    case 'text': {
      if (block.citations === null) return { ...start, text: block.text };
      const before = start['citations'];
      return { ...start, text: block.text, citations: [...(Array.isArray(before) ? before : []), ...inOrder(block.citations)] };
    }
    case 'thinking':
      return { ...start, thinking: block.text, ...(block.signature === undefined ? {} : { signature: block.signature }) };
    default:
      if (block.input !== undefined) return { ...start, input: block.input };
      return block.text === '' ? start : { ...start, input: parsePartialJson(block.text) ?? {} };
  }
}
