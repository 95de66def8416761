/** What a header of a frame may hold. Times are milliseconds since the epoch. */
export type HeaderValue = boolean | number | bigint | string | Uint8Array;

export type FrameHeaders = ReadonlyMap<string, HeaderValue>;

const UTF8 = new TextDecoder();

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function uuid(bytes: Uint8Array): string {
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Reads values one after another; `undefined` once there are too few bytes. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(size: number): Uint8Array | undefined {
    const at = this.#at;
    if (at + size > this.#bytes.length) return undefined;
    this.#at += size;
    return this.#bytes.subarray(at, this.#at);
  }

  number<T>(size: number, read: (view: DataView, at: number) => T): T | undefined {
    const at = this.#at;
    return this.take(size) === undefined ? undefined : read(this.#view, at);
  }

  /** Bytes that stand behind their own length. */
  sized(): Uint8Array | undefined {
    const size = this.number(2, (view, at) => view.getUint16(at));
    return size === undefined ? undefined : this.take(size);
  }

  value(): HeaderValue | undefined {
    const type = this.take(1)?.[0];
    switch (type) {
      case 0:
        return true;
      case 1:
        return false;
      case 2:
        return this.number(1, (view, at) => view.getInt8(at));
      case 3:
        return this.number(2, (view, at) => view.getInt16(at));
      case 4:
        return this.number(4, (view, at) => view.getInt32(at));
      case 5:
        return this.number(8, (view, at) => view.getBigInt64(at));
      case 6:
        return this.sized()?.slice();
      case 7: {
        const text = this.sized();
        return text === undefined ? undefined : UTF8.decode(text);
      }
      case 8:
        return this.number(8, (view, at) => Number(view.getBigInt64(at)));
      case 9: {
        const bytes = this.take(16);
        return bytes === undefined ? undefined : uuid(bytes);
      }
      default:
        return undefined;
    }
  }
}

function parse(bytes: Uint8Array): FrameHeaders | undefined {
  const headers = new Map<string, HeaderValue>();
  const reader = new Reader(bytes);
  while (!reader.isDone) {
    const size = reader.take(1)?.[0] ?? 0;
    const name = size === 0 ? undefined : reader.take(size);
    const value = name === undefined ? undefined : reader.value();
    if (name === undefined || value === undefined) return undefined;
    headers.set(UTF8.decode(name), value);
  }
  return headers;
}

interface Seen {
  readonly bytes: DataView;
  readonly headers: FrameHeaders;
}

const MOST_SEEN = 16;
const LONGEST_SEEN = 256;

/** Whether the known bytes stand there; four at a time, since this is done for every frame. */
function isAt(view: DataView, from: number, known: DataView): boolean {
  const { byteLength } = known;
  let at = 0;
  for (; at + 4 <= byteLength; at += 4) if (known.getInt32(at) !== view.getInt32(from + at)) return false;
  for (; at < byteLength; at++) if (known.getInt8(at) !== view.getInt8(from + at)) return false;
  return true;
}

/** Reads the headers of a frame, which stand between two places of bytes and of their view; `undefined` where there are none. */
export type HeaderReader = (bytes: Uint8Array, view: DataView, from: number, to: number) => FrameHeaders | undefined;

/**
 * A reader for one stream, which remembers what it has read: a stream repeats a handful of headers thousands of times.
 * The same headers are one and the same object.
 */
export function createHeaderReader(): HeaderReader {
  const seen: Seen[] = [];
  return (bytes, view, from, to) => {
    for (const known of seen) if (known.bytes.byteLength === to - from && isAt(view, from, known.bytes)) return known.headers;
    // A copy: `slice` of a Buffer would be a view of what is written over.
    const own = new Uint8Array(bytes.subarray(from, to));
    const headers = parse(own);
    if (headers !== undefined && own.length <= LONGEST_SEEN && seen.length < MOST_SEEN) seen.push({ bytes: new DataView(own.buffer), headers });
    return headers;
  };
}
