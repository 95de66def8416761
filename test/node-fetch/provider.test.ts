import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import { take, tap } from 'rxjs';
import { anthropic } from 'coldstream/anthropic';
import type { StreamEvent } from '../../src/events/events.js';
import type { Provider } from '../../src/provider.js';
import { nodeFetch } from '../../src/node-fetch/index.js';
import { watchClientSockets } from '../cuts/client-sockets.js';
import { chunk, closeAll, EMPTY_TEXT, GREETING, HEAD, HELLO, KEY, open, outcomeOf, serve, serveTcp, sse, start, text, textOf, until } from '../anthropic/support.js';

const STREAM = { 'content-type': 'text/event-stream', 'request-id': 'req_1' };
const BODY = sse(GREETING);
const HALF = sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]);

/** Both ways to send a request: what is said of finished turns holds for either. */
const fetches: readonly (readonly [string, () => typeof globalThis.fetch])[] = [
  ['the global fetch', () => (input, init) => globalThis.fetch(input, init)],
  ['nodeFetch', () => nodeFetch()],
];

const over = (baseURL: string, fetch: typeof globalThis.fetch = nodeFetch()): Provider => anthropic({ model: 'claude-test', apiKey: KEY, baseURL, fetch });

afterEach(closeAll);

describe('anthropic over nodeFetch', () => {
  it('tells what it tells over the global fetch', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(BODY));
    const told = async (provider: Provider): Promise<unknown> => (await outcomeOf(provider(HELLO))).events.map((event) => ({ ...event, timestamp: 0 }));
    expect(await told(over(server.url))).toEqual(await told(anthropic({ model: 'claude-test', apiKey: KEY, baseURL: server.url })));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' });
    expect(server.requests[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  it('N1: a refused connection is a ConnectionError with the code in its message', async () => {
    const server = await serveTcp(() => undefined);
    await closeAll();
    const { error } = await outcomeOf(over(server.url)(HELLO));
    expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: false, cause: { code: 'ECONNREFUSED' } });
    expect(String(error)).toContain('ECONNREFUSED');
  });

  it('N3: a connection reset before the headers is one request and a ConnectionError', async () => {
    const server = await serveTcp((socket) => socket.resetAndDestroy());
    expect((await outcomeOf(over(server.url)(HELLO))).error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: false, cause: { code: 'ECONNRESET' } });
    expect(server.count()).toBe(1);
  });

  it.each([
    ['N4: a reset', 'resetAndDestroy'],
    ['N5: an end', 'end'],
  ] as const)('%s in the middle is a ConnectionError after what was delivered', async (_, how) => {
    let connection: Socket | undefined;
    const server = await serveTcp((socket) => {
      connection = socket;
      socket.write(`${HEAD}${chunk(HALF)}${chunk('event: content_block_delta\ndata: {"type":"con')}`);
    });
    const { events, error } = await outcomeOf(over(server.url)(HELLO).pipe(tap(({ type }) => type === 'text_delta' && connection?.[how]())));
    expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: true });
    expect(textOf(events)).toBe('Hel');
  });

  it('N5: a body that is shorter than its length is a ConnectionError', async () => {
    const server = await serveTcp((socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99999\r\n\r\n${HALF}`));
    expect((await outcomeOf(over(server.url)(HELLO))).error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: true });
  });

  it('N6 N8: an end without message_stop, and an empty answer, are TruncatedStreamErrors', async () => {
    for (const body of [HALF, '']) {
      const server = await serve((response) => response.writeHead(200, STREAM).end(body));
      expect((await outcomeOf(over(server.url)(HELLO))).error).toMatchObject({ _tag: 'TruncatedStreamError', requestId: 'req_1' });
    }
  });

  it('N11 N12: a compressed body is unpacked; one that is cut off or corrupt is an error', async () => {
    const packed = gzipSync(BODY);
    const corrupt = Buffer.from(packed).fill(0xff, packed.length >> 2, packed.length >> 1);
    const answered = async (body: Buffer) => outcomeOf(over((await serve((response) => response.writeHead(200, { ...STREAM, 'content-encoding': 'gzip' }).end(body))).url)(HELLO));
    expect(await answered(packed)).toMatchObject({ completed: true });
    for (const broken of [packed.subarray(0, packed.length >> 1), corrupt]) expect((await answered(broken)).error).toMatchObject({ _tag: 'TruncatedStreamError', retryable: true });
  });

  it('N34 N35: a refusal is its typed error', async () => {
    const refusal = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'No, because.' } });
    const server = await serve((response) => response.writeHead(429, { 'content-type': 'application/json', 'request-id': 'req_1', 'retry-after': '2' }).end(refusal));
    expect((await outcomeOf(over(server.url)(HELLO))).error).toMatchObject({ _tag: 'RateLimitError', status: 429, requestId: 'req_1', retryAfterMs: 2000, message: expect.stringContaining('No, because.') });
  });

  it.each([
    ['N34: a refusal without end is read as far as is needed', 500, 'ServerError', 'x'.repeat(1024 * 1024)],
    ['N39: the body of a redirect is not waited for', 307, 'ConfigurationError', 'moved'],
  ])('%s, and closes its connection', async (_title, status, _tag, piece) => {
    let closed = false;
    const server = await serve((response) => {
      response.once('close', () => (closed = true));
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).write(piece);
    });
    const { error } = await outcomeOf(over(server.url)(HELLO));
    expect(error).toMatchObject({ _tag, status });
    expect(String(error).length).toBeLessThan(400);
    await until(() => closed);
  });

  it('D5: no error tells a key', async () => {
    const server = await serve((response, request) => response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: String(request.headers.authorization) } })));
    const { error } = await outcomeOf(over(server.url)(HELLO));
    expect(error).toMatchObject({ _tag: 'AuthenticationError' });
    expect(String(error)).not.toContain(KEY);
  });

  it('C1: unsubscribed before the headers, or in the middle, it closes the connection', async () => {
    let closed = 0;
    const server = await serve((response, _request, count) => {
      response.once('close', () => (closed += 1));
      if (count === 2) response.writeHead(200, STREAM).write(HALF);
    });
    const provider = over(server.url);
    const subscription = provider(HELLO).subscribe();
    await until(() => server.requests.length === 1);
    subscription.unsubscribe();
    await until(() => closed === 1);
    expect(await outcomeOf(provider(HELLO).pipe(take(2)))).toMatchObject({ completed: true });
    await until(() => closed === 2);
  });

  it('serves a client of the caller, whose own streams work as well', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(BODY));
    const client = new Anthropic({ apiKey: KEY, baseURL: server.url, fetch: nodeFetch() });
    expect(await outcomeOf(anthropic({ model: 'claude-test', client })(HELLO))).toMatchObject({ completed: true });
    const message = await client.messages.stream({ model: 'claude-test', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }).finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello 😀' }]);
  });
});

describe.each(fetches)('a finished turn over %s', (_, fetch) => {
  it('gives its connection back once the body has ended, though the end comes after the last event', async () => {
    const ports = new Set<number | undefined>();
    let answer: ServerResponse | undefined;
    const server = await serve((response, request) => {
      ports.add(request.socket.remotePort);
      answer = response;
      response.writeHead(200, STREAM).write(BODY);
    });
    const sockets = watchClientSockets();
    const provider = over(server.url, fetch());
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
      answer?.end();
      await until(() => answer?.writableFinished === true && server.requests.every(({ socket }) => sockets.hasRead(socket)));
      // What has been read is handed on within the turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    sockets.stop();
    expect(ports.size).toBe(1);
  });

  it('N30: closes a connection whose body does not end', async () => {
    let answer: ServerResponse | undefined;
    const server = await serve((response) => {
      answer = response;
      response.writeHead(200, STREAM).write(BODY);
    });
    expect(await outcomeOf(over(server.url, fetch())(HELLO))).toMatchObject({ completed: true });
    expect(answer?.writableEnded).toBe(false);
    await until(() => answer?.destroyed === true);
  });

  it('N31: does not hear of a connection that breaks after the last event', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).write(BODY));
    const breakOff = (event: StreamEvent): void => {
      if (event.type === 'message') server.requests[0]?.socket.resetAndDestroy();
    };
    expect(await outcomeOf(over(server.url, fetch())(HELLO).pipe(tap(breakOff)))).toMatchObject({ completed: true });
    await until(() => server.requests[0]?.socket.destroyed === true);
  });
});
