import type { JsonObject } from '../../events/json.js';
import type { ContentBlock, DocumentBlock, ImageBlock } from '../../messages/message.js';
import type { ServiceForm } from '../../messages/outgoing.js';
import { callId } from '../../messages/tool-names.js';
import { PROVIDER } from './content-from-wire.js';
import { formatOf, formatOfName } from './media.js';

const CALL_ID = /^[a-zA-Z0-9_.:-]{1,64}$/;

/** An image or a document in the service's form; undefined for one that it cannot load. */
function media({ type, source }: ImageBlock | DocumentBlock): JsonObject | undefined {
  if (source.type === 'base64') {
    const format = formatOf(type, source.mediaType);
    return format === undefined ? undefined : { format, source: { bytes: source.data } };
  }
  if (!source.url.startsWith('s3://')) return undefined;
  const format = formatOfName(type, source.url);
  return { ...(format === undefined ? {} : { format }), source: { s3Location: { uri: source.url } } };
}

/** What stands in for an image or a document that the service cannot load, so that the model knows of it. */
function instead({ type, source }: ImageBlock | DocumentBlock): JsonObject {
  return { text: `[${type} that could not be sent: ${source.type === 'url' ? source.url : source.mediaType}]` };
}

/** Writes blocks of one conversation: documents without a name are numbered in their order, since each needs one. */
function writer(): ServiceForm['write'] {
  let documents = 0;
  const write = (block: ContentBlock, ours: boolean): JsonObject | undefined => {
    const wire = ours && block.type !== 'provider' ? block.wire : undefined;
    switch (block.type) {
      case 'provider':
        return block.provider === PROVIDER ? block.block : undefined;
      case 'text':
        if (wire?.['json'] !== undefined) return { json: wire['json'] };
        if (!ours || block.citations === undefined) return { text: block.text };
        return { citationsContent: { content: [{ text: block.text }], citations: block.citations } };
      case 'image': {
        const image = media(block);
        return image === undefined ? instead(block) : { image: { ...image, ...wire } };
      }
      case 'document': {
        const document = media(block);
        return document === undefined ? instead(block) : { document: { name: `document-${++documents}`, ...document, ...wire } };
      }
      case 'tool_use':
        return { toolUse: { toolUseId: block.id, name: block.name, input: block.input, ...wire } };
      case 'tool_result': {
        const content = block.content.flatMap<JsonObject>((inner) => write(inner, ours) ?? []);
        return { toolResult: { toolUseId: block.toolUseId, content, ...(block.isError ? { status: 'error' } : {}), ...wire } };
      }
      case 'thinking': {
        const signature = block.signature === undefined ? {} : { signature: block.signature };
        return ours ? { reasoningContent: { reasoningText: { text: block.thinking, ...signature, ...wire } } } : undefined;
      }
      case 'redacted_thinking':
        return ours ? { reasoningContent: { redactedContent: block.data } } : undefined;
    }
  };
  return write;
}

function takes(block: ContentBlock, ours: boolean): boolean {
  if (block.type === 'provider') return block.provider === PROVIDER;
  return ours || (block.type !== 'thinking' && block.type !== 'redacted_thinking');
}

/** How the Converse API takes one conversation. */
export function serviceForm(): ServiceForm {
  return {
    service: PROVIDER,
    takes,
    write: writer(),
    isResult: (block) => 'toolResult' in block,
    callId: (id) => callId(id, CALL_ID),
    emptyResult: { type: 'text', text: '(nothing)' },
  };
}
