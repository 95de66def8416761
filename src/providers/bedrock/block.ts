import type { EventBody } from '../../events/events.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import { inOrder, type Chain } from '../../messages/chain.js';
import { readInput } from '../../messages/read-input.js';
import { joinBase64 } from './base64.js';
import { isApplications } from './wire.js';

/** What a block is made of. */
type BlockKind = 'text' | 'thinking' | 'tool_use' | 'server_tool_use' | 'server_tool_result' | 'image' | 'other';

/** A content block while it arrives. */
export interface BlockState {
  readonly index: number;
  readonly kind: BlockKind;
  /** What its start brought: `{ toolUse: … }`, say. Text and reasoning have none. */
  readonly start: JsonObject | undefined;
  readonly id: string;
  readonly name: string;
  /** The text, the thinking, or the input's JSON so far. */
  readonly text: string;
  readonly signature: string | undefined;
  /** Citations of a text, parts of a result, pieces of redacted thinking or of an image, deltas that nobody knows. */
  readonly parts: Chain<Json> | null;
  /** The input of a call that has ended. */
  readonly input: Json | undefined;
}

export interface Applied {
  readonly block: BlockState;
  readonly events: readonly EventBody[];
}

const NONE: readonly EventBody[] = [];

function emptyBlock(index: number, kind: BlockKind, start: JsonObject | undefined): BlockState {
  return { index, kind, start, id: '', name: '', text: '', signature: undefined, parts: null, input: undefined };
}

/** A block that began with a start. */
export function startBlock(index: number, start: JsonObject): BlockState {
  const { toolUse, toolResult, image } = start;
  if (isObject(toolUse)) {
    const kind = isApplications(toolUse) ? 'tool_use' : 'server_tool_use';
    return { ...emptyBlock(index, kind, start), id: textOf(toolUse, 'toolUseId') ?? '', name: textOf(toolUse, 'name') ?? '' };
  }
  if (isObject(toolResult)) return { ...emptyBlock(index, 'server_tool_result', start), id: textOf(toolResult, 'toolUseId') ?? '' };
  return emptyBlock(index, isObject(image) ? 'image' : 'other', start);
}

/** A block that begins with a delta, as text and reasoning do; undefined where such a delta needs a start. */
export function blockOfDelta(index: number, delta: JsonObject): BlockState | undefined {
  if ('text' in delta || 'citation' in delta) return emptyBlock(index, 'text', undefined);
  if ('reasoningContent' in delta) return emptyBlock(index, 'thinking', undefined);
  return 'toolUse' in delta || 'toolResult' in delta ? undefined : emptyBlock(index, 'other', undefined);
}

/** What the start of a block says by itself; undefined for a start that nobody here knows. */
export function openingEvents({ kind, id, name, index }: BlockState): readonly EventBody[] | undefined {
  if (kind === 'tool_use') return [{ type: 'tool_input_start', content: { id, name }, block: index }];
  return kind === 'image' || kind === 'other' ? undefined : NONE;
}

/** The block with another text. Each member is named: a spread takes many times as long, and this is done for every delta. */
function withText(block: BlockState, text: string): BlockState {
  const { index, kind, start, id, name, signature, parts, input } = block;
  return { index, kind, start, id, name, text, signature, parts, input };
}

function withPart(block: BlockState, part: Json): BlockState {
  return { ...block, parts: { value: part, before: block.parts } };
}

/** The block with the delta in it, and what to tell of it; undefined for a delta that this block cannot take. */
export function applyDelta(block: BlockState, delta: JsonObject): Applied | undefined {
  const { text, citation, reasoningContent, toolUse, toolResult, image } = delta;
  switch (block.kind) {
    case 'text':
      if (typeof text === 'string') {
        return { block: withText(block, block.text + text), events: text === '' ? NONE : [{ type: 'text_delta', content: text, block: block.index }] };
      }
      if (citation === undefined) return undefined;
      return { block: withPart(block, citation), events: [{ type: 'citation', content: citation, block: block.index }] };
    case 'thinking':
      return isObject(reasoningContent) ? applyReasoning(block, reasoningContent) : undefined;
    case 'tool_use':
    case 'server_tool_use':
      return isObject(toolUse) ? applyInput(block, toolUse['input']) : undefined;
    case 'server_tool_result': {
      const parts: readonly Json[] | undefined = Array.isArray(toolResult) ? toolResult : undefined;
      return parts === undefined ? undefined : { block: parts.reduce(withPart, block), events: NONE };
    }
    case 'image':
      return isObject(image) ? applyImage(block, image) : undefined;
    case 'other':
      return undefined;
  }
}

function applyReasoning(block: BlockState, { text, signature, redactedContent }: JsonObject): Applied | undefined {
  if (typeof text === 'string') {
    return { block: withText(block, block.text + text), events: text === '' ? NONE : [{ type: 'thinking', content: text, block: block.index }] };
  }
  if (typeof signature === 'string') return { block: { ...block, signature: (block.signature ?? '') + signature }, events: NONE };
  return typeof redactedContent === 'string' ? { block: withPart(block, redactedContent), events: NONE } : undefined;
}

function applyInput(block: BlockState, json: Json | undefined): Applied | undefined {
  if (typeof json !== 'string') return undefined;
  const told = block.kind === 'tool_use' && json !== '';
  const events: readonly EventBody[] = told ? [{ type: 'tool_input_delta', content: { id: block.id, delta: json }, block: block.index }] : NONE;
  return { block: withText(block, block.text + json), events };
}

function applyImage(block: BlockState, { source }: JsonObject): Applied | undefined {
  const bytes = isObject(source) ? source['bytes'] : undefined;
  return typeof bytes === 'string' ? { block: withPart(block, bytes), events: NONE } : undefined;
}

/** The block with a delta kept that nobody here knows. */
export function keepDelta(block: BlockState, delta: JsonObject): BlockState {
  return block.kind === 'other' ? withPart(block, delta) : block;
}

/** Ends the block: the input of a call is read, once. `nameOf` finds the name of the call that a result answers. */
export function closeBlock(block: BlockState, nameOf: (id: string) => string | undefined): Applied {
  const { id, name, index } = block;
  switch (block.kind) {
    case 'tool_use': {
      const { input, error } = readInput(block.text);
      const content = error === undefined ? { id, name, input } : { id, name, input: {}, inputError: error };
      return { block: { ...block, input }, events: [{ type: 'tool_use_start', content }] };
    }
    case 'server_tool_use': {
      const { input } = readInput(block.text);
      return { block: { ...block, input }, events: [{ type: 'server_tool_use', content: { id, name, input, block: index } }] };
    }
    case 'server_tool_result': {
      const result = memberObject(block.start, 'toolResult');
      const toolName = nameOf(id) ?? (textOf(result, 'type') ?? '').replace(/_result$/, '');
      const content = { id, name: toolName, content: inOrder(block.parts), isError: result['status'] === 'error', block: index };
      return { block, events: [{ type: 'server_tool_result', content }] };
    }
    default:
      return { block, events: NONE };
  }
}

function memberObject(object: JsonObject | undefined, name: string): JsonObject {
  const member = object?.[name];
  return isObject(member) ? member : {};
}

/** The block as the service takes it back: more than one where reasoning is both open and redacted, none where nobody knows. */
export function wholeBlocks(block: BlockState): readonly JsonObject[] {
  switch (block.kind) {
    case 'text':
      if (block.parts === null) return [{ text: block.text }];
      return [{ citationsContent: { content: [{ text: block.text }], citations: inOrder(block.parts) } }];
    case 'thinking':
      return wholeReasoning(block);
    case 'tool_use':
    case 'server_tool_use': {
      // A type that says no more than that it is a call is no member of what the service takes.
      const { type, ...toolUse } = memberObject(block.start, 'toolUse');
      const input = block.input ?? readInput(block.text).input;
      return [{ toolUse: { ...toolUse, input, ...(type === undefined || block.kind === 'tool_use' ? {} : { type }) } }];
    }
    case 'server_tool_result':
      return [{ toolResult: { ...memberObject(block.start, 'toolResult'), content: inOrder(block.parts) } }];
    case 'image':
      if (block.parts === null) return [];
      return [{ image: { ...memberObject(block.start, 'image'), source: { bytes: joinBase64(textsIn(block.parts)) } } }];
    case 'other':
      return wholeOther(block);
  }
}

function textsIn(parts: Chain<Json> | null): readonly string[] {
  return inOrder(parts).filter((part) => typeof part === 'string');
}

function wholeReasoning({ text, signature, parts }: BlockState): readonly JsonObject[] {
  const redacted = parts === null ? [] : [{ reasoningContent: { redactedContent: joinBase64(textsIn(parts)) } }];
  if (text === '' && signature === undefined && parts !== null) return redacted;
  return [{ reasoningContent: { reasoningText: { text, ...(signature === undefined ? {} : { signature }) } } }, ...redacted];
}

/** How the pieces of an unknown block belong together nobody knows: only what came in one piece can go back. */
function wholeOther({ start, parts }: BlockState): readonly JsonObject[] {
  const pieces = [...(start === undefined ? [] : [start]), ...inOrder(parts).filter(isObject)];
  return pieces.length === 1 ? pieces : [];
}
