import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { ContentBlock, MediaSource } from '../../messages/message.js';
import { mediaTypeOf } from './media.js';
import { isApplications } from './wire.js';

/** The name by which messages and events call this provider. */
export const PROVIDER = 'bedrock';

/** The members that a block of ours has no place for, as its `wire`. */
function rest(block: JsonObject, ...modelled: readonly string[]): { wire?: JsonObject } {
  const others = Object.entries(block).filter(([name]) => !modelled.includes(name));
  return others.length === 0 ? {} : { wire: Object.fromEntries(others) };
}

/** A block that only the service understands. */
export function asItCame(block: JsonObject): ContentBlock {
  return { type: 'provider', provider: PROVIDER, block };
}

/** The one member of an object that has no other; what else there is nobody here knows. */
function onlyMember(object: JsonObject): readonly [name: string, value: Json] | undefined {
  const [first, ...more] = Object.entries(object);
  return more.length === 0 ? first : undefined;
}

/** Bytes or a place in S3, with nothing beside; any other source stays as it came. */
function sourceFromWire(source: Json | undefined, mediaType: string | undefined): MediaSource | undefined {
  const [name, value] = (isObject(source) ? onlyMember(source) : undefined) ?? [];
  if (name === 'bytes' && typeof value === 'string' && mediaType !== undefined) return { type: 'base64', mediaType, data: value };
  const place = name === 's3Location' && isObject(value) ? onlyMember(value) : undefined;
  return place?.[0] === 'uri' && typeof place[1] === 'string' ? { type: 'url', url: place[1] } : undefined;
}

function media(type: 'image' | 'document', value: JsonObject): ContentBlock | undefined {
  const source = sourceFromWire(value['source'], mediaTypeOf(type, value['format']));
  if (source === undefined) return undefined;
  // Of what lies elsewhere, only the format says what it is.
  return { type, source, ...(source.type === 'url' ? rest(value, 'source') : rest(value, 'format', 'source')) };
}

function toolUse(value: JsonObject): ContentBlock | undefined {
  const [id, name, input] = [textOf(value, 'toolUseId'), textOf(value, 'name'), value['input']];
  if (id === undefined || name === undefined || input === undefined || !isApplications(value)) return undefined;
  return { type: 'tool_use', id, name, input, ...rest(value, 'toolUseId', 'name', 'input') };
}

function toolResult(value: JsonObject): ContentBlock | undefined {
  const [toolUseId, content, status] = [textOf(value, 'toolUseId'), value['content'], value['status']];
  // One that says its type answers a tool of the service's own.
  if (toolUseId === undefined || !Array.isArray(content) || !content.every(isObject) || 'type' in value) return undefined;
  const isError = status === 'error';
  const known = ['toolUseId', 'content', ...(isError ? ['status'] : [])];
  return { type: 'tool_result', toolUseId, content: content.map(contentFromWire), isError, ...rest(value, ...known) };
}

function reasoning(value: JsonObject): ContentBlock | undefined {
  const [name, member] = onlyMember(value) ?? [];
  if (name === 'redactedContent' && typeof member === 'string') return { type: 'redacted_thinking', data: member };
  if (name !== 'reasoningText' || !isObject(member)) return undefined;
  const [thinking, signature] = [textOf(member, 'text'), textOf(member, 'signature')];
  if (thinking === undefined) return undefined;
  return { type: 'thinking', thinking, ...(signature === undefined ? {} : { signature }), ...rest(member, 'text', ...(signature === undefined ? [] : ['signature'])) };
}

/** One text and its citations; several texts stay as they came. */
function cited({ content, citations, ...others }: JsonObject): ContentBlock | undefined {
  const only: Json | undefined = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  const [name, text] = (isObject(only) ? onlyMember(only) : undefined) ?? [];
  if (name !== 'text' || typeof text !== 'string' || !Array.isArray(citations) || Object.keys(others).length > 0) return undefined;
  return { type: 'text', text, citations };
}

function modelled(name: string, value: Json): ContentBlock | undefined {
  if (name === 'text' && typeof value === 'string') return { type: 'text', text: value };
  // A result's JSON: a text for whoever knows no such block.
  if (name === 'json') return { type: 'text', text: JSON.stringify(value), wire: { json: value } };
  if (!isObject(value)) return undefined;
  switch (name) {
    case 'image':
    case 'document':
      return media(name, value);
    case 'toolUse':
      return toolUse(value);
    case 'toolResult':
      return toolResult(value);
    case 'reasoningContent':
      return reasoning(value);
    case 'citationsContent':
      return cited(value);
    default:
      return undefined;
  }
}

/** A block of the service in our form. What we do not model stays: members in `wire`, whole blocks as they came. */
export function contentFromWire(block: JsonObject): ContentBlock {
  const [name, value] = onlyMember(block) ?? [];
  return (name === undefined || value === undefined ? undefined : modelled(name, value)) ?? asItCame(block);
}
