import { createServer, type Server, type ServerResponse } from 'node:http';

/** An answer to give: its bytes in the pieces in which they are written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function write(response: ServerResponse, { status, headers, pieces }: Answer): Promise<void> {
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    // Lets the piece leave before the next one is written, so that the reader sees the cut.
    await immediate();
  }
  response.end();
}

/** A loopback server that gives one answer after the other; each is set just before it is asked for. */
export class AnswerServer {
  #answer: Answer = { status: 500, headers: {}, pieces: [] };
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    request.once('end', () => void write(response, this.#answer));
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Where the answer can be fetched. */
  serve(answer: Answer): string {
    this.#answer = answer;
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
