import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { BodyFlow, BodyReceiver, PushedBody } from '../internal/read-stream.js';

// What has come is told at once, and does not wait for a block to be full.
const zlib = { flush: constants.Z_SYNC_FLUSH };
const brotli = { flush: constants.BROTLI_OPERATION_FLUSH };

/** How to unpack what a service packs though nobody asked for it. */
const unpackers: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', (): Transform => createGunzip(zlib)],
  ['x-gzip', (): Transform => createGunzip(zlib)],
  ['deflate', (): Transform => createInflate(zlib)],
  ['br', (): Transform => createBrotliDecompress(brotli)],
]);

/** One body on its way through its unpacker. */
class Unpacking implements BodyReceiver, BodyFlow {
  readonly #unpacker: Transform;
  readonly #receiver: BodyReceiver;
  #packed: BodyFlow | undefined;
  #hasBegun = false;
  #isOver = false;

  constructor(unpacker: Transform, receiver: BodyReceiver) {
    this.#unpacker = unpacker;
    this.#receiver = receiver;
    unpacker.on('data', (chunk: Uint8Array) => {
      if (!this.#isOver) receiver.next(chunk);
    });
    unpacker.on('drain', () => this.#packed?.resume());
    unpacker.on('end', () => {
      if (this.#close()) receiver.complete();
    });
    // Nothing is told after this; the connection brings what nobody can read.
    unpacker.on('error', (cause) => {
      this.error(new TypeError('terminated', { cause }));
      this.#packed?.stop();
    });
  }

  open(source: PushedBody): this {
    this.#packed = source.pushTo(this);
    return this;
  }

  next(chunk: Uint8Array): void {
    this.#hasBegun = true;
    if (!this.#isOver && !this.#unpacker.write(chunk)) this.#packed?.pause();
  }

  error(error: unknown): void {
    if (!this.#close()) return;
    this.#unpacker.destroy();
    this.#receiver.error(error);
  }

  complete(): void {
    if (this.#hasBegun) {
      this.#unpacker.end();
      return;
    }
    // The answer to HEAD names the coding that a body would have had; nothing at all is not packed.
    this.#unpacker.destroy();
    if (this.#close()) this.#receiver.complete();
  }

  pause(): void {
    this.#unpacker.pause();
  }

  resume(): void {
    this.#unpacker.resume();
  }

  stop(): void {
    this.#close();
    this.#unpacker.destroy();
    this.#packed?.stop();
  }

  /** Whether it was open until now. */
  #close(): boolean {
    const wasOpen = !this.#isOver;
    this.#isOver = true;
    return wasOpen;
  }
}

/**
 * The body as it was before the service packed it.
 *
 * @returns undefined for a coding that nobody here knows
 */
export function unpacked(source: PushedBody, coding: string): PushedBody | undefined {
  const name = coding.trim().toLowerCase();
  if (name === '' || name === 'identity') return source;
  const unpacker = unpackers.get(name);
  return unpacker && { pushTo: (receiver) => new Unpacking(unpacker(), receiver).open(source) };
}
