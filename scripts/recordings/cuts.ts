import type { Random } from '../../src/mock-server/seed.js';

/** The bytes in up to 12 pieces, cut at random places. */
export function randomPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const count = 1 + Math.floor(random() * 11);
  const places = Array.from({ length: count }, () => Math.floor(random() * (bytes.length + 1))).sort((left, right) => left - right);
  return [...places, bytes.length].map((end, at) => bytes.subarray(at === 0 ? 0 : places[at - 1], end)).filter(({ length }) => length > 0);
}

/** Each byte on its own. */
export function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}
