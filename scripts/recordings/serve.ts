import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** The beginning of an answer. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer to give: its bytes in the pieces in which they are written. */
export interface Answer extends Head {
  readonly pieces: Iterable<Uint8Array>;
}

/** An address of its own on a server, and the answer that whoever asks there gets. */
export interface Place {
  readonly http1: string;
  readonly http2: string;
  answer: Answer;
  /** When something last happened here, in milliseconds. */
  lastActive: number;
}

const NOTHING: Answer = { status: 500, headers: {}, pieces: [] };

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function write(body: ServerResponse | ServerHttp2Stream, place: Place): Promise<void> {
  for (const piece of place.answer.pieces) {
    if (body.destroyed) return;
    place.lastActive = Date.now();
    body.write(piece);
    // Lets the piece leave, and be read, before the next one is written: otherwise the system would join them.
    await immediate();
  }
  body.end();
}

async function answer1(response: ServerResponse, place: Place): Promise<void> {
  const { status, headers } = place.answer;
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  response.flushHeaders();
  await write(response, place);
}

async function answer2(stream: ServerHttp2Stream, place: Place): Promise<void> {
  const { status, headers } = place.answer;
  stream.respond({ ...headers, ':status': status });
  await write(stream, place);
}

function portOf(server: Server | Http2Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server is not listening');
  return address.port;
}

/** A loopback server that gives many answers at a time, each at an address of its own, over HTTP/1.1 and cleartext HTTP/2. */
export class AnswerServer {
  readonly #places = new Map<string, Place>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #count = 0;
  readonly #http1 = createServer((request, response) => {
    // What cannot be served (a status or a header that HTTP does not have) is a broken connection to its reader.
    request.resume().once('end', () => void answer1(response, this.#placeAt(request.url)).catch(() => response.destroy()));
  });
  readonly #http2 = createHttp2Server()
    .on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    })
    .on('stream', (stream, headers) => {
      // A reader that leaves resets the stream, which is no failure here.
      stream.on('error', () => undefined);
      stream.resume().once('end', () => void answer2(stream, this.#placeAt(headers[':path'])).catch(() => stream.destroy()));
    });

  #placeAt(url = ''): Place {
    return this.#places.get(url.split('/')[1] ?? '') ?? { http1: '', http2: '', answer: NOTHING, lastActive: 0 };
  }

  async listen(): Promise<void> {
    for (const server of [this.#http1, this.#http2]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  /** A new place. */
  open(): Place {
    const id = String(this.#count++);
    const at = (server: Server | Http2Server): string => `http://127.0.0.1:${portOf(server)}/${id}`;
    const place = { http1: at(this.#http1), http2: at(this.#http2), answer: NOTHING, lastActive: 0 };
    this.#places.set(id, place);
    return place;
  }

  close(): void {
    this.#http1.close();
    this.#http1.closeAllConnections();
    this.#http2.close();
    for (const session of this.#sessions) session.destroy();
  }
}
