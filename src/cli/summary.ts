import type { ContentBlock } from '../messages/message.js';
import { totalInputTokens, type Usage } from '../messages/usage.js';
import type { Json } from '../events/json.js';
import { printableLine } from './printable.js';

const shownInput = 200;
const shownResult = 300;

/** A tool's input on one line. */
export function inputLine(input: Json): string {
  return printableLine(JSON.stringify(input), shownInput);
}

function blockText(block: ContentBlock): string {
  return block.type === 'text' ? block.text : `[${block.type}]`;
}

/** A tool's result on one line. */
export function resultLine(content: readonly ContentBlock[]): string {
  return printableLine(content.map(blockText).join(' '), shownResult) || '(nothing)';
}

/** A span of time for people: `35 ms`, `2.04 s`. */
export function spanText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** What a run has cost: `812 tokens in (600 from the cache), 94 out`. */
export function usageText(usage: Usage | null): string {
  if (usage === null) return 'no token counts reported';
  const cached = usage.cacheReadTokens === 0 ? '' : ` (${usage.cacheReadTokens} from the cache)`;
  return `${totalInputTokens(usage)} tokens in${cached}, ${usage.outputTokens} out`;
}

/** How far a tool is: `2/4`, `2`, with its message. */
export function progressText(content: { readonly progress?: number; readonly total?: number; readonly message?: string; readonly partial?: Json }): string {
  const total = content.total === undefined ? '' : `/${content.total}`;
  const count = content.progress === undefined ? '' : `${content.progress}${total}`;
  const message = content.message === undefined ? '' : printableLine(content.message, shownInput);
  const partial = content.partial === undefined ? '' : inputLine(content.partial);
  return [count, message, partial].filter((text) => text !== '').join(' ') || 'working';
}
