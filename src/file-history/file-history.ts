import { resolve } from 'node:path';
import { defer, from, ignoreElements, map, type Observable } from 'rxjs';
import type { History } from '../agent/history.js';
import { requireText } from '../errors/require.js';
import type { Message } from '../messages/message.js';
import { contentsOf, ConversationFile } from './conversation-file.js';

/** What a history in a file may be told. */
export interface FileHistoryOptions {
  /** Told what failed when the run that it was for is gone. Default: nobody is told. */
  readonly onError?: (error: unknown) => void;
}

/** A history in a file. */
export interface FileHistory extends History {
  /** What the file holds now, also while a run uses it. */
  messages(): Observable<readonly Message[]>;
}

/** What this process is doing with each file, so that a run that begins when another ends finds it released. */
const doing = new Map<string, Promise<unknown>>();

/** Does the work when what was asked before of the same file is done. */
async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const done = (doing.get(path) ?? Promise.resolve()).then(work);
  const settled = done.then(
    () => undefined,
    () => undefined,
  );
  doing.set(path, settled);
  await settled;
  if (doing.get(path) === settled) doing.delete(path);
  return done;
}

/**
 * A history in a file of JSON lines, for one conversation.
 *
 * Each line holds what one iteration added, so a line that a crash has cut off takes a call and its result with it, or
 * neither: it is dropped when the file is loaded, and cut off by the next append. An append is on the disk before it
 * completes. The file is made, readable by its owner only, with the first of them.
 *
 * From its `load` to its end a run has the file for itself, by a file `PATH.lock` beside it: a run of another process, or
 * by another `fileHistory` of the same path, ends with an `error` event of code `history_busy`. A process that dies does
 * not keep the lock: the next one sees that it is dead (on another machine: that it has been silent for a minute) and
 * takes over. Without an agent, call `release` when you are done with what `load` gave.
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { fileHistory } from 'coldstream/file-history';
 *
 * const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5' }) });
 * export const answer = (conversation: string, question: string) => ask(question, { history: fileHistory(`conversations/${conversation}.jsonl`) });
 * ```
 *
 * @param path the file; its folder is made where there is none. A name that comes from outside must be checked before: it could lead anywhere
 * @param options who is told of failures that come too late for a run
 * @returns the history. Loading fails with `HistoryError` for a file that is none of ours, and leaves it as it is
 * @throws ConfigurationError for an empty path
 */
export function fileHistory(path: string, { onError = () => undefined }: FileHistoryOptions = {}): FileHistory {
  const file = new ConversationFile(requireText('path', path));
  const key = resolve(path);
  return {
    load: () => defer(() => inTurn(key, () => file.load())),
    append: (messages) => defer(() => inTurn(key, () => file.append(messages))).pipe(ignoreElements()),
    release: () => void inTurn(key, () => file.release()).catch(onError),
    messages: () => defer(() => from(contentsOf(path))).pipe(map(({ messages }) => messages)),
    onError,
  };
}
