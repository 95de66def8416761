import type { Message } from './message.js';

/** A conversation in memory: a history as agents take it, which shows what it holds. */
export interface MemoryHistory {
  /** The messages so far. */
  load(): Iterable<readonly Message[]>;
  /** Adds messages when it is iterated, which subscribing does. */
  append(messages: readonly Message[]): Iterable<never>;
  /** What it holds. */
  messages(): readonly Message[];
}

/**
 * A history in memory, for one conversation. Give one to `agent` for a single user, or a new one with each run's
 * parameters: an agent that serves several users must not mix them.
 *
 * @param initial messages to begin with
 * @returns the history; `messages()` shows what it holds
 */
export function memoryHistory(initial: readonly Message[] = []): MemoryHistory {
  let kept = [...initial];
  return {
    load: () => [kept],
    // Lists and generators rather than Observables: what flows knows nothing of what moves it.
    append: (messages) => ({
      *[Symbol.iterator]() {
        kept = [...kept, ...messages];
      },
    }),
    messages: () => kept,
  };
}
