import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { script } from './script.js';
import type { Wire } from './wire.js';

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

const WRITE_BYTES = 64 * 1024;

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

/** Answers of one wire; what they are made of is serialised once and kept. */
export class Answers {
  readonly #wire: Wire;
  readonly #made = new Map<string, readonly Buffer[]>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Reads the request and answers it; what a client that has left would have got is dropped. */
  async answer(request: Request, response: Response): Promise<void> {
    const body = await text(request);
    const prompt = this.#wire.promptOf(body);
    const results = prompt.startsWith('loop') ? countOf(body, this.#wire.resultMark) : 0;
    response.writeHead(200, this.#wire.headers);
    if (prompt.startsWith('paced')) {
      this.#pace(prompt, response);
      return;
    }
    this.#write(this.#pieces(prompt, results), response, !prompt.startsWith('idle'));
  }

  #pieces(prompt: string, results: number): readonly Buffer[] {
    const key = `${prompt} after ${String(results)}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const whole = Buffer.concat(script(prompt, results).map((step) => this.#wire.encode(step)));
    const pieces = Array.from({ length: Math.ceil(whole.length / WRITE_BYTES) }, (_, index) => whole.subarray(index * WRITE_BYTES, (index + 1) * WRITE_BYTES));
    this.#made.set(key, pieces);
    return pieces;
  }

  #write(pieces: readonly Buffer[], response: Writable, ends: boolean): void {
    let next = 0;
    const more = (): void => {
      while (next < pieces.length && !response.destroyed) {
        const last = ends && next === pieces.length - 1;
        const piece = pieces[next];
        next += 1;
        if (last) {
          response.end(piece);
          return;
        }
        if (!response.write(piece ?? '')) {
          response.once('drain', more);
          return;
        }
      }
    };
    more();
  }

  /** `paced INTERVAL COUNT`: each text is the moment at which it was written. */
  #pace(prompt: string, response: Writable): void {
    const [, interval = '10', count = '1'] = prompt.split(' ');
    for (const step of script(prompt, 0).slice(0, 2)) response.write(this.#wire.encode(step));
    let left = Number(count);
    const timer = setInterval(() => {
      if (left === 0) {
        clearInterval(timer);
        response.write(this.#wire.encode({ kind: 'block-end', block: 0 }));
        response.end(this.#wire.encode({ kind: 'end', stop: 'end_turn', deltas: Number(count) }));
        return;
      }
      left -= 1;
      const moment = `${String(Math.round((performance.timeOrigin + performance.now()) * 1000))} `;
      response.write(this.#wire.encode({ kind: 'text', block: 0, text: moment }));
    }, Number(interval));
    response.on('close', () => clearInterval(timer));
  }
}
