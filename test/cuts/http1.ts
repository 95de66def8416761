import { createServer } from 'node:http';
import { portOf } from '../support/port.js';
import { bytesOf, type CutStream } from './cut-stream.js';
import { watchClientSockets } from './client-sockets.js';

/** A server that cuts its answers where the request says. */
export interface CutServer {
  readonly url: string;
  /** Asks for the end of the connection of the answer that is cut there; false while the client has not read all that was sent. */
  readonly breakOff: (cut: number) => boolean;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** What the prompt says of where to cut. */
export const promptFor = (cut: number): string => `cut ${cut}`;

export function cutIn(body: string): number {
  const found = /cut (\d+)/.exec(body)?.[1];
  if (found === undefined) throw new Error('The request does not say where to cut.');
  return Number(found);
}

export const ways = ['a clean end', 'FIN', 'RST'] as const;

/** How an answer is cut: its body ends as if it were whole, or its connection does. */
export type Way = (typeof ways)[number];

/** Over HTTP/1.1, in one chunk that is never followed by the last one unless the end is a clean one. */
export async function serveHttp1(stream: CutStream, way: Way): Promise<CutServer> {
  const bytes = bytesOf(stream);
  const breaks = new Map<number, () => boolean>();
  const clients = watchClientSockets();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const { socket } = request;
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.once('end', () => {
      const cut = cutIn(body);
      response.writeHead(200, { 'content-type': stream.contentType }).flushHeaders();
      if (way === 'a clean end') {
        response.end(bytes.subarray(0, cut));
        return;
      }
      if (cut > 0) response.write(bytes.subarray(0, cut));
      breaks.set(cut, () => {
        if (socket.writableLength > 0 || !clients.hasRead(socket)) return false;
        if (way === 'FIN') socket.end();
        else socket.resetAndDestroy();
        return true;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    breakOff: (cut) => breaks.get(cut)?.() ?? false,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        clients.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
