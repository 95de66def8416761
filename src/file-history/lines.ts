import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { HistoryError } from '../errors/errors.js';
import { explain } from '../events/explain-codec.js';
import { Message } from '../messages/message-codec.js';

/** The first line of each file, so that no other file is taken for a history, and written to. */
const header = '{"coldstream":"history","version":1}';

const Batch = t.readonlyArray(Message, 'Messages');
const newline = 0x0a;

/** What a file holds. */
export interface Contents {
  readonly messages: readonly Message[];
  /** Where the last whole line ends: what stands behind it was never finished. */
  readonly end: number;
}

/** The bytes that add messages to a file that ends there, in one line. */
export function linesFor(messages: readonly Message[], end: number): Buffer {
  return Buffer.from(`${end === 0 ? `${header}\n` : ''}${JSON.stringify(messages)}\n`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The whole lines, and where they end. A last one that is no JSON was cut by a power failure, and is none. */
function wholeLines(bytes: Buffer): { readonly lines: readonly string[]; readonly end: number } {
  const end = bytes.lastIndexOf(newline) + 1;
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  const last = lines.at(-1);
  if (last === undefined || parsed(last) !== undefined) return { lines, end };
  return { lines: lines.slice(0, -1), end: end < 2 ? 0 : bytes.lastIndexOf(newline, end - 2) + 1 };
}

/**
 * Reads a file's bytes.
 *
 * @param path for messages
 * @throws HistoryError for bytes that no history of ours can consist of
 */
export function readContents(bytes: Buffer, path: string): Contents {
  const { lines, end } = wholeLines(bytes);
  const [first, ...batches] = lines;
  if (first === undefined ? !`${header}\n`.startsWith(bytes.toString('utf8')) : first !== header) {
    throw new HistoryError(`${path} is no history of coldstream, or one of a later version: its first line is not ${header}.`);
  }
  return { messages: batches.flatMap((line, at) => batchOf(line, `${path}, line ${at + 2}`)), end };
}

function batchOf(line: string, where: string): readonly Message[] {
  const decoded = Batch.decode(parsed(line));
  if (E.isLeft(decoded)) throw new HistoryError(`${where}: ${explain(decoded.left)}`);
  return decoded.right;
}
