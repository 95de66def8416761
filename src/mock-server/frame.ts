import type { JsonObject } from '../events/json.js';
import type { Answer } from './turn.js';

/** One event of the wire and how long to wait before it. */
export interface Frame {
  readonly event: string;
  readonly data: JsonObject;
  readonly delayMs: number;
}

/** How the stand-in streams. */
export interface Pace {
  readonly seed: number;
  /** The mean time between deltas, in milliseconds; 0 sends everything at once. */
  readonly paceMs: number;
}

/** The stream of one answer. */
export interface Wire {
  readonly requestId: string;
  readonly frames: readonly Frame[];
}

/** What is written in one go, after a wait. */
export interface Burst {
  readonly delayMs: number;
  readonly bytes: Uint8Array;
}

/** The frames as bytes; those without a wait go out with the one before. */
export function burstsOf(frames: readonly Frame[], encode: (frame: Frame) => Uint8Array): readonly Burst[] {
  const bursts: { readonly delayMs: number; readonly parts: Uint8Array[] }[] = [];
  for (const frame of frames) {
    const last = bursts.at(-1);
    if (last !== undefined && frame.delayMs === 0) last.parts.push(encode(frame));
    else bursts.push({ delayMs: frame.delayMs, parts: [encode(frame)] });
  }
  return bursts.map(({ delayMs, parts }) => ({ delayMs, bytes: Buffer.concat(parts) }));
}

/** Why an answer ends where its script does not say: with the calls that it makes, if any. */
export function stopReasonOf({ content, stopReason }: Answer): string {
  return stopReason ?? (content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn');
}
