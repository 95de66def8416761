import { ProtocolError } from '../../errors/errors.js';
import { crc32 } from './crc32.js';
import { createHeaderReader, type FrameHeaders } from './frame-headers.js';

/** One message of `application/vnd.amazon.eventstream`. */
export interface RawFrame {
  readonly headers: FrameHeaders;
  /** A view of what came, good until the next frame. */
  readonly payload: Uint8Array;
  /** Its place in the stream, from 0. */
  readonly position: number;
}

export interface FrameDecoderOptions {
  /** The most that one frame may hold, in bytes. Default 16 Mi. */
  readonly maxFrameSize?: number;
}

export interface FrameDecoder {
  /** Reads the next bytes of the stream; `onFrame` returns true to read no further. Throws `ProtocolError`. */
  push(chunk: Uint8Array, onFrame: (frame: RawFrame) => boolean): void;
  /** How many frames were whole so far. */
  readonly count: number;
  /** Whether part of a frame has come. */
  readonly unfinished: boolean;
}

const DEFAULT_MAX_FRAME_SIZE = 16 * 1024 * 1024;
/** Both lengths and their checksum. */
const PRELUDE = 12;
const CHECKSUM = 4;
const LEAST_ROOM = 512;
/** Room for longer frames is not kept for the next one. */
const KEPT_ROOM = 64 * 1024;

function uint32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/**
 * The frame that is still incomplete. Its room doubles as its bytes come: each byte is copied twice on average, however
 * small the pieces, and nothing is set aside for bytes that were only announced.
 */
class Partial {
  size = 0;
  #room = new Uint8Array();

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.size);
  }

  add(bytes: Uint8Array): void {
    const size = this.size + bytes.length;
    if (size > this.#room.length) {
      const room = new Uint8Array(Math.max(size, 2 * this.#room.length, LEAST_ROOM));
      room.set(this.bytes);
      this.#room = room;
    }
    this.#room.set(bytes, this.size);
    this.size = size;
  }

  /** What was kept; the next frame is written over it. */
  take(): Uint8Array {
    const { bytes } = this;
    if (this.#room.length > KEPT_ROOM) this.#room = new Uint8Array();
    this.size = 0;
    return bytes;
  }
}

class Splitter implements FrameDecoder {
  count = 0;
  readonly #maxFrameSize: number;
  readonly #partial = new Partial();
  readonly #readHeaders = createHeaderReader();
  /** The size of the frame that has begun, once its prelude has come; 0 until then. */
  #total = 0;

  constructor({ maxFrameSize = DEFAULT_MAX_FRAME_SIZE }: FrameDecoderOptions) {
    this.#maxFrameSize = maxFrameSize;
  }

  get unfinished(): boolean {
    return this.#partial.size > 0;
  }

  push(chunk: Uint8Array, onFrame: (frame: RawFrame) => boolean): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#partial.size === 0) {
        // The usual case: a frame that lies whole in the chunk is read where it lies.
        const left = chunk.length - at;
        const total = left < PRELUDE ? 0 : this.#readPrelude(chunk, at);
        if (total > 0 && total <= left) {
          if (onFrame(this.#read(chunk, at, at + total))) return;
          at += total;
          continue;
        }
        this.#total = total;
      }
      const taken = this.#collect(chunk, at);
      at += taken;
      if (this.#total === 0 || this.#partial.size < this.#total) continue;
      const whole = this.#partial.take();
      this.#total = 0;
      if (onFrame(this.#read(whole, 0, whole.length))) return;
    }
  }

  /** Keeps what belongs to the frame that has begun: its prelude first, since that says how long it is. */
  #collect(chunk: Uint8Array, at: number): number {
    const missing = (this.#total === 0 ? PRELUDE : this.#total) - this.#partial.size;
    const piece = chunk.subarray(at, at + missing);
    this.#partial.add(piece);
    if (this.#total === 0 && this.#partial.size === PRELUDE) this.#total = this.#readPrelude(this.#partial.bytes, 0);
    return piece.length;
  }

  /** The size of the frame. All that it claims is checked before anything is made of it. */
  #readPrelude(bytes: Uint8Array, at: number): number {
    const checksumAt = at + PRELUDE - CHECKSUM;
    if (crc32(bytes, 0, at, checksumAt) !== uint32(bytes, checksumAt)) {
      throw this.#broken('does not begin like a frame: its lengths do not match their checksum');
    }
    const total = uint32(bytes, at);
    const headers = uint32(bytes, at + 4);
    if (total < PRELUDE + CHECKSUM || headers > total - PRELUDE - CHECKSUM) {
      throw this.#broken(`claims ${headers} bytes of headers in ${total} bytes`);
    }
    if (total > this.#maxFrameSize) throw this.#broken(`claims ${total} bytes, more than the ${this.#maxFrameSize} that one may have`);
    return total;
  }

  #read(bytes: Uint8Array, from: number, to: number): RawFrame {
    const end = to - CHECKSUM;
    if (crc32(bytes, 0, from, end) !== uint32(bytes, end)) throw this.#broken('does not match its checksum');
    const headersAt = from + PRELUDE;
    const payloadAt = headersAt + uint32(bytes, from + 4);
    const headers = this.#readHeaders(bytes, headersAt, payloadAt);
    if (headers === undefined) throw this.#broken('has headers that cannot be read');
    return { headers, payload: bytes.subarray(payloadAt, end), position: this.count++ };
  }

  #broken(what: string): ProtocolError {
    return new ProtocolError(`Frame ${this.count} of the stream ${what}`, { eventIndex: this.count });
  }
}

/** Takes frames out of bytes, however they are cut; one for each stream. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  return new Splitter(options);
}
