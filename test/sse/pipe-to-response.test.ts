import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createParser } from 'eventsource-parser';
import { concat, EMPTY, finalize, NEVER, Observable, of, Subject, type Subscription, throwError } from 'rxjs';
import { agent, type StreamEvent, tool } from 'coldstream';
import { pipeToResponse, type PipeToResponseOptions } from 'coldstream/sse';
import { event, scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((stop) => stop()));
});

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

interface Served {
  readonly port: number;
  readonly response: Promise<ServerResponse>;
  readonly subscription: Promise<Subscription>;
}

/** Answers one request with the events. */
async function serve(
  events$: Observable<StreamEvent>,
  options?: PipeToResponseOptions,
  before: (response: ServerResponse) => void = () => undefined,
): Promise<Served> {
  const [gotResponse, gotSubscription] = [deferred<ServerResponse>(), deferred<Subscription>()];
  const server = createServer((_request, response) => {
    before(response);
    gotResponse.resolve(response);
    gotSubscription.resolve(pipeToResponse(events$, response, options));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return { port: address.port, response: gotResponse.promise, subscription: gotSubscription.promise };
}

function request(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, resolve).on('error', reject);
  });
}

/** The data of all events up to the end, and whether that was an orderly one. */
function readAll(response: IncomingMessage): Promise<{ readonly data: readonly string[]; readonly complete: boolean }> {
  return new Promise((resolve) => {
    const data: string[] = [];
    const parser = createParser({ onEvent: (heard) => data.push(heard.data) });
    response.setEncoding('utf8');
    response.on('data', (text: string) => parser.feed(text));
    response.on('error', () => undefined);
    response.on('close', () => resolve({ data, complete: response.complete }));
  });
}

/** A source that tells when it is unsubscribed. */
function watched(source: Observable<StreamEvent>): { readonly events$: Observable<StreamEvent>; readonly stopped: Promise<void>; readonly subscribed: () => number } {
  const stopped = deferred<undefined>();
  let subscribed = 0;
  const events$ = new Observable<StreamEvent>((subscriber) => {
    subscribed += 1;
    return source.pipe(finalize(() => stopped.resolve(undefined))).subscribe(subscriber);
  });
  return { events$, stopped: stopped.promise, subscribed: () => subscribed };
}

const hello = event.text('Hello', { runId: 'run_1', seq: 0 });

function fail(message: string): never {
  throw new Error(message);
}

describe('pipeToResponse', () => {
  it('sends a whole run and ends the response', async () => {
    const ask = agent({ provider: scriptedProvider([textTurn('Hel', 'lo')]) });
    const { port, subscription } = await serve(ask('Hi'));
    const { data, complete } = await readAll(await request(port));
    const types = data.map((text): unknown => JSON.parse(text)).map((each) => (typeof each === 'object' && each !== null && 'type' in each ? each.type : null));
    expect(types).toEqual(['run_start', 'iteration_start', 'text_delta', 'text_delta', 'usage', 'message', 'iteration_end', 'complete']);
    expect(complete).toBe(true);
    expect((await subscription).closed).toBe(true);
  });

  it('S6: no buffering on the way, and headers before the first event', async () => {
    const { port, response } = await serve(NEVER, { heartbeat: false }, (each) => each.setHeader('Access-Control-Allow-Origin', 'https://app.example'));
    // Nothing was sent yet: without flushHeaders the request would have no answer.
    const { statusCode, headers } = await request(port);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': 'https://app.example',
    });
    (await response).destroy();
  });

  it('leaves headers alone that have been sent already', async () => {
    const { port } = await serve(of(hello), {}, (response) => response.writeHead(201, { 'content-type': 'text/event-stream' }));
    const answer = await request(port);
    expect(answer.statusCode).toBe(201);
    expect((await readAll(answer)).data).toEqual([JSON.stringify(hello)]);
  });

  it('C1, S1: a client that disconnects while a tool runs stops the tool and the run', async () => {
    const aborted = deferred<boolean>();
    const hang = tool({
      name: 'hang',
      description: 'Never ends.',
      input: { type: 'object' },
      execute: (_input, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(true));
        return NEVER;
      },
    });
    const ask = agent({ provider: scriptedProvider([toolTurn({ id: 'call_1', name: 'hang' })]), tools: [hang] });
    const { events$, stopped } = watched(ask('Hi'));
    const { port, subscription } = await serve(events$);
    (await request(port)).destroy();
    expect(await aborted.promise).toBe(true);
    await stopped;
    expect((await subscription).closed).toBe(true);
  });

  it.each([
    ['FIN', (socket: Socket) => socket.destroy()],
    ['half-close', (socket: Socket) => socket.end()],
    ['RST', (socket: Socket) => socket.resetAndDestroy()],
  ])('S1: a client that leaves by %s unsubscribes the provider', async (_what, leave) => {
    const { events$, stopped } = watched(concat(of(hello), NEVER));
    const ask = agent({ provider: () => events$ });
    const { port } = await serve(ask('Hi'));
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    leave(socket);
    await stopped;
    socket.destroy();
  });

  it.each([
    ['destroyed', (response: ServerResponse) => response.destroy()],
    ['ended', (response: ServerResponse) => response.end()],
  ])('S1: an event for a response that the application has %s is no error', async (_what, finish) => {
    const source$ = new Subject<StreamEvent>();
    const { port, response, subscription } = await serve(source$, { heartbeat: false });
    const answer = await request(port);
    answer.on('error', () => undefined).resume();
    const [out, connection] = [await response, await subscription];
    const closed = new Promise((resolve) => out.on('close', resolve));
    finish(out);
    source$.next(hello);
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect([connection.closed, source$.observed]).toEqual([true, false]);
  });

  it('unsubscribing stops the run and cuts the response, which is no orderly end', async () => {
    const { events$, stopped } = watched(concat(of(hello), NEVER));
    const { port, subscription } = await serve(events$);
    const answer = await request(port);
    const read = readAll(answer);
    (await subscription).unsubscribe();
    await stopped;
    expect((await read).complete).toBe(false);
  });

  it('N5: a source that fails cuts the response, and its reason is told', async () => {
    const told = deferred<unknown>();
    const broken = new Error('broken');
    const { port } = await serve(concat(of(hello), throwError(() => broken)), { onError: told.resolve });
    const cut = await request(port).then(readAll, () => ({ complete: false }));
    expect(cut.complete).toBe(false);
    expect(await told.promise).toBe(broken);
  });

  it('a response that is over already is left alone, and nothing is subscribed', async () => {
    const { events$, subscribed } = watched(NEVER);
    const { port, subscription } = await serve(events$, {}, (response) => response.end('done'));
    await request(port);
    expect((await subscription).closed).toBe(true);
    expect(subscribed()).toBe(0);
  });

  it('S3: a client that does not read is dropped at the limit, and its run stopped', async () => {
    const told = deferred<unknown>();
    const source$ = new Subject<StreamEvent>();
    const { port, response } = await serve(source$, { maxQueue: 100_000, onError: told.resolve });
    const answer = await request(port);
    answer.pause();
    const out = await response;
    const large = event.text('x'.repeat(50_000));
    let sent = 0;
    // Turns of the event loop let the network take what it will; the rest of it waits here.
    while (source$.observed && sent < 5_000) {
      source$.next(large);
      sent += 1;
      expect(out.writableLength).toBeLessThan(200_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(source$.observed).toBe(false);
    expect(await told.promise).toMatchObject({ _tag: 'ConnectionError', partial: true });
    expect(out.destroyed).toBe(true);
    answer.destroy();
  });

  it('S3: one frame that is larger than the limit passes', async () => {
    const large = event.text('x'.repeat(300_000));
    const { port } = await serve(of(large), { maxQueue: 0, heartbeat: false });
    expect(await readAll(await request(port))).toEqual({ data: [JSON.stringify(large)], complete: true });
  });

  it('S7: keep-alives are sent while nothing happens', async () => {
    const { port, response } = await serve(NEVER, { heartbeat: 5 });
    const answer = await request(port);
    expect(String(await once(answer, 'data'))).toMatch(/^(:\n\n)+$/);
    (await response).destroy();
  });

  it.each([{ maxQueue: -1 }, { maxQueue: NaN }, { heartbeat: 0 }])('refuses %j before the response is touched', (options) => {
    const untouched = new Proxy({}, { get: (_target, name) => fail(`touched: ${String(name)}`) });
    expect(() => void Reflect.apply(pipeToResponse, undefined, [EMPTY, untouched, options])).toThrow(
      expect.objectContaining({ _tag: 'ConfigurationError' }),
    );
  });
});
