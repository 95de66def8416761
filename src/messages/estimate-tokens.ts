import type { Json } from '../events/json.js';
import type { ContentBlock, Message } from './message.js';

/** What one picture costs at most with the services that we know, about. */
const picture = 1_600;

const encoder = new TextEncoder();

/** Four bytes of UTF-8 make about one token, in most languages. */
function ofText(text: string): number {
  return encoder.encode(text).length / 4;
}

function ofJson(value: Json): number {
  return ofText(JSON.stringify(value));
}

function ofBlock(block: ContentBlock): number {
  switch (block.type) {
    case 'text':
      return ofText(block.text);
    case 'thinking':
      return ofText(block.thinking);
    case 'redacted_thinking':
      return ofText(block.data);
    case 'tool_use':
      return ofText(block.name) + ofJson(block.input);
    case 'tool_result':
      return block.content.reduce((sum, inner) => sum + ofBlock(inner), 0);
    case 'image':
      return picture;
    case 'document':
      return block.source.type === 'base64' ? Math.max(picture, block.source.data.length / 8) : picture;
    case 'provider':
      return ofJson(block.block);
  }
}

/**
 * About how many tokens a message is, without asking anybody: for text within a third of what services count, for
 * pictures and documents no more than an order of size.
 *
 * @param message any message
 * @returns a whole number, at least 1
 */
export function estimateTokens({ content }: Message): number {
  return Math.ceil(content.reduce((sum, block) => sum + ofBlock(block), 1));
}
