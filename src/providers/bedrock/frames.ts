import { ProtocolError } from '../../errors/errors.js';
import { crc32 } from './crc32.js';
import { createHeaderReader, type FrameHeaders } from './frame-headers.js';

/** One message of `application/vnd.amazon.eventstream`, good until the next one: what it shows is written over then. */
export interface RawFrame {
  readonly headers: FrameHeaders;
  readonly payload: Uint8Array;
  /** Its place in the stream, from 0. */
  readonly position: number;
  /** The payload as text; U+FFFD stands for what is no UTF-8. */
  text(): string;
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
/** Most streams never cut a frame. */
const NO_ROOM = new Uint8Array();

const UTF8 = new TextDecoder();
const BYTE_ORDER_MARK = 0xef;

/** A frame in the bytes that it came in. Nothing is made of it before it is asked for. */
class Frame implements RawFrame {
  constructor(
    readonly headers: FrameHeaders,
    readonly position: number,
    private readonly bytes: Uint8Array,
    private readonly from: number,
    private readonly to: number,
  ) {}

  get payload(): Uint8Array {
    return this.bytes.subarray(this.from, this.to);
  }

  text(): string {
    const { bytes, from, to } = this;
    // Node's own buffers are read where they lie: a view of each payload takes as long as its text.
    return isBuffer(bytes) && bytes[from] !== BYTE_ORDER_MARK ? bytes.toString('utf8', from, to) : UTF8.decode(this.payload);
  }
}

/** Whether these are bytes of Node; elsewhere there are none. */
function isBuffer(bytes: Uint8Array): bytes is Buffer {
  return typeof Buffer !== 'undefined' && bytes instanceof Buffer;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The frame that is still incomplete. Its room doubles as its bytes come: each byte is copied twice on average, however
 * small the pieces, and nothing is set aside for bytes that were only announced.
 */
class Partial {
  size = 0;
  #room = NO_ROOM;

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
    if (this.#room.length > KEPT_ROOM) this.#room = NO_ROOM;
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
    const view = viewOf(chunk);
    let at = 0;
    while (at < chunk.length) {
      if (this.#partial.size === 0) {
        // The usual case: a frame that lies whole in the chunk is read where it lies.
        const left = chunk.length - at;
        const total = left < PRELUDE ? 0 : this.#readPrelude(chunk, view, at);
        if (total > 0 && total <= left) {
          if (onFrame(this.#read(chunk, view, at, at + total))) return;
          at += total;
          continue;
        }
        this.#total = total;
      }
      at += this.#collect(chunk, at);
      if (this.#total === 0 || this.#partial.size < this.#total) continue;
      const whole = this.#partial.take();
      this.#total = 0;
      if (onFrame(this.#read(whole, viewOf(whole), 0, whole.length))) return;
    }
  }

  /** Keeps what belongs to the frame that has begun: its prelude first, since that says how long it is. */
  #collect(chunk: Uint8Array, at: number): number {
    const missing = (this.#total === 0 ? PRELUDE : this.#total) - this.#partial.size;
    const piece = chunk.subarray(at, at + missing);
    this.#partial.add(piece);
    if (this.#total === 0 && this.#partial.size === PRELUDE) {
      const { bytes } = this.#partial;
      this.#total = this.#readPrelude(bytes, viewOf(bytes), 0);
    }
    return piece.length;
  }

  /** The size of the frame. All that it claims is checked before anything is made of it. */
  #readPrelude(bytes: Uint8Array, view: DataView, at: number): number {
    const checksumAt = at + PRELUDE - CHECKSUM;
    if (crc32(bytes, 0, at, checksumAt) !== view.getUint32(checksumAt)) {
      throw this.#broken('does not begin like a frame: its lengths do not match their checksum');
    }
    const total = view.getUint32(at);
    const headers = view.getUint32(at + 4);
    if (total < PRELUDE + CHECKSUM || headers > total - PRELUDE - CHECKSUM) {
      throw this.#broken(`claims ${headers} bytes of headers in ${total} bytes`);
    }
    if (total > this.#maxFrameSize) throw this.#broken(`claims ${total} bytes, more than the ${this.#maxFrameSize} that one may have`);
    return total;
  }

  /** A frame whose prelude has been read: what its lengths sum to is known, and only what follows is summed. */
  #read(bytes: Uint8Array, view: DataView, from: number, to: number): RawFrame {
    const end = to - CHECKSUM;
    const checksumAt = from + PRELUDE - CHECKSUM;
    if (crc32(bytes, view.getUint32(checksumAt), checksumAt, end) !== view.getUint32(end)) throw this.#broken('does not match its checksum');
    const headersAt = from + PRELUDE;
    const payloadAt = headersAt + view.getUint32(from + 4);
    const headers = this.#readHeaders(bytes, view, headersAt, payloadAt);
    if (headers === undefined) throw this.#broken('has headers that cannot be read');
    return new Frame(headers, this.count++, bytes, payloadAt, end);
  }

  #broken(what: string): ProtocolError {
    return new ProtocolError(`Frame ${this.count} of the stream ${what}`, { eventIndex: this.count });
  }
}

/** Takes frames out of bytes, however they are cut; one for each stream. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  return new Splitter(options);
}
