import type { Provider } from 'coldstream';
import { firstDifference } from 'coldstream/testing';
import { isColdstreamError } from '../../src/errors/describe.js';
import type { StreamEvent } from '../../src/events/events.js';
import { bytesOf, owedAt, type CutStream, type Owed } from './cut-stream.js';
import { promptFor, type CutServer } from './http1.js';

/** How many requests are open at once. */
const TOGETHER = 16;

/** The server lets the client read before it breaks the connection off; a client that reads nothing for as many turns of the event loop never will. */
const MOST_TURNS = 200_000;

/** What is cut, and how. */
export interface Cutting {
  readonly provider: Provider;
  readonly server: CutServer;
  /** Whether the connection ends, and not the answer: then the server has to be asked for it. */
  readonly breaks: boolean;
  /** What such a cut is called, by the `_tag` of the error. */
  readonly tags: readonly string[];
}

interface Told {
  readonly events: StreamEvent[];
  ended: 'complete' | 'error' | undefined;
  error?: unknown;
}

/** One answer that is cut there, and what is wrong with what was told of it. */
async function tryCut({ provider, server, breaks, tags }: Cutting, cut: number, owed: Owed): Promise<string | undefined> {
  const told: Told = { events: [], ended: undefined };
  const request = { messages: [{ role: 'user', content: [{ type: 'text', text: promptFor(cut) }] }], runId: 'run' } as const;
  await new Promise<void>((resolve, reject) => {
    let turns = 0;
    const askForBreak = (): void => {
      turns += 1;
      if (told.ended !== undefined || (told.events.length >= owed.tells.length && server.breakOff(cut))) return;
      if (turns > MOST_TURNS) reject(new Error(`cut at ${cut}: told ${told.events.length} of ${owed.tells.length} events and no more`));
      else setImmediate(askForBreak);
    };
    provider(request).subscribe({
      next: (event) => told.events.push(event),
      error: (error: unknown) => {
        Object.assign(told, { ended: 'error', error });
        resolve();
      },
      complete: () => {
        told.ended = 'complete';
        resolve();
      },
    });
    if (breaks) askForBreak();
  });
  return faultOf(told, owed, tags);
}

function faultOf({ events, ended, error }: Told, { tells, adds, whole, partial }: Owed, tags: readonly string[]): string | undefined {
  const expected = [...tells, ...adds];
  const types = events.map(({ type }) => type).join(' ');
  if (whole !== (ended === 'complete')) return `${ended ?? 'no end'} after ${types}${ended === 'error' ? `: ${String(error)}` : ''}`;
  const difference = firstDifference(events, expected);
  if (difference !== undefined) return difference;
  if (whole) return firstDifference(events.at(-1)?.metadata['incomplete'], adds.at(-1)?.metadata['incomplete']);
  if (!isColdstreamError(error)) return `an error of no kind: ${String(error)}`;
  const { _tag: tag, partial: told, retryable } = error;
  if (!tags.includes(tag)) return `${tag} (${error.message}), not ${tags.join(' or ')}`;
  return firstDifference({ partial: told, retryable }, { partial, retryable: true });
}

/** Cuts the stream after each number of its bytes, and gives what was wrong, a line each. */
export async function tryCuts(stream: CutStream, cutting: Cutting): Promise<readonly string[]> {
  const last = bytesOf(stream).length;
  const faults: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next <= last) {
      const cut = next;
      next += 1;
      const fault = await tryCut(cutting, cut, owedAt(stream, cut));
      if (fault !== undefined) faults.push(`byte ${cut} of ${last}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return faults;
}

/** A few of the faults, since one of them mostly comes with a hundred others. */
export function summaryOf(faults: readonly string[]): string {
  return [...faults.slice(0, 5), ...(faults.length > 5 ? [`and ${faults.length - 5} more`] : [])].join('\n');
}
