import type { ContentBlock } from '../../messages/message.js';
import { errorOutcome, type ToolOutcome } from '../types.js';
import { isJson, isRecord, printable } from './guards.js';

/** The image types that model providers show to a model; one that they refuse would cost the whole conversation. */
const imageTypes: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/gif', 'image/gif'],
  ['image/webp', 'image/webp'],
]);
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

function text(content: string): ContentBlock {
  return { type: 'text', text: content };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Bytes as an image or a PDF where a model can see them, else as a note of what they were. */
function media(data: unknown, mimeType: unknown, kind: string, name?: string): ContentBlock {
  const type = textOf(mimeType)?.toLowerCase() ?? 'application/octet-stream';
  const bytes = typeof data === 'string' ? data : '';
  if (base64.test(bytes) && bytes.length % 4 === 0) {
    const image = imageTypes.get(type);
    if (image !== undefined) return { type: 'image', source: { type: 'base64', mediaType: image, data: bytes } };
    if (type === 'application/pdf') return { type: 'document', source: { type: 'base64', mediaType: type, data: bytes } };
  }
  const about = [kind, ...(name === undefined ? [] : [name]), printable(type, 80), `${Math.floor((bytes.length * 3) / 4)} bytes`];
  return text(`[${about.join(', ')}: cannot be shown here]`);
}

function resource(value: unknown): ContentBlock | undefined {
  if (!isRecord(value)) return undefined;
  const uri = textOf(value['uri']);
  if (typeof value['text'] === 'string') {
    return text(uri === undefined ? value['text'] : `[resource ${uri}]\n${value['text']}`);
  }
  return typeof value['blob'] === 'string' ? media(value['blob'], value['mimeType'], 'resource', uri) : undefined;
}

function link(block: { readonly [member: string]: unknown }): ContentBlock | undefined {
  const uri = textOf(block['uri']);
  if (uri === undefined) return undefined;
  const label = [textOf(block['title']) ?? textOf(block['name']), textOf(block['mimeType']), textOf(block['description'])];
  const about = label.filter((part) => part !== undefined).join(', ');
  return text(`[resource link ${uri}${about === '' ? '' : `: ${about}`}]`);
}

/**
 * One MCP content block as the model reads it.
 *
 * | MCP | becomes |
 * | --- | --- |
 * | `text` | text |
 * | `image` (PNG, JPEG, GIF, WebP) | image |
 * | `audio`, other images | a note: type and size |
 * | `resource` with text | text, its address above it |
 * | `resource` with bytes | image or document (PDF), else a note |
 * | `resource_link` | a note: address, name, type, description |
 * | anything else | its JSON as text, so that nothing is lost |
 */
export function fromMcpBlock(block: unknown): ContentBlock {
  if (isRecord(block)) {
    const known = fromKnown(block);
    if (known !== undefined) return known;
  }
  return text(JSON.stringify(block));
}

function fromKnown(block: { readonly [member: string]: unknown }): ContentBlock | undefined {
  switch (block['type']) {
    case 'text':
      return typeof block['text'] === 'string' ? text(block['text']) : undefined;
    case 'image':
      return media(block['data'], block['mimeType'], 'image');
    case 'audio':
      return media(block['data'], block['mimeType'], 'audio');
    case 'resource':
      return resource(block['resource']);
    case 'resource_link':
      return link(block);
    default:
      return undefined;
  }
}

/**
 * The answer to a `tools/call` as an outcome. `structuredContent` becomes `structured`, and stands in for the content
 * if there is none. What is not a tool result at all becomes an error that the model can read.
 */
export function fromMcpResult(result: unknown): ToolOutcome {
  if (!isRecord(result) || !isJson(result)) return errorOutcome('The MCP server answered with a malformed result.');
  const { content, structuredContent: structured, isError } = result;
  if (content === undefined ? structured === undefined : !Array.isArray(content)) {
    return errorOutcome('The MCP server answered with a result that has no content.');
  }
  const blocks = Array.isArray(content) ? content.map(fromMcpBlock) : [];
  const outcome = { type: 'tool_outcome', isError: isError === true } as const;
  if (structured === undefined) return { ...outcome, content: blocks };
  return { ...outcome, content: blocks.length > 0 ? blocks : [text(JSON.stringify(structured))], structured };
}
