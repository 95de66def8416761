import { crc32 } from 'node:zlib';

/** One message of the event stream. Headers that are no text are left out. */
export interface WireFrame {
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

/** Where the frames end: with the bytes, in the middle of one, or before one that cannot be right. */
export type FramesEnd = { readonly kind: 'boundary' } | { readonly kind: 'cut'; readonly left: number } | { readonly kind: 'broken'; readonly what: string };

const PRELUDE = 12;
const OVERHEAD = PRELUDE + 4;
/** More than this in one frame is refused (N42). */
const LARGEST = 16 * 2 ** 20;

/** Sizes of header values by the tag of their type; a negative one is told in two bytes before the value. */
const VALUE_SIZES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const TEXT = 7;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The headers; undefined where they do not add up. */
function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  const utf8 = new TextDecoder();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const tag = bytes[nameEnd];
    const fixed = VALUE_SIZES[tag ?? 255];
    if (fixed === undefined) return undefined;
    const start = nameEnd + (fixed < 0 ? 3 : 1);
    if (start > bytes.length) return undefined;
    const end = start + (fixed < 0 ? view(bytes).getUint16(nameEnd + 1) : fixed);
    if (end > bytes.length) return undefined;
    if (tag === TEXT) headers.set(utf8.decode(bytes.subarray(at + 1, nameEnd)), utf8.decode(bytes.subarray(start, end)));
    at = end;
  }
  return headers;
}

/** The next frame and its size, or why there is none. */
function readFrame(bytes: Uint8Array): (WireFrame & { readonly size: number }) | FramesEnd {
  const broken = (what: string): FramesEnd => ({ kind: 'broken', what });
  if (bytes.length === 0) return { kind: 'boundary' };
  if (bytes.length < PRELUDE) return { kind: 'cut', left: bytes.length };
  const [size, headersSize] = [view(bytes).getUint32(0), view(bytes).getUint32(4)];
  if (view(bytes).getUint32(8) !== crc32(bytes.subarray(0, 8))) return broken('has a prelude whose checksum is wrong');
  if (size < OVERHEAD || headersSize > size - OVERHEAD) return broken('has lengths that do not fit each other');
  if (size > LARGEST) return broken('is larger than 16 MiB');
  if (bytes.length < size) return { kind: 'cut', left: bytes.length };
  if (view(bytes).getUint32(size - 4) !== crc32(bytes.subarray(0, size - 4))) return broken('has a wrong checksum');
  const headers = readHeaders(bytes.subarray(PRELUDE, PRELUDE + headersSize));
  return headers === undefined ? broken('has headers that cannot be read') : { size, headers, payload: bytes.subarray(PRELUDE + headersSize, size - 4) };
}

/** All frames of a body, up to its end or to the first one that is not whole. */
export function readFrames(bytes: Uint8Array): { readonly frames: readonly WireFrame[]; readonly end: FramesEnd } {
  const frames: WireFrame[] = [];
  for (let at = 0; ; ) {
    const next = readFrame(bytes.subarray(at));
    if ('kind' in next) return { frames, end: next };
    frames.push(next);
    at += next.size;
  }
}
