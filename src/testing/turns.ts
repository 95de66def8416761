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

function toolEvents({ id, name, input = {} }: ScriptedToolUse, block: number, overrides: EnvelopeOverrides): readonly StreamEvent[] {
  return [
    event.toolInputStart(id, name, { ...overrides, block }),
    event.toolInputDelta(id, JSON.stringify(input), { ...overrides, block }),
    event.toolUse(id, name, input, overrides),
  ];
}

/** A whole provider turn, from its first delta to its `message`. */
export function turn({ thinking = [], text = [], tools = [], stopReason, usage = tokens(10, 5), model }: TurnParts): readonly StreamEvent[] {
  const overrides: EnvelopeOverrides = model === undefined ? {} : { model };
  const content: ContentBlock[] = [];
  const events: StreamEvent[] = [];
  if (thinking.length > 0) {
    events.push(...thinking.map((piece) => event.thinking(piece, { ...overrides, block: content.length })));
    content.push({ type: 'thinking', thinking: thinking.join('') });
  }
  if (text.length > 0) {
    events.push(...text.map((piece) => event.text(piece, { ...overrides, block: content.length })));
    content.push({ type: 'text', text: text.join('') });
  }
  for (const call of tools) {
    events.push(...toolEvents(call, content.length, overrides));
    content.push({ type: 'tool_use', id: call.id, name: call.name, input: call.input ?? {} });
  }
  const reason = stopReason ?? (tools.length > 0 ? 'tool_use' : 'end_turn');
  if (usage !== null) events.push(event.usage(usage, overrides));
  events.push(event.message({ role: 'assistant', content }, { ...overrides, stopReason: reason, usage }));
  return events.map((each, seq) => ({ ...each, seq }));
}

/** A turn that answers in text, one event a piece: `textTurn('Hel', 'lo')`. */
export function textTurn(...text: readonly string[]): readonly StreamEvent[] {
  return turn({ text });
}

/** A turn that asks for tools: `toolTurn({ id: 'call_1', name: 'clock', input: {} })`. */
export function toolTurn(...tools: readonly ScriptedToolUse[]): readonly StreamEvent[] {
  return turn({ tools });
}

