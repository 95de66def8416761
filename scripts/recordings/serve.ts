import { createServer, type Server, type ServerResponse } from 'node:http';

/** An answer to give: its bytes in the pieces in which they are written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: Iterable<Uint8Array>;
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function write(response: ServerResponse, { status, headers, pieces }: Answer): Promise<void> {
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    // Lets the piece leave, and be read, before the next one is written: otherwise the system would join them.
    await immediate();
  }
  response.end();
}

/** A loopback server that gives many answers at a time, each at an address of its own. */
export class AnswerServer {
  readonly #answers = new Map<string, Answer>();
  #count = 0;
  readonly #server: Server = createServer((request, response) => {
    const answer = this.#answers.get((request.url ?? '').split('/')[1] ?? '');
    request.resume();
    request.once('end', () => {
      // What cannot be served (a status or a header that HTTP does not have) is a broken connection to its reader.
      write(response, answer ?? { status: 500, headers: {}, pieces: [] }).catch(() => response.destroy());
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Serves an answer for as long as the use of its address takes. */
  async during<T>(answer: Answer, use: (url: string) => Promise<T>): Promise<T> {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    const id = String(this.#count++);
    this.#answers.set(id, answer);
    try {
      return await use(`http://127.0.0.1:${address.port}/${id}`);
    } finally {
      this.#answers.delete(id);
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
