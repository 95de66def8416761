import type { Json, JsonObject } from '../../events/json.js';
import type { ContentBlock, MediaSource } from '../../messages/message.js';
import type { ServiceForm } from '../../messages/outgoing.js';
import { callId } from '../../messages/tool-names.js';

function sourceToWire(source: MediaSource): JsonObject {
  return source.type === 'base64'
    ? { type: 'base64', media_type: source.mediaType, data: source.data }
    : { type: 'url', url: source.url };
}

function optional(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
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
      return { type: block.type, source: sourceToWire(block.source), ...wire };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input, ...wire };
    case 'tool_result':
      return {
        type: 'tool_result',
        tool_use_id: block.toolUseId,
        ...(block.content.length === 0 ? {} : { content: block.content.flatMap<JsonObject>((inner) => contentToWire(inner, ours) ?? []) }),
        ...(block.isError ? { is_error: true } : {}),
        ...wire,
      };
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

/** How the Messages API takes a conversation. */
export const serviceForm: ServiceForm = {
  service: 'anthropic',
  takes,
  write: contentToWire,
  isResult: (block) => block['type'] === 'tool_result',
  callId: (id) => callId(id, CALL_ID),
};
