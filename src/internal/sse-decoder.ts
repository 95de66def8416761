import { ProtocolError } from '../errors/errors.js';

/** What an event stream says. Only events are owed an answer: `true` ends the decoding, the rest is not looked at. */
export interface SseHandlers {
  /** One whole event: its data (lines joined by LF), its name (`''` where none was sent) and its id. */
  onEvent(data: string, name: string, id: string | undefined): boolean;
  /** The reconnection time that the server asks for, in milliseconds. */
  onRetry?(milliseconds: number): void;
  /** A comment line: some services send them as keep-alives. */
  onComment?(): void;
  /** The id of an event without data, which is a mark in the stream and nothing else. */
  onMark?(id: string): void;
}

export interface SseDecoderOptions {
  /** The most that one line, or the data of one event, may hold, in UTF-16 units. Default 16 Mi. */
  readonly maxEventSize?: number;
}

export interface SseDecoder {
  /** Reads the next bytes of the stream; throws `ProtocolError` for an event that is too large. */
  push(chunk: Uint8Array): void;
}

const DEFAULT_MAX_EVENT_SIZE = 16 * 1024 * 1024;
const PIECES_PER_BLOCK = 4096;
const STREAMING = { stream: true };
const KEEP_MARK = { ignoreBOM: true };
const LF = 10;
const SPACE = 32;
const FIRST_NON_ASCII = 0x80;
const BYTE_ORDER_MARK = 0xfeff;

/** Text that is still waiting for its line end: each character is copied twice at most, however small the pieces are. */
class Pending {
  size = 0;
  #pieces: string[] = [];
  #blocks: string[] = [];

  add(piece: string): void {
    this.size += piece.length;
    this.#pieces.push(piece);
    if (this.#pieces.length === PIECES_PER_BLOCK) {
      this.#blocks.push(this.#pieces.join(''));
      this.#pieces = [];
    }
  }

  take(): string {
    const text = this.#blocks.join('') + this.#pieces.join('');
    this.clear();
    return text;
  }

  clear(): void {
    this.size = 0;
    this.#pieces = [];
    this.#blocks = [];
  }
}

/**
 * The text of a stream of bytes: strips a byte order mark, keeps what is left of a character for the next chunk, puts
 * U+FFFD for invalid bytes. A chunk that ends with an ASCII byte leaves nothing for the next one, and is decoded on its
 * own where the one before it did so too: engines have a fast way for whole texts, several times as fast as streaming.
 */
class Utf8 {
  readonly #whole = new TextDecoder('utf-8', KEEP_MARK);
  readonly #streaming = new TextDecoder('utf-8', KEEP_MARK);
  #begun = false;
  #cut = false;

  decode(chunk: Uint8Array): string {
    const last = chunk.at(-1);
    if (last === undefined) return '';
    const ends = last < FIRST_NON_ASCII;
    const text = ends && !this.#cut ? this.#whole.decode(chunk) : this.#streaming.decode(chunk, STREAMING);
    this.#cut = !ends;
    if (this.#begun || text === '') return text;
    this.#begun = true;
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }
}

class Splitter implements SseDecoder {
  readonly #handlers: SseHandlers;
  readonly #maxEventSize: number;
  readonly #utf8 = new Utf8();
  readonly #pending = new Pending();
  #afterCarriageReturn = false;
  #stopped = false;
  #data = '';
  #hasData = false;
  #name = '';
  #id: string | undefined;

  constructor(handlers: SseHandlers, maxEventSize: number) {
    this.#handlers = handlers;
    this.#maxEventSize = maxEventSize;
  }

  push(chunk: Uint8Array): void {
    if (this.#stopped) return;
    const text = this.#utf8.decode(chunk);
    if (text !== '') this.#split(text);
  }

  #split(text: string): void {
    let from = this.#afterCarriageReturn && text.charCodeAt(0) === LF ? 1 : 0;
    this.#afterCarriageReturn = false;
    let carriageReturn = text.indexOf('\r', from);
    if (carriageReturn === -1 && this.#isBetweenEvents()) from = this.#wholeEvents(text, from);
    let lineFeed = text.indexOf('\n', from);
    while (!this.#stopped) {
      // Each of the two is searched for again only once it has been passed, so that every character is seen once.
      if (lineFeed !== -1 && lineFeed < from) lineFeed = text.indexOf('\n', from);
      if (carriageReturn !== -1 && carriageReturn < from) carriageReturn = text.indexOf('\r', from);
      const end = carriageReturn === -1 ? lineFeed : lineFeed === -1 ? carriageReturn : Math.min(lineFeed, carriageReturn);
      if (end === -1) break;
      const endsEvent = this.#endLine(text, from, end);
      from = end + 1;
      if (end === carriageReturn) {
        if (from === text.length) this.#afterCarriageReturn = true;
        else if (text.charCodeAt(from) === LF) from += 1;
      } else if (endsEvent && carriageReturn === -1) from = this.#wholeEvents(text, from);
    }
    if (this.#stopped || from === text.length) return;
    this.#pending.add(from === 0 ? text : text.slice(from));
    this.#limit(this.#pending.size);
  }

  #isBetweenEvents(): boolean {
    return this.#pending.size === 0 && !this.#hasData && this.#name === '' && this.#id === undefined;
  }

  /**
   * Reports the events that stand whole in the text, in the one form that services send: a name, one line of data, an
   * empty line, no carriage return in between. Returns where something else begins.
   */
  #wholeEvents(text: string, start: number): number {
    let from = start;
    while (!this.#stopped && text.startsWith('event: ', from)) {
      const nameEnd = text.indexOf('\n', from + 7);
      if (nameEnd === -1 || !text.startsWith('data: ', nameEnd + 1)) break;
      const dataEnd = text.indexOf('\n', nameEnd + 7);
      if (dataEnd === -1 || text.charCodeAt(dataEnd + 1) !== LF) break;
      this.#limit(dataEnd - nameEnd - 7);
      if (this.#handlers.onEvent(text.slice(nameEnd + 7, dataEnd), text.slice(from + 7, nameEnd), undefined)) this.#stop();
      from = dataEnd + 2;
    }
    return from;
  }

  /** Reads a line; true where it is the empty one that ends an event. */
  #endLine(text: string, from: number, end: number): boolean {
    if (this.#pending.size === 0) return this.#line(text, from, end);
    this.#pending.add(text.slice(from, end));
    const line = this.#pending.take();
    return this.#line(line, 0, line.length);
  }

  #line(text: string, from: number, end: number): boolean {
    if (from === end) {
      this.#dispatch();
      return true;
    }
    if (text.startsWith('data:', from)) this.#addData(text.slice(valueStart(text, from + 5), end));
    else if (text.startsWith('event:', from)) this.#name = text.slice(valueStart(text, from + 6), end);
    else this.#rareLine(text.slice(from, end));
    return false;
  }

  #rareLine(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) {
      this.#handlers.onComment?.();
      return;
    }
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(valueStart(line, colon + 1));
    if (field === 'data') this.#addData(value);
    else if (field === 'event') this.#name = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.#handlers.onRetry?.(Number(value));
  }

  #addData(value: string): void {
    this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
    this.#hasData = true;
    this.#limit(this.#data.length);
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    const id = this.#id;
    const hasData = this.#hasData;
    this.#reset();
    if (!hasData) {
      if (id !== undefined) this.#handlers.onMark?.(id);
    } else if (this.#handlers.onEvent(data, name, id)) this.#stop();
  }

  #reset(): void {
    this.#data = '';
    this.#hasData = false;
    this.#name = '';
    this.#id = undefined;
  }

  #stop(): void {
    this.#stopped = true;
    this.#pending.clear();
    this.#reset();
  }

  #limit(size: number): void {
    if (size <= this.#maxEventSize) return;
    this.#stop();
    throw new ProtocolError(`The event stream holds an event of more than ${this.#maxEventSize} characters`);
  }
}

function valueStart(text: string, afterColon: number): number {
  return text.charCodeAt(afterColon) === SPACE ? afterColon + 1 : afterColon;
}

/**
 * Splits a `text/event-stream` into events, in one pass over its bytes however they are cut: any line end (LF, CR,
 * CRLF), byte order mark, comments, data of several lines. An event that is cut off by the end of the stream is never
 * reported, as the standard wants it. Holds no more than one event.
 */
export function createSseDecoder(handlers: SseHandlers, options: SseDecoderOptions = {}): SseDecoder {
  return new Splitter(handlers, options.maxEventSize ?? DEFAULT_MAX_EVENT_SIZE);
}
