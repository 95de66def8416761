import { createServer as createHttpServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Stream } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { bedrock, type BedrockConfig } from 'coldstream/bedrock';
import type { JsonObject } from '../../src/events/json.js';
import type { ModelRequest, Provider } from '../../src/provider.js';
import { HELLO, outcomeOf, type Outcome } from '../anthropic/support.js';

export { HELLO, outcomeOf, textOf, until, type Outcome } from '../anthropic/support.js';

export const HANDLERS = ['http2', 'http1'] as const;
export type Handler = (typeof HANDLERS)[number];

/** Frozen: nobody has any business in it, though the SDK writes into what it is given. */
export const CREDENTIALS = Object.freeze({
  accessKeyId: 'AKIACANARY0123456789',
  secretAccessKey: 'canary/secret+access/key0123456789abcdef',
  sessionToken: 'canary-session-token-0123456789',
});

export const STREAM = { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'req_1' };

type HeaderList = readonly (readonly [name: string, type: number, value: Uint8Array])[];

/** A frame by the book, with checksums of Node's own. */
export function encode(headers: HeaderList, payload: Uint8Array): Buffer {
  const encoded = Buffer.concat(headers.map(([name, type, value]) => Buffer.concat([Buffer.of(Buffer.byteLength(name)), Buffer.from(name), Buffer.of(type), value])));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + encoded.length + payload.length, 0);
  prelude.writeUInt32BE(encoded.length, 4);
  const start = Buffer.concat([prelude, checksum(prelude), encoded, payload]);
  return Buffer.concat([start, checksum(start)]);
}

export function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}

export function sized(bytes: Uint8Array): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

const text = (value: string): Buffer => sized(Buffer.from(value));

/** A frame whose headers are all text. */
export function frame(headers: Readonly<Record<string, string>>, payload: string | Uint8Array): Buffer {
  return encode(Object.entries(headers).map(([name, value]) => [name, 7, text(value)] as const), Buffer.from(payload));
}

export function event(type: string, value: JsonObject): Buffer {
  return frame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, JSON.stringify(value));
}

export function exception(type: string, value: JsonObject): Buffer {
  return frame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, JSON.stringify(value));
}

export function failure(code: string, message: string): Buffer {
  return frame({ ':message-type': 'error', ':error-code': code, ':error-message': message }, '');
}

export const START = event('messageStart', { role: 'assistant', p: 'abc' });
export const said = (piece: string): Buffer => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: piece }, p: 'abcdef' });
export const CLOSE = event('contentBlockStop', { contentBlockIndex: 0 });
export const STOP = event('messageStop', { stopReason: 'end_turn' });
export const METADATA = event('metadata', { usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17 }, metrics: { latencyMs: 12 } });

/** A whole turn that says hello in two pieces. */
export const GREETING: readonly Buffer[] = [START, said('Hel'), said('lo 😀'), CLOSE, STOP, METADATA];
export const HALF: readonly Buffer[] = [START, said('Hel')];
export const joined = (frames: readonly Uint8Array[]): Buffer => Buffer.concat(frames);

/** What a server has to do with one request, whichever HTTP it speaks. */
export interface Reply {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  answer(status: number, headers: Readonly<Record<string, string>>, body?: string | Uint8Array): void;
  write(body: string | Uint8Array): void;
  end(body?: string | Uint8Array): void;
  /** Breaks the connection off, by a reset or by a FIN. */
  breakOff(how: 'reset' | 'fin'): void;
  /** The stream of HTTP/2. */
  readonly stream: Http2Stream | undefined;
}

export interface Loopback {
  readonly url: string;
  readonly replies: Reply[];
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections there have been. */
  connections: number;
}

const closers: (() => Promise<void>)[] = [];

/** Closes every server of the test. */
export async function closeAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((stop) => stop()));
}

async function listen(server: Server): Promise<{ url: string; sockets: Set<Socket>; connections: number }> {
  const sockets = new Set<Socket>();
  const loopback = { url: '', sockets, connections: 0 };
  server.on('connection', (socket: Socket) => {
    loopback.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return Object.assign(loopback, { url: `http://127.0.0.1:${address.port}` });
}

/** A server on loopback; the handler is called once a request has been read. */
export async function serve(handler: Handler, answer: (reply: Reply, count: number) => void): Promise<Loopback> {
  const replies: Reply[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse, stream: Http2Stream | undefined): void => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const reply: Reply = {
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        answer: (status, headers, body) => {
          response.writeHead(status, headers);
          if (body !== undefined) response.end(body);
        },
        write: (body) => response.write(body),
        end: (body) => response.end(body),
        breakOff: (how) => {
          for (const socket of loopback.sockets) {
            if (how === 'reset') socket.resetAndDestroy();
            else socket.end();
          }
        },
        stream,
      };
      replies.push(reply);
      answer(reply, replies.length);
    });
  };
  const server = handler === 'http1' ? createHttpServer((request, response) => onRequest(request, response, undefined)) : http2Server(onRequest);
  const loopback = Object.assign(await listen(server), { replies });
  return loopback;
}

type OnRequest = (request: IncomingMessage, response: ServerResponse, stream: Http2Stream | undefined) => void;

/** A server of HTTP/2 without TLS, by Node's interface for both versions. */
function http2Server(onRequest: OnRequest): Server {
  const server = createHttp2Server();
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream) => stream.on('error', () => undefined));
  server.on('request', (request: unknown, response: unknown) => {
    const stream: unknown = typeof request === 'object' && request !== null ? Reflect.get(request, 'stream') : undefined;
    Reflect.apply(onRequest, undefined, [request, response, stream]);
  });
  return server;
}

/** A TCP server on loopback that answers a connection's first bytes as the handler likes. */
export async function serveTcp(handler: (socket: Socket) => void): Promise<Pick<Loopback, 'url' | 'sockets' | 'connections'>> {
  const server = createTcpServer((socket) => socket.once('data', () => handler(socket)));
  return listen(server);
}

export function provider(url: string, config: Partial<BedrockConfig> = {}): Provider {
  return bedrock({ model: 'test.model-v1:0', region: 'us-east-1', endpoint: url, credentials: CREDENTIALS, ...config });
}

export function ask(url: string, config: Partial<BedrockConfig> = {}, request: ModelRequest = HELLO): Promise<Outcome> {
  return outcomeOf(provider(url, config)(request));
}
