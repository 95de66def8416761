import { concatMap, defer, from, map, of, take, throwIfEmpty, type Observable, type ObservableInput } from 'rxjs';
import { CallbackError, ConfigurationError } from '../errors/errors.js';
import { requireCount } from '../errors/require.js';
import { observe } from '../internal/observe.js';
import { cutFor, type Cut } from '../messages/keep-end.js';
import type { Message } from '../messages/message.js';
import { repairMessages } from '../messages/repair.js';
import { loadedBy, type History } from './history.js';
import { userText } from './options.js';

/** When a history is summarised, and by whom. */
export interface SummaryOptions {
  /** Summarise once the conversation is larger than this. Default 40 messages. */
  readonly above?: number;
  /** How much of its end stays as it is. Default 10 messages. */
  readonly keep?: number;
  /** What one message counts, for both limits: `estimateTokens`, say. Default: 1. */
  readonly sizeOf?: (message: Message) => number;
  /** Gives the text that stands for the older messages; they are a sound conversation, which a model can be asked about. */
  readonly summarize: (older: readonly Message[]) => string | ObservableInput<string>;
}

/** A summary, and from which message on the conversation stands as it is. */
interface Summary {
  readonly head: readonly Message[];
  readonly from: number;
  /** The last message that it covers, as text: a history that was changed since needs another one. */
  readonly last: string;
}

function textOf(message: Message | undefined): string {
  return JSON.stringify(message ?? null);
}

/** The conversation with a summary in the place of what it covers. */
function shortened(messages: readonly Message[], summary: Summary | null): readonly Message[] {
  return summary === null ? messages : [...summary.head, ...messages.slice(summary.from)];
}

/**
 * Makes a decorator of histories: of a long conversation a run loads a summary of its older part, and the latest messages
 * as they are. What is kept stays whole.
 *
 * The summary is made when a run loads the history and it has grown beyond `above`; the next one is made of that summary
 * and what came since. The decorated history remembers it, so keep one for each conversation, as with the history itself.
 * A program that starts again makes a new one.
 *
 * @example
 * ```ts
 * import { agent, memoryHistory, summarizing } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { finalText } from 'coldstream/operators';
 *
 * const provider = anthropic({ model: 'claude-sonnet-5' });
 * const scribe = agent({ provider, instructions: 'Sum up the conversation so far in a few sentences, for the one who goes on with it.' });
 * const history = summarizing({
 *   summarize: (older) => scribe([...older, { role: 'user', content: [{ type: 'text', text: 'Sum up.' }] }]).pipe(finalText()),
 * })(memoryHistory());
 *
 * export const ask = agent({ provider, history });
 * ```
 *
 * @param options when, and by whom; where `summarize` fails, the run ends with an `error` event of code `history`
 * @returns a function from a history to one that loads less
 * @throws ConfigurationError for a count below 1, or a `keep` that is not below `above`
 */
export function summarizing({ above = 40, keep = 10, sizeOf = () => 1, summarize }: SummaryOptions): (history: History) => History {
  requireCount('above', above);
  requireCount('keep', keep);
  if (keep >= above) throw new ConfigurationError(`keep must be below above, which is ${above}, not ${keep}.`);
  return (history) => {
    let summary: Summary | null = null;
    const shorten = (loaded: readonly Message[]): Observable<readonly Message[]> => {
      const messages = repairMessages(loaded);
      if (summary !== null && summary.last !== textOf(messages[summary.from - 1])) summary = null;
      const short = shortened(messages, summary);
      const cut = cutFor(messages, keep, sizeOf);
      if (short.reduce((sum, message) => sum + sizeOf(message), 0) <= above || cut.from <= (summary?.from ?? 0)) return of(short);
      const older = short.slice(0, short.length - messages.length + cut.from);
      return observe(summarize(older)).pipe(
        take(1),
        throwIfEmpty(() => new CallbackError('summarize gave no summary.')),
        map((text) => {
          summary = summaryOf(String(text), messages, cut);
          return shortened(messages, summary);
        }),
      );
    };
    return loadedBy(() => defer(() => from(history.load())).pipe(take(1), concatMap(shorten)), history);
  };
}

function summaryOf(text: string, messages: readonly Message[], { from, question }: Cut): Summary {
  const told = userText(`This is what was said before, in short:\n\n${text}`);
  return { head: [told, ...messages.slice(question, question === from ? question : question + 1)], from, last: textOf(messages[from - 1]) };
}
