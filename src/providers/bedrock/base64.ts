/** Base64 as bytes; undefined where the text is none. */
export function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes as base64. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  // Piece by piece: a call with a million arguments is one too many.
  for (let from = 0; from < bytes.length; from += 0x2000) text += String.fromCharCode(...bytes.subarray(from, from + 0x2000));
  return btoa(text);
}

/** Bytes that came in pieces, each base64 by itself, as one. */
export function joinBase64(pieces: readonly string[]): string {
  const [only = '', ...more] = pieces;
  if (more.length === 0) return only;
  const parts = pieces.map(bytesOf);
  const whole = parts.flatMap((part) => (part === undefined ? [] : [part]));
  if (whole.length < parts.length) return pieces.join('');
  const bytes = new Uint8Array(whole.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of whole) {
    bytes.set(part, at);
    at += part.length;
  }
  return base64Of(bytes);
}
