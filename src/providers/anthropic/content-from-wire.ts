import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { ContentBlock, MediaSource } from '../../messages/message.js';

function isObjects(value: Json): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isObject);
}

/** The members that a block of ours has no place for, as its `wire`. */
function rest(block: JsonObject, ...modelled: readonly string[]): { wire?: JsonObject } {
  const others = Object.entries(block).filter(([name]) => !modelled.includes(name));
  return others.length === 0 ? {} : { wire: Object.fromEntries(others) };
}

/** Base64 bytes or an address, with nothing beside; any other source stays as it came. */
function sourceFromWire(source: Json | undefined): MediaSource | undefined {
  if (!isObject(source)) return undefined;
  const [data, mediaType, url] = [textOf(source, 'data'), textOf(source, 'media_type'), textOf(source, 'url')];
  const size = Object.keys(source).length;
  if (source['type'] === 'base64' && data !== undefined && mediaType !== undefined && size === 3) return { type: 'base64', mediaType, data };
  if (source['type'] === 'url' && url !== undefined && size === 2) return { type: 'url', url };
  return undefined;
}

function asItCame(block: JsonObject): ContentBlock {
  return { type: 'provider', provider: 'anthropic', block };
}

/** Blocks, or text that stands for one, and what `wire` has to say of the form; undefined for what is neither. */
function resultContent(given: Json | undefined): { readonly content: readonly ContentBlock[]; readonly form: JsonObject } | undefined {
  if (given === undefined) return { content: [], form: {} };
  if (typeof given === 'string') return { content: given === '' ? [] : [{ type: 'text', text: given }], form: { content: '' } };
  if (!isObjects(given)) return undefined;
  return { content: given.map(contentFromWire), form: given.length === 0 ? { content: [] } : {} };
}

function toolResult(block: JsonObject): ContentBlock {
  const [toolUseId, said] = [textOf(block, 'tool_use_id'), resultContent(block['content'])];
  if (toolUseId === undefined || said === undefined) return asItCame(block);
  const isError = block['is_error'] === true;
  const { wire } = rest(block, 'type', 'tool_use_id', 'content', ...(isError ? ['is_error'] : []));
  const kept = { ...wire, ...said.form };
  return { type: 'tool_result', toolUseId, content: said.content, isError, ...(Object.keys(kept).length === 0 ? {} : { wire: kept }) };
}

/** A block of the service in our form. What we do not model stays: members in `wire`, whole blocks as they came. */
export function contentFromWire(block: JsonObject): ContentBlock {
  const { type } = block;
  switch (type) {
    case 'text': {
      const text = textOf(block, 'text');
      const citations = block['citations'];
      if (text === undefined) return asItCame(block);
      return Array.isArray(citations)
        ? { type, text, citations, ...rest(block, 'type', 'text', 'citations') }
        : { type, text, ...rest(block, 'type', 'text') };
    }
    case 'tool_use': {
      const [id, name, input] = [textOf(block, 'id'), textOf(block, 'name'), block['input']];
      if (id === undefined || name === undefined || input === undefined) return asItCame(block);
      return { type, id, name, input, ...rest(block, 'type', 'id', 'name', 'input') };
    }
    case 'thinking': {
      const [thinking, signature] = [textOf(block, 'thinking'), textOf(block, 'signature')];
      if (thinking === undefined) return asItCame(block);
      return signature === undefined
        ? { type, thinking, ...rest(block, 'type', 'thinking') }
        : { type, thinking, signature, ...rest(block, 'type', 'thinking', 'signature') };
    }
    case 'redacted_thinking': {
      const data = textOf(block, 'data');
      return data === undefined ? asItCame(block) : { type, data, ...rest(block, 'type', 'data') };
    }
    case 'image':
    case 'document': {
      const source = sourceFromWire(block['source']);
      // Text in bytes would go back as text.
      return source === undefined || (type === 'document' && source.type === 'base64' && source.mediaType.startsWith('text/')) ? asItCame(block) : { type, source, ...rest(block, 'type', 'source') };
    }
    case 'tool_result':
      return toolResult(block);
    default:
      return asItCame(block);
  }
}
