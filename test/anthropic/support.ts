import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { Observable } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { ModelRequest } from '../../src/provider.js';

export const KEY = 'sk-canary-0123456789';

export const HELLO: ModelRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }], runId: 'run' };

export function typeOf(frame: JsonObject): string {
  const { type } = frame;
  return typeof type === 'string' ? type : '';
}

/** The stream of the given wire events. */
export function sse(frames: readonly JsonObject[]): string {
  return frames.map((frame) => `event: ${typeOf(frame)}\ndata: ${JSON.stringify(frame)}\n\n`).join('');
}

export const start = (message: JsonObject = {}): JsonObject => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1, service_tier: 'standard' },
    ...message,
  },
});
export const open = (index: number, content_block: JsonObject): JsonObject => ({ type: 'content_block_start', index, content_block });
export const delta = (index: number, change: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta: change });
export const close = (index: number): JsonObject => ({ type: 'content_block_stop', index });
export const text = (index: number, piece: string): JsonObject => delta(index, { type: 'text_delta', text: piece });
export const inputJson = (index: number, piece: string): JsonObject => delta(index, { type: 'input_json_delta', partial_json: piece });
export const end = (stop_reason = 'end_turn', more: JsonObject = {}): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage: { output_tokens: 7 },
  ...more,
});
export const STOP: JsonObject = { type: 'message_stop' };
export const EMPTY_TEXT: JsonObject = { type: 'text', text: '' };

/** A whole turn that says hello in two pieces. */
export const GREETING: readonly JsonObject[] = [start(), open(0, EMPTY_TEXT), { type: 'ping' }, text(0, 'Hel'), text(0, 'lo 😀'), close(0), end(), STOP];

export interface Outcome {
  readonly events: readonly StreamEvent[];
  readonly error: unknown;
  readonly completed: boolean;
}

/** All that a source does, once it has ended. */
export function outcomeOf(source: Observable<StreamEvent>): Promise<Outcome> {
  return new Promise((resolve) => {
    const events: StreamEvent[] = [];
    source.subscribe({
      next: (event) => events.push(event),
      error: (error: unknown) => resolve({ events, error, completed: false }),
      complete: () => resolve({ events, error: undefined, completed: true }),
    });
  });
}

export function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === 'text_delta' ? event.content : '')).join('');
}

export interface Loopback {
  readonly url: string;
  /** The bodies of the requests so far. */
  readonly bodies: string[];
  readonly requests: IncomingMessage[];
}

type Handler = (response: ServerResponse, request: IncomingMessage, count: number) => void;

const closers: (() => Promise<void>)[] = [];

/** Closes every server of the test. */
export async function closeAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((stop) => stop()));
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** An HTTP server on loopback; the handler is called once the request has been read. */
export async function serve(handler: Handler): Promise<Loopback> {
  const [bodies, requests]: [string[], IncomingMessage[]] = [[], []];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      requests.push(request);
      handler(response, request, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${portOf(server.address())}`, bodies, requests };
}

/** A TCP server on loopback that answers each request's first bytes as the handler likes. */
export async function serveTcp(handler: (socket: Socket) => void): Promise<{ readonly url: string; readonly count: () => number }> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      count += 1;
      handler(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { url: `http://127.0.0.1:${portOf(server.address())}`, count: () => count };
}

/** The head of a chunked answer, as bytes for a TCP server. */
export const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

export function chunk(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

/** Waits until something that another end of a connection does has been seen; the test's own time limit bounds it. */
export async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await new Promise((resolve) => setImmediate(resolve));
}
