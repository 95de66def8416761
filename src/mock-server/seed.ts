/** A source of numbers in [0, 1) that depends on nothing but its seed. */
export type Random = () => number;

/** Mulberry32: small, fast and good enough to pace a stream. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit number from a text (FNV-1a), so that a request can seed its own answer. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** An id in the API's style: the prefix and 22 letters. */
export function seededId(prefix: string, random: Random): string {
  const tail = Array.from({ length: 22 }, () => letters.charAt(Math.floor(random() * letters.length)));
  return `${prefix}_01${tail.join('')}`;
}

/** An id in the form of a UUID, version 4. */
export function seededUuid(random: Random): string {
  const digit = (among: number, from = 0): string => (from + Math.floor(random() * among)).toString(16);
  const digits = (count: number): string => Array.from({ length: count }, () => digit(16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${digit(4, 8)}${digits(3)}-${digits(12)}`;
}
