import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { createServer as createHttp2, type Http2ServerRequest } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { concat, defer, finalize, map, NEVER, type Observable } from 'rxjs';

/** A request, of whichever version of HTTP. */
export type Incoming = IncomingMessage | Http2ServerRequest;

/** What the answers of both versions of HTTP have in common. */
export interface Outgoing extends NodeJS.EventEmitter {
  readonly headersSent: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(bytes: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
}

/** What a client that speaks HTTP/2 without asking first begins with; no method of HTTP/1.1 does. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n');

const ignore = (): void => undefined;

/** Looks at how a connection begins, puts it back, and hands the connection on. */
function sort(socket: Socket, handOver: (version: 1 | 2) => void): void {
  let seen = Buffer.alloc(0);
  const look = (): void => {
    for (let chunk: unknown = socket.read(); chunk instanceof Uint8Array; chunk = socket.read()) seen = Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, preface.length);
    const fits = seen.subarray(0, compared).equals(preface.subarray(0, compared));
    if (fits && seen.length < preface.length) return;
    socket.off('readable', look);
    socket.unshift(seen);
    handOver(fits ? 2 : 1);
  };
  socket.on('readable', look);
}

function listening(server: Server): Observable<number> {
  return defer(() => {
    server.listen(0, '127.0.0.1');
    return once(server, 'listening');
  }).pipe(
    map(() => {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

/**
 * Serves HTTP/1.1 and HTTP/2 (cleartext, with prior knowledge) on one free port of 127.0.0.1, and emits the port.
 * Unsubscribing stops it and destroys every connection.
 */
export function listen(serve: (request: Incoming, response: Outgoing) => void): Observable<number> {
  return defer(() => {
    const sockets = new Set<Socket>();
    const http1 = createHttp1((request, response) => serve(request, response));
    const http2 = createHttp2((request, response) => serve(request, response));
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', ignore);
      sort(socket, (version) => void (version === 2 ? http2 : http1).emit('connection', socket));
    });
    return concat(listening(server), NEVER).pipe(
      finalize(() => {
        server.close();
        for (const socket of sockets) socket.destroy();
      }),
    );
  });
}
