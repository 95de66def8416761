import type { Task, Work } from './task.js';

/** How much is measured. */
export interface Extent {
  /** Rounds of the text, which the goals of the first line are about. */
  readonly textRounds: number;
  readonly rounds: number;
  /** Rounds of the peers, which are slow. */
  readonly peerRounds: number;
  /** How long one figure of CPU is measured, in milliseconds. */
  readonly milliseconds: number;
  /** Whether all clients are measured in all series, or those that the goals name and no more. */
  readonly all: boolean;
  readonly requests: number;
  readonly idleStreams: number;
  readonly pacedMilliseconds: number;
}

export const full: Extent = { all: true, textRounds: 11, rounds: 7, peerRounds: 3, milliseconds: 500, requests: 300, idleStreams: 400, pacedMilliseconds: 5_000 };
export const quick: Extent = { all: false, textRounds: 2, rounds: 2, peerRounds: 1, milliseconds: 150, requests: 100, idleStreams: 100, pacedMilliseconds: 1_000 };

/** How long a process warms up, in milliseconds of CPU. */
const WARM = 700;
/** A loop runs through all that a client is made of, a few times each turn: it takes the compiler longer. */
const WARM_LOOPS = 1_500;

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
  readonly rounds: number;
}

export type Wire = 'anthropic' | 'bedrock';

interface Clients {
  readonly service: 'http1' | 'http2';
  /** Limit B, ours and the raw SDK, which the goals name. */
  readonly named: readonly [limit: string, ours: string, sdk: string];
  /** The text alone, as the goals name it. */
  readonly text: string;
  readonly lean: readonly string[];
  readonly others: readonly string[];
}

const clientsOf: Readonly<Record<Wire, Clients>> = {
  anthropic: {
    service: 'http1',
    named: ['limit', 'coldstream', 'sdk'],
    text: 'coldstream-text',
    lean: ['coldstream-lean'],
    others: ['coldstream-lean-text', 'coldstream-provider'],
  },
  bedrock: {
    service: 'http2',
    named: ['bedrock-limit', 'bedrock-coldstream', 'bedrock-aws-sdk'],
    text: 'bedrock-coldstream-text',
    lean: [],
    others: ['bedrock-provider', 'bedrock-limit-http1', 'bedrock-coldstream-http1', 'bedrock-aws-sdk-http1'],
  },
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

function ofWire(wire: Wire, extent: Extent): readonly Series[] {
  const { all, textRounds, rounds, peerRounds, milliseconds, requests, idleStreams, pacedMilliseconds } = extent;
  const { service, named, text: textClient, lean, others } = clientsOf[wire];
  const more = all ? peersOf[wire] : [];
  const common = { wire, service, clients: all ? [...named, ...lean] : named, peers: [], rounds };
  const paced = (streams: number, interval: number): Series => ({
    ...common,
    id: `paced-${String(streams)}-${wire}`,
    title: `${String(streams)} streams, a delta each ${String(interval)} ms: delay of a delta`,
    unit: 'ms',
    clients: all ? common.clients : wire === 'anthropic' ? named.slice(0, 2) : named,
    task: { kind: 'paced', streams, interval, count: Math.ceil(pacedMilliseconds / interval) },
  });
  return [
    {
      ...common,
      id: `text-${wire}`,
      title: '10,000 text deltas',
      unit: 'ms CPU per 100,000 deltas',
      clients: [...named, textClient, ...lean, ...(all ? others : [])],
      rounds: textRounds,
      peers: peersOf[wire],
      task: { kind: 'cpu', works: [text(10_000)], milliseconds, warm: WARM },
    },
    {
      ...common,
      id: `length-${wire}`,
      title: 'responses of different length, each beyond a response of one delta',
      unit: 'ms CPU per 100,000 deltas',
      clients: named.slice(0, 2),
      task: { kind: 'cpu', works: DELTAS.map(text), base: text(1), milliseconds, warm: WARM },
    },
    {
      ...common,
      id: `input-${wire}`,
      title: 'one tool call in deltas of 20 bytes, beyond a call of 20 bytes',
      unit: 'ms CPU per MiB',
      clients: all ? common.clients : named.slice(0, 2),
      task: { kind: 'cpu', works: INPUT_BYTES.map((bytes) => ({ ...input(bytes), units: bytes / 1_048_576 })), base: { ...input(20), units: 0 }, milliseconds, warm: WARM },
    },
    {
      ...common,
      id: `loop-${wire}`,
      title: 'agent loop of tool turns',
      unit: 'ms CPU a run',
      clients: all ? common.clients : named.slice(0, 2),
      task: { kind: 'cpu', works: TURNS.map(loop), milliseconds: 2 * milliseconds, warm: WARM_LOOPS },
    },
    {
      ...common,
      id: `peers-loop-${wire}`,
      title: 'agent loop of 10 tool turns, with the peers',
      unit: 'ms CPU a run',
      clients: all ? named.slice(0, 2) : [],
      peers: more,
      rounds: peerRounds,
      task: { kind: 'cpu', works: [loop(10)], milliseconds, warm: WARM_LOOPS },
    },
    {
      ...common,
      id: `first-${wire}`,
      title: 'time to the first delta, one request at a time',
      unit: 'ms',
      peers: more,
      task: { kind: 'first', requests },
    },
    {
      ...common,
      id: `heap-${wire}`,
      title: 'heap of an open, quiet stream',
      unit: 'KiB',
      rounds: peerRounds,
      peers: more,
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
