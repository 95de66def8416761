import { messageOf } from '../errors/describe.js';
import type { Json } from '../events/json.js';
import { findFaultOf, parsePartialJson } from './partial-json.js';

/** The input of a tool call, as far as it can be read. */
export interface ReadInput {
  /** The input; where the text is no valid JSON, what there is of it. */
  readonly input: Json;
  /** Why no tool may be given this input. */
  readonly error?: { readonly text: string; readonly message: string };
}

/** Reads the JSON text that a call's deltas came to; nothing at all stands for `whenEmpty`. */
export function readInput(text: string, whenEmpty: Json = {}): ReadInput {
  if (text === '') return { input: whenEmpty };
  try {
    const input: Json = JSON.parse(text);
    const fault = findFaultOf(text, input);
    return fault === undefined ? { input } : { input: {}, error: { text, message: `it holds what no tool is given: ${fault}` } };
  } catch (error) {
    return { input: parsePartialJson(text) ?? {}, error: { text, message: messageOf(error) } };
  }
}
