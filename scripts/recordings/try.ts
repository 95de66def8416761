import { messageOf } from '../../src/errors/describe.js';
import { seededRandom, type Random } from '../../src/mock-server/seed.js';
import { compare } from './compare.js';
import { randomPieces, singleBytes } from './cuts.js';
import { difference } from './difference.js';
import { whyUnusable } from './expected.js';
import { load, type Found } from './find.js';
import { play } from './play.js';
import type { AnswerServer } from './serve.js';
import type { Case, Recording, Transport, Wire } from './wire.js';

export interface Result {
  readonly name: string;
  readonly wire: string | undefined;
  /** The first difference, or undefined. */
  readonly found?: string;
  /** Why it is right although `expected.json` says something else. */
  readonly note?: string;
}

/** How often to cut each recording, and where the random places start. */
export interface Cuts {
  readonly cuts: number;
  readonly seed: number;
}

/** What is demanded of the provider for a recording. */
function demand(wire: Wire, recording: Recording): Case {
  const why = whyUnusable(recording.expected);
  if (why === undefined) return wire.judge(recording);
  return { judgement: { kind: 'unusable', why }, text: '', compareTurn: () => why };
}

type Way = readonly [name: string, pieces: (random: Random) => Iterable<Uint8Array>];

function waysToPlay(bytes: Uint8Array, cuts: number): readonly Way[] {
  const random = Array.from({ length: cuts }, (_, at): Way => [`random cut ${at + 1}`, (next) => randomPieces(bytes, next)]);
  return [['in one piece', () => [bytes]], ['byte by byte', () => singleBytes(bytes)], ...random];
}

/** The first difference in any of the ways to play it over one kind of HTTP. */
async function tryOver({ name, connect }: Transport, wanted: Case, recording: Recording, head: ReturnType<Wire['head']>, server: AnswerServer, { cuts, seed }: Cuts): Promise<string | undefined> {
  const place = server.open();
  const provider = connect(place);
  const random = seededRandom(seed);
  let whole: Awaited<ReturnType<typeof play>> | undefined;
  for (const [way, pieces] of waysToPlay(recording.bytes, cuts)) {
    place.answer = { ...head, pieces: pieces(random) };
    const outcome = await play(provider, place);
    whole ??= outcome;
    const found = compare(wanted, outcome) ?? difference('events', whole.events, outcome.events);
    if (found !== undefined) return `(${name}, ${way}) ${found}`;
  }
  return undefined;
}

async function tryRecording(wire: Wire, recording: Recording, server: AnswerServer, cuts: Cuts): Promise<Omit<Result, 'name' | 'wire'>> {
  const wanted = demand(wire, recording);
  // No way to play it can mend what is wrong with its own files.
  if (wanted.judgement.kind === 'unusable') return { found: wanted.judgement.why };
  for (const transport of wire.transports) {
    const found = await tryOver(transport, wanted, recording, wire.head(recording), server, cuts);
    if (found !== undefined) return { found };
  }
  const { judgement, orBroken } = wanted;
  const note = judgement.note ?? orBroken?.why;
  return note === undefined ? {} : { note };
}

/** Whatever goes wrong with one recording is said of this one. */
export async function tryFound(place: Found, server: AnswerServer, cuts: Cuts): Promise<Result> {
  const { name, wire } = place;
  try {
    const recording = await load(place);
    return { name, wire: wire?.name, ...(wire === undefined ? { found: 'of no wire' } : await tryRecording(wire, recording, server, cuts)) };
  } catch (error) {
    return { name, wire: wire?.name, found: messageOf(error) };
  }
}
