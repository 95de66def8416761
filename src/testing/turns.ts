import type { StreamEvent } from '../events/events.js';
import type { Json } from '../events/json.js';
import type { ContentBlock } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';
import { event, tokens, type EnvelopeOverrides } from './event.js';

/** A tool call of a scripted turn. */
export interface ScriptedToolUse {
  readonly id: string;
  readonly name: string;
  /** Default `{}`. */
  readonly input?: Json;
}

/** What a scripted turn holds; its blocks stand in the order thinking, text, tools. */
export interface TurnParts {
  /** The pieces of one thinking block, one event each. */
  readonly thinking?: readonly string[];
  /** The pieces of one text block, one event each. */
  readonly text?: readonly string[];
  readonly tools?: readonly ScriptedToolUse[];
  /** Default: `tool_use` with tools, else `end_turn`. */
  readonly stopReason?: string;
  /** Default: 10 tokens in, 5 out. `null` for a service that reports none. */
  readonly usage?: Usage | null;
  readonly model?: string;
}

/** A piece of a turn: text, thinking, a whole tool call, or an event as it is (`event.raw(…)`). */
export type TurnPiece = string | { readonly thinking: string } | ScriptedToolUse | StreamEvent;

/** How a turn ends. */
export interface TurnEnd {
  /** Default: `tool_use` with tools, else `end_turn`. */
  readonly stopReason?: string | undefined;
  /** Default: 10 tokens in, 5 out. `null` for a service that reports none. */
  readonly usage?: Usage | null | undefined;
}

/** Writes a turn piece by piece, and at its end the message that the pieces make. Pieces of one kind in a row are one block. */
export interface TurnWriter {
  readonly write: (piece: TurnPiece) => readonly StreamEvent[];
  readonly end: (end?: TurnEnd) => readonly StreamEvent[];
}

/** A writer for one turn. */
export function turnWriter(overrides: EnvelopeOverrides = {}): TurnWriter {
  const content: ContentBlock[] = [];
  let seq = 0;
  const numbered = (...events: readonly StreamEvent[]): readonly StreamEvent[] => events.map((each) => ({ ...each, seq: seq++ }));
  /** Puts the block after the others, or in the place of the last one, which it continues. */
  const put = (block: ContentBlock, continues: boolean): number => {
    content.splice(continues ? content.length - 1 : content.length, 1, block);
    return content.length - 1;
  };
  const write = (piece: TurnPiece): readonly StreamEvent[] => {
    const last = content.at(-1);
    if (typeof piece === 'string') {
      const before = last?.type === 'text' ? last.text : undefined;
      const block = put({ type: 'text', text: (before ?? '') + piece }, before !== undefined);
      return numbered(event.text(piece, { ...overrides, block }));
    }
    if ('type' in piece) return numbered(piece);
    if ('thinking' in piece) {
      const before = last?.type === 'thinking' ? last.thinking : undefined;
      const block = put({ type: 'thinking', thinking: (before ?? '') + piece.thinking }, before !== undefined);
      return numbered(event.thinking(piece.thinking, { ...overrides, block }));
    }
    const { id, name, input = {} } = piece;
    const block = put({ type: 'tool_use', id, name, input }, false);
    return numbered(
      event.toolInputStart(id, name, { ...overrides, block }),
      event.toolInputDelta(id, JSON.stringify(input), { ...overrides, block }),
      event.toolUse(id, name, input, overrides),
    );
  };
  const end = ({ stopReason, usage = tokens(10, 5) }: TurnEnd = {}): readonly StreamEvent[] => {
    const reason = stopReason ?? (content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
    const message = event.message({ role: 'assistant', content: [...content] }, { ...overrides, stopReason: reason, usage });
    return usage === null ? numbered(message) : numbered(event.usage(usage, overrides), message);
  };
  return { write, end };
}

/** A whole provider turn, from its first delta to its `message`. */
export function turn({ thinking = [], text = [], tools = [], stopReason, usage, model }: TurnParts): readonly StreamEvent[] {
  const { write, end } = turnWriter(model === undefined ? {} : { model });
  const pieces: readonly TurnPiece[] = [...thinking.map((piece) => ({ thinking: piece })), ...text, ...tools];
  return [...pieces.flatMap(write), ...end({ stopReason, usage })];
}

/** A turn that answers in text, one event a piece: `textTurn('Hel', 'lo')`. */
export function textTurn(...text: readonly string[]): readonly StreamEvent[] {
  return turn({ text });
}

/** A turn that asks for tools: `toolTurn({ id: 'call_1', name: 'clock', input: {} })`. */
export function toolTurn(...tools: readonly ScriptedToolUse[]): readonly StreamEvent[] {
  return turn({ tools });
}

