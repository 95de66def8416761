import type { EventBody, StreamEvent } from '../../src/events/events.js';
import { withEnvelope } from '../../src/events/construct.js';
import { isContentEvent } from '../../src/provider.js';

/** A frame of a stream, and what it tells, written by hand. */
export interface ToldFrame {
  readonly bytes: Uint8Array;
  readonly tells: readonly EventBody[];
}

/** A short turn of which every byte is a place to cut. */
export interface CutStream {
  readonly name: string;
  readonly contentType: string;
  readonly frames: readonly ToldFrame[];
  /** An end after this many frames is a success that tells this besides. */
  readonly enough?: { readonly frames: number; readonly adds: readonly StreamEvent[] };
}

/** What a stream comes to that is cut after so many bytes. */
export interface Owed {
  /** Of the whole frames, told one by one. */
  readonly tells: readonly StreamEvent[];
  /** Told at the end besides, where the turn is whole without its last frame. */
  readonly adds: readonly StreamEvent[];
  readonly whole: boolean;
  readonly partial: boolean;
}

const ENVELOPE = { runId: 'run', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} };

export const asEvents = (bodies: readonly EventBody[]): readonly StreamEvent[] => bodies.map((body): StreamEvent => withEnvelope(ENVELOPE, body));

export function bytesOf({ frames }: CutStream): Uint8Array {
  return Buffer.concat(frames.map(({ bytes }) => bytes));
}

/** Counted from the frames' lengths, by nothing that is under test. */
export function owedAt({ frames, enough }: CutStream, cut: number): Owed {
  let [end, count] = [0, 0];
  for (const { bytes } of frames) {
    end += bytes.length;
    if (end > cut) break;
    count += 1;
  }
  const tells = asEvents(frames.slice(0, count).flatMap((frame) => frame.tells));
  const partial = tells.some(isContentEvent);
  if (count === frames.length) return { tells, adds: [], partial, whole: true };
  if (enough === undefined || count < enough.frames) return { tells, adds: [], partial, whole: false };
  return { tells, adds: enough.adds, partial, whole: true };
}
