import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { portOf } from './port.js';

/** A request over HTTP/2, and the TCP connection beneath it. */
export interface Http2Request {
  readonly body: string;
  readonly stream: ServerHttp2Stream;
  readonly socket: Socket | undefined;
}

export interface Http2Server {
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Broken = Pick<Http2Request, 'stream' | 'socket'>;

const RST_STREAM = 3;

/** Resets the stream by a frame of its own: `stream.close` of Node would end it first, as if it were whole. */
function resetStream({ stream, socket }: Broken, code: number): void {
  const frame = Buffer.alloc(13);
  frame.writeUIntBE(4, 0, 3);
  frame.writeUInt8(RST_STREAM, 3);
  frame.writeUInt32BE(stream.id ?? 0, 5);
  frame.writeUInt32BE(code, 9);
  socket?.write(frame);
}

/** The ways in which a stream of HTTP/2 can die in the middle. */
export const http2Breaks: Readonly<Record<string, (request: Broken) => void>> = {
  'RST_STREAM with CANCEL': (request) => resetStream(request, constants.NGHTTP2_CANCEL),
  'RST_STREAM with NO_ERROR': (request) => resetStream(request, constants.NGHTTP2_NO_ERROR),
  'RST_STREAM with INTERNAL_ERROR': (request) => resetStream(request, constants.NGHTTP2_INTERNAL_ERROR),
  GOAWAY: ({ stream }) => stream.session?.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM),
  'the session destroyed': ({ stream }) => stream.session?.destroy(),
  'TCP RST': ({ socket }) => socket?.resetAndDestroy(),
  'TCP FIN': ({ socket }) => socket?.end(),
};

/** A server of HTTP/2 without TLS, for clients that know of it beforehand; the handler is called once a request has been read. */
export async function serveHttp2(handler: (request: Http2Request) => void): Promise<Http2Server> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream) => {
    const port = stream.session?.socket.remotePort;
    const socket = [...sockets].find(({ remotePort }) => remotePort === port);
    let body = '';
    stream.on('error', () => undefined);
    stream.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    stream.once('end', () => handler({ body, stream, socket }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
