import type { Task, Work } from './task.js';

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  /** Rounds of what takes long: the slow peers, and streams that are paced by the clock. */
  readonly slowRounds: number;
  /** How long one figure of CPU is measured, in milliseconds. */
  readonly milliseconds: number;
  readonly requests: number;
  readonly idleStreams: number;
  readonly pacedMilliseconds: number;
}

export const full: Extent = { rounds: 9, slowRounds: 5, milliseconds: 500, requests: 300, idleStreams: 400, pacedMilliseconds: 4_000 };
export const quick: Extent = { rounds: 3, slowRounds: 1, milliseconds: 200, requests: 100, idleStreams: 200, pacedMilliseconds: 1_500 };

/** Clients that are measured side by side with one task. */
export interface Series {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly wire: Wire;
  /** Where the clients connect; a client that ends in `-http1` connects to the other one. */
  readonly service: 'http1' | 'http2';
  readonly clients: readonly string[];
  readonly peers: readonly string[];
  readonly task: Task;
  readonly slow?: boolean;
}

export type Wire = 'anthropic' | 'bedrock';

const clientsOf: Readonly<Record<Wire, { readonly service: 'http1' | 'http2'; readonly clients: readonly string[]; readonly sdk: string }>> = {
  anthropic: { service: 'http1', clients: ['limit', 'coldstream', 'coldstream-lean', 'sdk'], sdk: 'sdk' },
  bedrock: { service: 'http2', clients: ['bedrock-limit', 'bedrock-coldstream', 'bedrock-aws-sdk'], sdk: 'bedrock-aws-sdk' },
};
const textClients: Readonly<Record<Wire, readonly string[]>> = {
  anthropic: ['limit', 'coldstream', 'coldstream-text', 'coldstream-provider', 'coldstream-lean', 'coldstream-lean-text', 'sdk'],
  bedrock: ['bedrock-limit', 'bedrock-limit-http1', 'bedrock-coldstream', 'bedrock-coldstream-text', 'bedrock-coldstream-http1', 'bedrock-provider', 'bedrock-aws-sdk', 'bedrock-aws-sdk-http1'],
};
const peersOf: Readonly<Record<Wire, readonly string[]>> = {
  anthropic: ['vercel-anthropic', 'langchain-anthropic', 'strands-anthropic'],
  bedrock: ['vercel-bedrock', 'langchain-bedrock', 'strands-bedrock'],
};

const text = (deltas: number): Work => ({ method: 'text', prompt: `text ${String(deltas)}`, units: deltas / 100_000 });
const input = (bytes: number): Work => ({ method: 'toolInput', prompt: `input ${String(bytes)}`, units: bytes });
const loop = (turns: number): Work => ({ method: 'loop', prompt: `loop ${String(turns)}`, units: 1 });

/** The sizes that the goals name. */
export const DELTAS = [1_000, 10_000, 100_000] as const;
export const INPUT_BYTES = [16_384, 262_144, 1_048_576] as const;
export const TURNS = [10, 50, 200] as const;

/** The one measured against which the others are: the first of a series. */
export function limitOf({ clients }: Series): string {
  return clients[0] ?? '';
}

function ofWire(wire: Wire, { milliseconds, requests, idleStreams, pacedMilliseconds }: Extent): readonly Series[] {
  const { service, clients } = clientsOf[wire];
  const two = clients.filter((client) => client !== clientsOf[wire].sdk);
  const common = { wire, service, clients, peers: [] };
  const paced = (streams: number, interval: number): Series => ({
    ...common,
    id: `paced-${String(streams)}-${wire}`,
    title: `${String(streams)} streams, a delta each ${String(interval)} ms: delay of a delta`,
    unit: 'ms',
    slow: true,
    task: { kind: 'paced', streams, interval, count: Math.ceil(pacedMilliseconds / interval) },
  });
  return [
    {
      ...common,
      id: `text-${wire}`,
      title: '10,000 text deltas',
      unit: 'ms CPU per 100,000 deltas',
      clients: textClients[wire],
      peers: peersOf[wire],
      task: { kind: 'cpu', works: [text(10_000)], milliseconds },
    },
    {
      ...common,
      id: `length-${wire}`,
      title: 'responses of different length, each beyond a response of one delta',
      unit: 'ms CPU per 100,000 deltas',
      clients: two,
      task: { kind: 'cpu', works: DELTAS.map(text), base: text(1), milliseconds },
    },
    {
      ...common,
      id: `input-${wire}`,
      title: 'one tool call in deltas of 20 bytes, beyond a call of 20 bytes',
      unit: 'ms CPU per MiB',
      clients,
      task: { kind: 'cpu', works: INPUT_BYTES.map((bytes) => ({ ...input(bytes), units: bytes / 1_048_576 })), base: { ...input(20), units: 0 }, milliseconds },
    },
    {
      ...common,
      id: `loop-${wire}`,
      title: 'agent loop of tool turns',
      unit: 'ms CPU a run',
      task: { kind: 'cpu', works: TURNS.map(loop), milliseconds },
    },
    {
      ...common,
      id: `peers-loop-${wire}`,
      title: 'agent loop of 10 tool turns, with the peers',
      unit: 'ms CPU a run',
      clients: [clients[0] ?? '', clients[1] ?? ''],
      peers: peersOf[wire],
      slow: true,
      task: { kind: 'cpu', works: [loop(10)], milliseconds },
    },
    {
      ...common,
      id: `first-${wire}`,
      title: 'time to the first delta, one request at a time',
      unit: 'ms',
      peers: peersOf[wire],
      task: { kind: 'first', requests },
    },
    {
      ...common,
      id: `heap-${wire}`,
      title: 'heap of an open, quiet stream',
      unit: 'KiB',
      slow: true,
      peers: peersOf[wire],
      task: { kind: 'heap', streams: idleStreams },
    },
    paced(200, 10),
    paced(1_000, 100),
  ];
}

/** All that is measured of both wires. */
export function series(extent: Extent): readonly Series[] {
  return [...ofWire('anthropic', extent), ...ofWire('bedrock', extent)];
}
