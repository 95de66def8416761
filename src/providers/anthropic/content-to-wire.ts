import type { Json, JsonObject } from '../../events/json.js';
import type { ContentBlock, DocumentBlock, ImageBlock, MediaSource, ToolResultBlock } from '../../messages/message.js';
import type { ServiceForm } from '../../messages/outgoing.js';
import { callId } from '../../messages/tool-names.js';

function sourceToWire(source: MediaSource): JsonObject {
  return source.type === 'base64'
    ? { type: 'base64', media_type: source.mediaType, data: source.data }
    : { type: 'url', url: source.url };
}

/** The text in base64 bytes; undefined where they are none. */
function textIn(data: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** A document's source: of bytes the service takes PDF alone, and text as it is. */
function documentToWire(source: MediaSource): JsonObject {
  const text = source.type === 'base64' && source.mediaType.startsWith('text/') ? textIn(source.data) : undefined;
  return text === undefined ? sourceToWire(source) : { type: 'text', media_type: 'text/plain', data: text };
}

/** Whether the service can load what another one was shown: it takes few kinds of bytes, and no address of a store of theirs. */
function canLoad({ type, source }: ImageBlock | DocumentBlock): boolean {
  if (source.type === 'url') return /^https?:/i.test(source.url);
  return type === 'image' ? /^image\/(?:jpeg|png|gif|webp)$/.test(source.mediaType) : /^(?:application\/pdf$|text\/)/.test(source.mediaType);
}

/** What stands in for an image or a document that the service cannot load, so that the model knows of it. */
function instead({ type, source }: ImageBlock | DocumentBlock): JsonObject {
  return { type: 'text', text: `[${type} that could not be sent: ${source.type === 'url' ? source.url : source.mediaType}]` };
}

function optional(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

/** The text of a result that came as text (its form is then an empty one), as long as it is nothing but text. */
function asText(content: readonly ContentBlock[], form: Json | undefined): string | undefined {
  if (typeof form !== 'string') return undefined;
  const [only, ...more] = content;
  if (only === undefined) return '';
  return only.type === 'text' && more.length === 0 && only.citations === undefined && only.wire === undefined ? only.text : undefined;
}

function toolResultToWire({ toolUseId, content, isError, wire }: ToolResultBlock, ours: boolean): JsonObject {
  const { content: form, is_error: said, ...others } = (ours ? wire : undefined) ?? {};
  const blocks = content.flatMap<JsonObject>((inner) => contentToWire(inner, ours) ?? []);
  return {
    type: 'tool_result',
    tool_use_id: toolUseId,
    ...optional('content', asText(content, form) ?? (content.length === 0 ? form : blocks)),
    ...optional('is_error', isError ? true : said),
    ...others,
  };
}

/**
 * A block of ours in the service's form, or `undefined` for one that only another service understands. `ours` says
 * whether the message came from here: members that we do not model, citations and signatures go back only then.
 */
export function contentToWire(block: ContentBlock, ours: boolean): JsonObject | undefined {
  if (block.type === 'provider') return block.provider === 'anthropic' ? block.block : undefined;
  const wire = ours ? block.wire : undefined;
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, ...(ours ? optional('citations', block.citations) : {}), ...wire };
    case 'image':
    case 'document':
      // What the application itself sends, the service may judge.
      if (!ours && !canLoad(block)) return instead(block);
      return { type: block.type, source: block.type === 'image' ? sourceToWire(block.source) : documentToWire(block.source), ...wire };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input, ...wire };
    case 'tool_result':
      return toolResultToWire(block, ours);
    case 'thinking':
      return ours ? { type: 'thinking', thinking: block.thinking, ...optional('signature', block.signature), ...wire } : undefined;
    case 'redacted_thinking':
      return ours ? { type: 'redacted_thinking', data: block.data, ...wire } : undefined;
  }
}

function takes(block: ContentBlock, ours: boolean): boolean {
  switch (block.type) {
    case 'provider':
      return block.provider === 'anthropic';
    case 'thinking':
      return ours && block.signature !== undefined && block.signature !== '';
    case 'redacted_thinking':
      return ours;
    default:
      return true;
  }
}

const CALL_ID = /^[a-zA-Z0-9_-]+$/;

/** The block with ids that the service takes. */
export function withCallIds(block: ContentBlock): ContentBlock {
  if (block.type === 'tool_use') return { ...block, id: callId(block.id, CALL_ID) };
  return block.type === 'tool_result' ? { ...block, toolUseId: callId(block.toolUseId, CALL_ID) } : block;
}

/** How the Messages API takes a conversation. */
export const serviceForm: ServiceForm = {
  service: 'anthropic',
  takes,
  write: contentToWire,
  isResult: (block) => block['type'] === 'tool_result',
  callId: (id) => callId(id, CALL_ID),
};
