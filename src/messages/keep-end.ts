import { requireCount } from '../errors/require.js';
import { estimateTokens } from './estimate-tokens.js';
import type { Message } from './message.js';
import { repairMessages } from './repair.js';

/** Where a conversation may be cut: what is kept is the question, where it stands before the cut, and all from the cut on. */
export interface Cut {
  readonly from: number;
  /** The user's message that what is kept is about. */
  readonly question: number;
}

/** Whether the message is the user's own word, and not what answers the calls of the message before. */
function isQuestion({ role, content }: Message): boolean {
  return role === 'user' && !content.some(({ type }) => type === 'tool_result');
}

/** The places before the user's own messages and before the model's: never between a call and its result. */
function cuts(messages: readonly Message[]): readonly Cut[] {
  let question = 0;
  return messages.flatMap((message, from) => {
    if (isQuestion(message)) question = from;
    else if (message.role === 'user') return [];
    return [{ from, question }];
  });
}

/**
 * The first cut after which what is kept is at most so large; where none is, the last one.
 *
 * @param messages a sound conversation
 */
export function cutFor(messages: readonly Message[], most: number, sizeOf: (message: Message) => number): Cut {
  const sizes = messages.map(sizeOf);
  let rest = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  const possible = cuts(messages);
  for (const cut of possible) {
    for (; before < cut.from; before += 1) rest -= sizes[before] ?? 0;
    if (rest + (cut.question === cut.from ? 0 : (sizes[cut.question] ?? 0)) <= most) return cut;
  }
  return possible.at(-1) ?? { from: 0, question: 0 };
}

/** What a cut keeps. */
function after(messages: readonly Message[], { from, question }: Cut): readonly Message[] {
  if (from === 0) return messages;
  const kept = messages.slice(from);
  return question === from ? kept : [...messages.slice(question, question + 1), ...kept];
}

/**
 * Makes a function that keeps the end of a conversation, for `trimming` or for messages of your own.
 *
 * What it keeps is a sound conversation: it begins with a user message, and no call is parted from its result. Where one
 * question led to more messages than allowed, the question and the latest steps are kept. At the least the last step
 * stays, whatever the limit.
 *
 * @example
 * ```ts
 * import { keepLast, memoryHistory, trimming } from 'coldstream';
 *
 * export const history = trimming(keepLast(20))(memoryHistory());
 * ```
 *
 * @param count how many messages at most
 * @returns a pure function of messages
 * @throws ConfigurationError for a count below 1
 */
export function keepLast(count: number): (messages: readonly Message[]) => readonly Message[] {
  requireCount('count', count);
  return ending(count, () => 1);
}

/**
 * The same as `keepLast`, by the size of what is kept.
 *
 * @param tokens how many tokens at most
 * @param estimate how many one message is; default `estimateTokens`, which asks nobody and is about right for text
 * @returns a pure function of messages
 * @throws ConfigurationError for a limit below 1
 */
export function keepTokens(tokens: number, estimate: (message: Message) => number = estimateTokens): (messages: readonly Message[]) => readonly Message[] {
  requireCount('tokens', tokens);
  return ending(tokens, estimate);
}

function ending(most: number, sizeOf: (message: Message) => number): (messages: readonly Message[]) => readonly Message[] {
  return (messages) => {
    const sound = repairMessages(messages);
    return after(sound, cutFor(sound, most, sizeOf));
  };
}
