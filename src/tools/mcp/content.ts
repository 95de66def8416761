import type { Json, JsonObject } from '../../events/json.js';
import type { ContentBlock } from '../../messages/message.js';
import { errorOutcome, type ToolOutcome } from '../types.js';
import { asJson, isJsonObject, printable } from './guards.js';

/** The image types that model providers show to a model; one that they refuse would cost the whole conversation. */
const imageTypes: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/gif', 'image/gif'],
  ['image/webp', 'image/webp'],
]);
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

type Blocks = readonly ContentBlock[];

function text(content: string): ContentBlock {
  return { type: 'text', text: content };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Bytes as an image or a PDF where a model can see them; else a note of what they are, and the block as it came. */
function media(block: JsonObject, data: Json | undefined, mimeType: Json | undefined, name: string): Blocks {
  const type = textOf(mimeType)?.toLowerCase() ?? 'application/octet-stream';
  const bytes = typeof data === 'string' ? data : '';
  if (bytes.length % 4 === 0 && base64.test(bytes)) {
    const image = imageTypes.get(type);
    if (image !== undefined) return [{ type: 'image', source: { type: 'base64', mediaType: image, data: bytes } }];
    if (type === 'application/pdf') return [{ type: 'document', source: { type: 'base64', mediaType: type, data: bytes } }];
  }
  const size = Math.floor((bytes.length * 3) / 4);
  return [text(`[${name}, ${printable(type, 80)}, ${size} bytes: cannot be shown here]`), { type: 'provider', provider: 'mcp', block }];
}

function resource(block: JsonObject): Blocks | undefined {
  const value = block['resource'];
  if (!isJsonObject(value)) return undefined;
  const uri = textOf(value['uri']);
  const name = uri === undefined ? 'resource' : `resource ${uri}`;
  if (typeof value['text'] === 'string') return [text(uri === undefined ? value['text'] : `[${name}]\n${value['text']}`)];
  return typeof value['blob'] === 'string' ? media(block, value['blob'], value['mimeType'], name) : undefined;
}

function link(block: JsonObject): Blocks | undefined {
  const uri = textOf(block['uri']);
  if (uri === undefined) return undefined;
  const about = [textOf(block['title']) ?? textOf(block['name']), textOf(block['mimeType']), textOf(block['description'])]
    .filter((part) => part !== undefined)
    .join(', ');
  return [text(`[resource link ${uri}${about === '' ? '' : `: ${about}`}]`)];
}

function known(block: JsonObject): Blocks | undefined {
  switch (block['type']) {
    case 'text':
      return typeof block['text'] === 'string' ? [text(block['text'])] : undefined;
    case 'image':
      return media(block, block['data'], block['mimeType'], 'image');
    case 'audio':
      return media(block, block['data'], block['mimeType'], 'audio');
    case 'resource':
      return resource(block);
    case 'resource_link':
      return link(block);
    default:
      return undefined;
  }
}

/**
 * One MCP content block as the model reads it.
 *
 * | MCP | becomes |
 * | --- | --- |
 * | `text` | text |
 * | `image` (PNG, JPEG, GIF, WebP) | image |
 * | `audio`, other images | a note of type and size, and the block as it came, for the application |
 * | `resource` with text | text, its address above it |
 * | `resource` with bytes | image or document (PDF), else as with `audio` |
 * | `resource_link` | a note: address, name, type, description |
 * | anything else | its JSON as text, so that nothing is lost |
 */
export function fromMcpBlock(block: Json): Blocks {
  return (isJsonObject(block) ? known(block) : undefined) ?? [text(JSON.stringify(block))];
}

/**
 * The answer to a `tools/call` as an outcome. `structuredContent` becomes `structured`, and stands in for the content
 * if there is none. What is not a tool result at all becomes an error that the model can read.
 */
export function fromMcpResult(value: unknown): ToolOutcome {
  const result = asJson(value);
  if (!isJsonObject(result)) return errorOutcome('The MCP server answered with a malformed result.');
  const { content, structuredContent: structured, isError } = result;
  if (content === undefined ? structured === undefined : !Array.isArray(content)) {
    return errorOutcome('The MCP server answered with a result that has no content.');
  }
  const items: readonly Json[] = Array.isArray(content) ? content : [];
  const blocks = items.flatMap(fromMcpBlock);
  const outcome = { type: 'tool_outcome', isError: isError === true } as const;
  if (structured === undefined) return { ...outcome, content: blocks };
  return { ...outcome, content: blocks.length > 0 ? blocks : [text(JSON.stringify(structured))], structured };
}
