import { measure } from './measure.js';
import { progress } from './progress.js';
import type { Measured } from './results.js';
import type { Extent, Series } from './series.js';
import type { Addresses } from './server/services.js';
import { shuffled } from './statistics.js';
import type { Figures } from './task.js';

/** Vercel's AI SDK speaks by fetch, and so HTTP/1.1; the other peers speak as the SDKs do. */
const OVER_HTTP1 = /-http1$|^vercel-/;

/** What all series share. */
export interface Bench {
  readonly addresses: Addresses;
  readonly extent: Extent;
  /** The Node that runs the peers; undefined leaves them out. */
  readonly peerNode: string | undefined;
}

/** All rounds of a series: in each of them every client once, in an order of chance, with its figures. */
export async function measureSeries(one: Series, { addresses, extent, peerNode }: Bench): Promise<Measured> {
  const rounds: Readonly<Record<string, Figures>>[] = [];
  const failures: Record<string, string> = {};
  const peers = peerNode === undefined ? [] : one.peers;
  for (let round = 0; round < one.rounds; round += 1) {
    const figures: Record<string, Figures> = {};
    for (const client of shuffled([...one.clients, ...(round < extent.peerRounds ? peers : [])])) {
      if (failures[client] !== undefined) continue;
      progress(`${one.id}, round ${String(round + 1)} of ${String(one.rounds)}: ${client}`);
      const isPeer = peers.includes(client);
      const url = addresses[OVER_HTTP1.test(client) ? 'http1' : one.service];
      try {
        figures[client] = await measure(client, isPeer, url, one.task, peerNode);
      } catch (error) {
        failures[client] = error instanceof Error ? error.message : String(error);
      }
    }
    rounds.push(figures);
  }
  progress('');
  return { id: one.id, rounds, failures };
}
