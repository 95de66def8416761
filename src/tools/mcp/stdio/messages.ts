import { isRecord, printable } from '../guards.js';
import { wellFormed } from '../well-formed.js';
import type { LongLine } from './lines.js';

/** What a line of a server's output means: a JSON-RPC message, or something to warn of. */
export type Reading = { readonly message: { readonly [member: string]: unknown } } | { readonly warning: string } | undefined;

const id = String.raw`"id"\s*:\s*("(?:[^"\\]|\\.){1,200}"|-?\d{1,20})`;
const version = String.raw`"jsonrpc"\s*:\s*"2\.0"`;
// An answer has its id first or last, with nothing but the version beside it. Quotes inside a JSON string are
// escaped, so that neither pattern can match within one.
const idFirst = new RegExp(String.raw`^\s*\{\s*(?:${version}\s*,\s*)?${id}\s*,\s*(?:${version}\s*,\s*)?"(?:result|error)"\s*:`);
const resultFirst = new RegExp(String.raw`^\s*\{\s*(?:${version}\s*,\s*)?"(?:result|error)"\s*:`);
const idLast = new RegExp(String.raw`,\s*(?:${version}\s*,\s*)?${id}\s*(?:,\s*${version}\s*)?\}\s*$`);

/** The id that a line too long to be kept answers; undefined where that cannot be told. */
function answeredId({ head, tail }: LongLine): unknown {
  const match = idFirst.exec(head) ?? (resultFirst.test(head) ? idLast.exec(tail) : null);
  try {
    return match?.[1] === undefined ? undefined : JSON.parse(match[1]);
  } catch {
    return undefined;
  }
}

function readLongLine(line: LongLine): Reading {
  const answered = answeredId(line);
  const what = `longer than allowed (${line.bytes} bytes)`;
  if (answered === undefined) return { warning: `A message of the MCP server was dropped: it was ${what}.` };
  return { message: { jsonrpc: '2.0', id: answered, error: { code: -32_000, message: `The MCP server's answer was dropped: it was ${what}.` } } };
}

/** Reads one line. Empty lines mean nothing; what is not a JSON-RPC message is a warning and harms no one else. */
export function readLine(line: string | LongLine): Reading {
  if (typeof line !== 'string') return readLongLine(line);
  if (line.trim() === '') return undefined;
  const junk = { warning: `The MCP server wrote a line that is not a message: ${printable(line, 80)}` };
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) && message['jsonrpc'] === '2.0' ? { message: wellFormed(message) } : junk;
  } catch {
    return junk;
  }
}
