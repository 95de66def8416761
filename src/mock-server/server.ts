import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { concat, concatMap, defer, EMPTY, finalize, from, ignoreElements, map, NEVER, tap, timer, toArray, type Observable, type Subscription } from 'rxjs';
import type { Json } from '../events/json.js';
import { fromAsyncIterable } from '../internal/from-async-iterable.js';
import { failure, refusalOf } from './guard.js';
import { readRequest, type MockRequest } from './request.js';
import { defaultScript, type Script } from './script.js';
import { hashOf, seededId, seededRandom } from './seed.js';
import { isFailure, type Failure } from './turn.js';
import { burstsOf, wireOf, type Wire } from './wire.js';

/** How the stand-in behaves. */
export interface MockModelServerOptions {
  /** Decides ids, the cut into deltas and their pace. The same seed and request give the same stream. Default: 1. */
  readonly seed?: number;
  /** The mean time between deltas, in milliseconds; 0 sends each answer at once. Default: 15. */
  readonly paceMs?: number;
  /** The model that answers claim to come from. Default: the one that the request names. */
  readonly model?: string;
  /** What to answer. Default: a script that uses the tools it is offered to add numbers and to run long operations. */
  readonly script?: Script;
}

/** A running stand-in. */
export interface MockModelServer {
  /** Where it listens, for a client's base URL: `http://127.0.0.1:…`. */
  readonly url: string;
  /** The valid requests that it has received so far, oldest first. */
  readonly requests: () => readonly MockRequest[];
}

const ignore = (): void => undefined;

function sendFailure(response: ServerResponse, { error }: Failure, requestId: string): void {
  const body = JSON.stringify({ type: 'error', error: { type: error.type, message: error.message }, request_id: requestId });
  // The body may not have been read: the connection cannot serve another request.
  response.writeHead(error.status, { 'content-type': 'application/json', 'request-id': requestId, connection: 'close' });
  response.end(body);
}

function write(response: ServerResponse, text: string): Observable<never> {
  return defer(() => (response.write(text) ? EMPTY : from(once(response, 'drain')).pipe(ignoreElements())));
}

/** Sends the frames at their pace; a client that does not read is waited for. */
function sendStream(response: ServerResponse, wire: Wire): Observable<never> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': wire.requestId,
  });
  return from(burstsOf(wire.frames)).pipe(
    concatMap(({ delayMs, text }) => concat(timer(delayMs).pipe(ignoreElements()), write(response, text))),
  );
}

function parse(text: string): Json | undefined {
  try {
    const body: Json = JSON.parse(text);
    return body;
  } catch {
    return undefined;
  }
}

function readBody(request: IncomingMessage): Observable<Json | undefined> {
  return fromAsyncIterable<Uint8Array>(request).pipe(
    toArray(),
    map((chunks) => parse(Buffer.concat(chunks).toString('utf8'))),
  );
}

/** What the server remembers while it runs. */
interface Running {
  readonly options: MockModelServerOptions;
  readonly requests: MockRequest[];
  count: number;
}

function answer(response: ServerResponse, body: Json | undefined, running: Running, requestId: string): Observable<never> {
  const read = body === undefined ? { valid: false as const, message: 'the body is not valid JSON' } : readRequest(body);
  if (!read.valid) {
    sendFailure(response, failure(400, 'invalid_request_error', read.message), requestId);
    return EMPTY;
  }
  const { options } = running;
  running.requests.push(read.request);
  const turn = (options.script ?? defaultScript)(read.request);
  if (isFailure(turn)) {
    sendFailure(response, turn, requestId);
    return EMPTY;
  }
  const pace = { seed: options.seed ?? 1, paceMs: options.paceMs ?? 15 };
  const wire = wireOf(read.request, options.model ?? read.request.model, turn, pace);
  return sendStream(response, wire).pipe(tap({ complete: () => response.end() }));
}

function handle(request: IncomingMessage, response: ServerResponse, running: Running): Subscription | undefined {
  const requestId = seededId('req', seededRandom(hashOf(`${running.options.seed ?? 1}:${running.count++}`)));
  const refusal = refusalOf(request);
  if (refusal !== null) {
    sendFailure(response, refusal, requestId);
    return undefined;
  }
  return readBody(request)
    .pipe(concatMap((body) => answer(response, body, running, requestId)))
    .subscribe({
      error: (error: unknown) => {
        // A script that throws, or a connection that broke: the first is told to the client, the second cannot be.
        if (response.headersSent) response.destroy();
        else sendFailure(response, failure(500, 'api_error', error instanceof Error ? error.message : 'the script failed'), requestId);
      },
    });
}

function listen(server: Server): Observable<string> {
  return defer(() => {
    server.listen(0, '127.0.0.1');
    return once(server, 'listening');
  }).pipe(
    map(() => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      return `http://127.0.0.1:${port}`;
    }),
  );
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/**
 * A model server for tests and demos that speaks the Anthropic wire: `POST /v1/messages`, streaming, on loopback. It is
 * a scripted stand-in and says so: it reads the request and answers by rule, and never pretends to be a model.
 *
 * Subscribing starts a server on a free port of 127.0.0.1 and emits its address; it does not complete. Unsubscribing
 * stops it and destroys every connection. Two subscriptions are two servers that share nothing.
 *
 * @example
 * ```ts
 * import { switchMap } from 'rxjs';
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { mockModelServer } from 'coldstream/mock-server';
 *
 * mockModelServer({ paceMs: 0, script: () => ({ content: [{ type: 'text', text: 'Hello.' }] }) })
 *   .pipe(switchMap(({ url }) => agent({ provider: anthropic({ model: 'any', baseURL: url, apiKey: 'any' }) })('Hi')))
 *   .subscribe((event) => console.log(event.type));
 * ```
 *
 * @param options - seed, pace in milliseconds, model name and script.
 * @returns a cold Observable of the running server.
 * @throws on the error channel: what Node reports when it cannot listen.
 */
export function mockModelServer(options: MockModelServerOptions = {}): Observable<MockModelServer> {
  return defer(() => {
    const running: Running = { options, requests: [], count: 0 };
    const server = createServer((request, response) => {
      const work = handle(request, response, running);
      response.on('close', () => work?.unsubscribe());
      response.on('error', ignore);
    });
    return concat(listen(server), NEVER).pipe(
      map((url) => ({ url, requests: () => [...running.requests] })),
      finalize(() => stop(server)),
    );
  });
}
