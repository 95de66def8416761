import type { Json, JsonObject } from '../events/json.js';
import type { ContentBlock } from './message.js';
import { parsePartialJson } from './partial-json.js';

/** Values in the order of their arrival, newest first: one can be added without copying the others. */
export interface Chain<Value> {
  readonly value: Value;
  readonly before: Chain<Value> | null;
}

interface Placed {
  /** Position of the block in the message. */
  readonly block: number;
  /** How many parts came before it; tells parts at the same position apart. */
  readonly order: number;
}

export interface TextPart extends Placed {
  readonly kind: 'text';
  readonly text: string;
  readonly citations: Chain<Json> | null;
}

export interface ThinkingPart extends Placed {
  readonly kind: 'thinking';
  readonly thinking: string;
}

export interface CallPart extends Placed {
  readonly kind: 'tool_use';
  readonly id: string;
  readonly name: string;
  /** The input's JSON text so far. */
  readonly text: string;
  /** The input of a call that has ended. */
  readonly input: Json | undefined;
}

export interface ServerPart extends Placed {
  readonly kind: 'server';
  readonly content: JsonObject;
}

/** A block while it arrives. Never changed: each event makes the next one. */
export type Part = TextPart | ThinkingPart | CallPart | ServerPart;

/** The block that a part has become. The input of a call that was cut is parsed here, as far as it goes. */
export function blockOf(part: Part): ContentBlock {
  switch (part.kind) {
    case 'text': {
      const text: ContentBlock = { type: 'text', text: part.text };
      return part.citations === null ? text : { ...text, citations: inOrder(part.citations) };
    }
    case 'thinking':
      return { type: 'thinking', thinking: part.thinking };
    case 'tool_use':
      return { type: 'tool_use', id: part.id, name: part.name, input: part.input ?? partialInput(part.text) };
    case 'server':
      return { type: 'provider', provider: 'unknown', block: part.content };
  }
}

/** What can be read of an input whose JSON is cut or broken; `{}` where that is nothing. */
export function partialInput(text: string): Json {
  return parsePartialJson(text) ?? {};
}

/** A chain's values, oldest first. */
export function inOrder<Value>(chain: Chain<Value> | null): Value[] {
  const values: Value[] = [];
  for (let link = chain; link !== null; link = link.before) values.push(link.value);
  return values.reverse();
}

/** The newest value that matches and the chain without it; null where there is none. */
export function takeFrom<Value, Wanted extends Value>(
  chain: Chain<Value> | null,
  matches: (value: Value) => value is Wanted,
): { readonly found: Wanted; readonly rest: Chain<Value> | null } | null {
  const passed: Value[] = [];
  for (let link = chain; link !== null; link = link.before) {
    if (matches(link.value)) {
      return { found: link.value, rest: passed.reduceRight((before, value) => ({ value, before }), link.before) };
    }
    passed.push(link.value);
  }
  return null;
}
