import type { Step } from './script.js';

/** A service's form of an answer. */
export interface Wire {
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that say it. */
  encode(step: Step): Buffer;
  /** How often this stands in a request's body, so often a tool has answered. */
  readonly resultMark: string;
  /** The text of a request's first user message, from its body. */
  promptOf(body: string): string;
}
