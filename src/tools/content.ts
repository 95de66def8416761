import { findJsonFault } from '../events/json-guard.js';
import type { Json } from '../events/json.js';
import type { ContentBlock } from '../messages/message.js';

/** What a tool returned, as the model reads it and as a value. */
export interface ToolContent {
  readonly content: readonly ContentBlock[];
  readonly structured?: Json;
}

/** The most characters of text in one result: about 60,000 tokens of English. */
const maxResultCharacters = 262_144;

/**
 * A tool's return value as content: a string is text, content blocks (ours or MCP's) stay, bytes become an image or a
 * document where they are one, anything else is its JSON, kept as a value too.
 *
 * @throws TypeError for what JSON cannot hold (a BigInt, a cycle)
 */
export function toContent(value: unknown): ToolContent {
  if (value === undefined) return { content: [text('(no output)')] };
  if (typeof value === 'string') return { content: [text(value)] };
  if (value instanceof Uint8Array) return { content: [fromBytes(value)] };
  if (value instanceof ArrayBuffer) return { content: [fromBytes(new Uint8Array(value))] };
  const blocks = toBlocks(value);
  if (blocks !== undefined) return { content: blocks };
  const structured = toJson(value);
  const json = JSON.stringify(structured);
  // What the model reads is held to a limit further on; the value beside it would not be.
  return { content: [text(json)], ...(json.length > maxResultCharacters ? {} : { structured }) };
}

/**
 * A value as JSON would carry it: dates as text, no functions.
 *
 * @throws TypeError for what JSON, or an event, cannot hold
 */
export function toJson(value: unknown): Json {
  const json: string | undefined = JSON.stringify(value ?? null);
  if (json === undefined) throw new TypeError(`A ${typeof value} cannot be written as JSON.`);
  const parsed: Json = JSON.parse(json);
  // Three levels down, as deep as an event holds it.
  const fault = findJsonFault([[[parsed]]]);
  if (fault !== undefined) throw new TypeError(`The value cannot be carried by an event: ${fault.reason}.`);
  return parsed;
}

/** The same for a value that is only shown: one over the limit is told by its size. */
export function toShownJson(value: unknown): Json {
  const json = toJson(value);
  const { length } = JSON.stringify(json);
  return length > maxResultCharacters ? `(${String(length)} characters of JSON, not shown)` : json;
}

function text(value: string): ContentBlock {
  return { type: 'text', text: value };
}

/** The value's blocks, or undefined if it is not a list of blocks. */
function toBlocks(value: unknown): readonly ContentBlock[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const blocks = value.map(toBlock);
  const known = blocks.filter((block) => block !== undefined);
  return known.length === blocks.length ? known : undefined;
}

function toBlock(value: unknown): ContentBlock | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  if (value.type === 'text' && 'text' in value && typeof value.text === 'string') return text(value.text);
  if (value.type !== 'image' && value.type !== 'document') return undefined;
  if ('data' in value && typeof value.data === 'string' && 'mimeType' in value && typeof value.mimeType === 'string') {
    return { type: value.type, source: { type: 'base64', mediaType: value.mimeType, data: value.data } };
  }
  const source = 'source' in value ? value.source : undefined;
  if (typeof source !== 'object' || source === null || !('type' in source)) return undefined;
  if (source.type === 'url' && 'url' in source && typeof source.url === 'string') {
    return { type: value.type, source: { type: 'url', url: source.url } };
  }
  if (source.type !== 'base64' || !('data' in source) || typeof source.data !== 'string') return undefined;
  if (!('mediaType' in source) || typeof source.mediaType !== 'string') return undefined;
  return { type: value.type, source: { type: 'base64', mediaType: source.mediaType, data: source.data } };
}

/** First bytes of the formats that models read. */
const signatures = [
  { type: 'image', mediaType: 'image/png', bytes: [0x89, 0x50, 0x4e, 0x47] },
  { type: 'image', mediaType: 'image/jpeg', bytes: [0xff, 0xd8, 0xff] },
  { type: 'image', mediaType: 'image/gif', bytes: [0x47, 0x49, 0x46, 0x38] },
  { type: 'document', mediaType: 'application/pdf', bytes: [0x25, 0x50, 0x44, 0x46] },
] as const;

function fromBytes(bytes: Uint8Array): ContentBlock {
  const known = signatures.find((signature) => signature.bytes.every((byte, index) => bytes[index] === byte));
  if (known === undefined) return text(`(${String(bytes.length)} bytes of binary output, not shown)`);
  return { type: known.type, source: { type: 'base64', mediaType: known.mediaType, data: toBase64(bytes) } };
}

/** Base64 without Node's Buffer, in slices that fit on the stack. */
function toBase64(bytes: Uint8Array): string {
  const slice = 8_190;
  let encoded = '';
  for (let start = 0; start < bytes.length; start += slice) {
    encoded += btoa(String.fromCharCode(...bytes.subarray(start, start + slice)));
  }
  return encoded;
}

/** Content with its text held to `limit` characters in all, cut between code points, with a note of what was left out. */
export function limitText(content: readonly ContentBlock[], limit = maxResultCharacters): readonly ContentBlock[] {
  let left = limit;
  let cut = false;
  const limited = content.map((block) => {
    if (block.type !== 'text' || block.text.length <= left) {
      if (block.type === 'text') left -= block.text.length;
      return block;
    }
    cut = true;
    const kept = block.text.slice(0, left);
    const whole = /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
    const note = `\n… (cut: ${String(block.text.length - whole.length)} of ${String(block.text.length)} characters are left out)`;
    left = 0;
    return { ...block, text: whole + note };
  });
  return cut ? limited : content;
}
