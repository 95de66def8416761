import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { first, map, Subject, take, takeUntil, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { bedrock, type BedrockClient } from 'coldstream/bedrock';
import type { StreamEvent } from '../../src/events/events.js';
import { buildRequest } from '../../src/providers/bedrock/build-request.js';
import { readAnswer } from '../../src/providers/bedrock/read-answer.js';
import { ask, closeAll, CREDENTIALS, GREETING, HALF, HANDLERS, HELLO, joined, outcomeOf, provider, said, serve, serveTcp, START, STREAM, textOf, until, type Reply } from './support.js';

afterEach(closeAll);

interface Heard {
  readonly heard: unknown[];
  readonly observer: { next: (event: StreamEvent) => void; error: (error: unknown) => void; complete: () => void };
}

function hearing(): Heard {
  const heard: unknown[] = [];
  return { heard, observer: { next: (event) => heard.push(event.type), error: (error) => heard.push(error), complete: () => heard.push('complete') } };
}

/** Counts who listens to the signals that a client was given. */
function watchSignals(client: BedrockRuntimeClient): { readonly signals: AbortSignal[]; readonly listeners: () => number; readonly client: BedrockClient } {
  const signals: AbortSignal[] = [];
  let listeners = 0;
  const watch = (signal: AbortSignal): void => {
    signals.push(signal);
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<AbortSignal['addEventListener']>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<AbortSignal['removeEventListener']>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    };
  };
  const send = client.send.bind(client);
  const watched = Object.assign(client, {
    send: (...args: unknown[]): unknown => {
      const [, options] = args;
      if (typeof options === 'object' && options !== null && 'abortSignal' in options && options.abortSignal instanceof AbortSignal) watch(options.abortSignal);
      return Reflect.apply(send, undefined, args);
    },
  });
  return { signals, listeners: () => listeners, client: watched };
}

describe.each(HANDLERS)('over %s', (handler) => {
  describe('a cold source', () => {
    it('C6: sends nothing before it is subscribed, and one request for each subscription', async () => {
      const server = await serve(handler, (reply) => reply.answer(200, STREAM, joined(GREETING)));
      const source = provider(server.url, { handler })(HELLO);
      // Whatever the source had sent would be first in line.
      await ask(server.url, { handler });
      expect(server.replies).toHaveLength(1);
      const [one, other] = await Promise.all([outcomeOf(source), outcomeOf(source)]);
      expect(server.replies).toHaveLength(3);
      expect([textOf(one.events), textOf(other.events)]).toEqual(['Hello 😀', 'Hello 😀']);
      expect(one.events.map(({ seq }) => seq)).toEqual(one.events.map((_, seq) => seq));
      expect(other.events.map(({ seq }) => seq)).toEqual(one.events.map(({ seq }) => seq));
    });

    it('C1: sends nothing when it is unsubscribed at once', async () => {
      const server = await serve(handler, (reply) => reply.answer(200, STREAM, joined(GREETING)));
      const asked = provider(server.url, { handler });
      asked(HELLO).subscribe().unsubscribe();
      await outcomeOf(asked(HELLO));
      expect([server.replies.length, server.connections]).toEqual([1, 1]);
    });
  });

  describe('teardown', () => {
    it('C1: unsubscribed while connecting, it closes the connection and says nothing', async () => {
      let asked = false;
      // It takes the connection and never speaks HTTP.
      const server = await serveTcp(() => (asked = true));
      const { heard, observer } = hearing();
      const subscription = provider(server.url, { handler })(HELLO).subscribe(observer);
      await until(() => asked);
      subscription.unsubscribe();
      await until(() => server.sockets.size === 0);
      expect(heard).toEqual([]);
      expect(server.connections).toBe(1);
    });

    it('C1 N13: unsubscribed before the headers, it closes the connection and says nothing', async () => {
      const server = await serve(handler, () => undefined);
      const { heard, observer } = hearing();
      const subscription = provider(server.url, { handler })(HELLO).subscribe(observer);
      await until(() => server.replies.length === 1);
      subscription.unsubscribe();
      await until(() => server.sockets.size === 0);
      expect(heard).toEqual([]);
    });

    it('C1: unsubscribed with the headers, before any frame, it closes the connection and says nothing', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, STREAM);
        reply.write('');
        reply.write(START.subarray(0, 5));
      });
      const { heard, observer } = hearing();
      const answered = new Subject<void>();
      const source = provider(server.url, { handler })({ ...HELLO, onAnswer: () => answered.next() });
      const subscription = source.pipe(takeUntil(answered)).subscribe(observer);
      await until(() => subscription.closed);
      await until(() => server.sockets.size === 0);
      expect(heard).toEqual(['complete']);
    });

    it('C1: unsubscribed at any event, it closes the connection and no event follows', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, STREAM);
        reply.write(joined(GREETING));
      });
      for (let count = 1; count <= 4; count++) {
        const { events, completed } = await outcomeOf(provider(server.url, { handler })(HELLO).pipe(take(count)));
        expect([completed, events.length]).toEqual([true, count]);
        await until(() => server.sockets.size === 0);
      }
    });

    it('C1 N14: unsubscribed between events, it closes the connection; what the service writes then is not heard', async () => {
      let reply: Reply | undefined;
      const server = await serve(handler, (asked) => {
        reply = asked;
        asked.answer(200, STREAM);
        asked.write(joined(HALF));
      });
      const { heard, observer } = hearing();
      const subscription = provider(server.url, { handler })(HELLO).subscribe(observer);
      await until(() => heard.length === 1);
      reply?.write(said('lo'));
      subscription.unsubscribe();
      await until(() => server.sockets.size === 0);
      expect(heard).toEqual(['text_delta']);
    });

    it('C1: unsubscribed while a refusal is read, it closes the connection and says nothing', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(500, { 'content-type': 'application/json' });
        reply.write('{"message":');
      });
      const { heard, observer } = hearing();
      const answered = new Subject<void>();
      const subscription = provider(server.url, { handler })({ ...HELLO, onAnswer: () => answered.next() }).subscribe(observer);
      await new Promise((resolve) => answered.subscribe(resolve));
      subscription.unsubscribe();
      await until(() => server.sockets.size === 0);
      expect(heard).toEqual([]);
    });

    it('a failed stream closes its connection as well', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, STREAM);
        reply.write(joined([said('no start')]));
      });
      expect((await ask(server.url, { handler })).error).toMatchObject({ _tag: 'ProtocolError' });
      await until(() => server.sockets.size === 0);
    });

    it('stopping one turn leaves another of the same provider alone', async () => {
      const replies: Reply[] = [];
      const server = await serve(handler, (reply) => {
        replies.push(reply);
        reply.answer(200, STREAM);
        reply.write(joined(HALF));
      });
      const asked = provider(server.url, { handler });
      const [stopped, kept] = [hearing(), hearing()];
      const subscription = asked(HELLO).subscribe(stopped.observer);
      await until(() => stopped.heard.length === 1);
      asked(HELLO).subscribe(kept.observer);
      await until(() => kept.heard.length === 1);
      subscription.unsubscribe();
      await until(() => server.sockets.size === 1);
      replies[1]?.end(joined(GREETING.slice(2)));
      await until(() => kept.heard.includes('complete'));
      expect([stopped.heard, kept.heard]).toEqual([['text_delta'], ['text_delta', 'text_delta', 'usage', 'message', 'complete']]);
    });
  });

  it('N30: whoever leaves with the message aborts nothing, and the connection is closed', async () => {
    const server = await serve(handler, (reply) => {
      reply.answer(200, STREAM);
      reply.write(joined(GREETING));
    });
    const { client, signals } = watchSignals(new BedrockRuntimeClient({ region: 'us-east-1', endpoint: server.url, credentials: { ...CREDENTIALS }, ...http(handler) }));
    const { completed } = await outcomeOf(bedrock({ model: 'test', client })(HELLO).pipe(first(({ type }) => type === 'message')));
    await until(() => server.sockets.size === 0);
    expect([completed, signals.map(({ aborted }) => aborted)]).toEqual([true, [false]]);
  });

  it('C10: nobody listens to the signal of a turn that is over, however it ended', async () => {
    const server = await serve(handler, (reply, count) => {
      reply.answer(200, STREAM);
      reply.write(joined(count % 2 === 0 ? GREETING : [...HALF, Buffer.from('no frame at all')]));
    });
    const { client, signals, listeners } = watchSignals(
      new BedrockRuntimeClient({ region: 'us-east-1', endpoint: server.url, credentials: { ...CREDENTIALS }, ...http(handler) }),
    );
    const asked = bedrock({ model: 'test', client });
    for (let turn = 0; turn < 6; turn++) {
      await outcomeOf(turn % 3 === 0 ? asked(HELLO).pipe(take(1)) : asked(HELLO));
      await until(() => server.sockets.size === 0);
    }
    await until(() => listeners() <= 0);
    expect([signals.length, listeners()]).toEqual([6, 0]);
  });
});

function http(handler: (typeof HANDLERS)[number]): object {
  if (handler === 'http2') return { requestHandler: new NodeHttp2Handler({ disableConcurrentStreams: true }) };
  const { NodeHttpHandler }: typeof import('@smithy/node-http-handler') = jest.requireActual('@smithy/node-http-handler');
  return { requestHandler: new NodeHttpHandler({}) };
}

describe('bursts', () => {
  it('tells all events of one chunk synchronously', async () => {
    const client = overBody(() => chunksOf([joined(GREETING)]));
    const turns: number[] = [];
    let now = 0;
    await new Promise<void>((resolve) => {
      bedrock({ model: 'test', client })(HELLO).subscribe({
        next: () => {
          turns.push(now);
          queueMicrotask(() => (now += 1));
        },
        complete: resolve,
      });
    });
    expect(turns).toHaveLength(4);
    expect(new Set(turns).size).toBe(1);
  });
});

function chunksOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece);
    },
  });
}

function overBody(body: () => unknown): BedrockRuntimeClient {
  const handle = (): Promise<{ response: object }> => Promise.resolve({ response: { statusCode: 200, headers: { ...STREAM }, body: body() } });
  return new BedrockRuntimeClient({ region: 'us-east-1', credentials: { ...CREDENTIALS }, requestHandler: { handle } });
}

describe('N30 N44: the wait for the cost', () => {
  /** A connection whose bytes come in virtual time. */
  class Connection extends EventEmitter {
    destroyed = false;

    destroy(): void {
      this.destroyed = true;
    }
  }

  const told = (connection: Connection) => {
    const config = { model: 'test' };
    const answer = { kind: 'stream', status: 200, headers: { get: () => null }, body: connection } as const;
    return readAnswer({ answer, request: HELLO, built: buildRequest(config, HELLO), model: 'test', redact: (text) => text, ending: { over: false } }).pipe(map(({ type }) => type));
  };
  const names = { t: 'text_delta', u: 'usage', m: 'message' } as const;

  function run(work: (scheduler: Parameters<Parameters<TestScheduler['run']>[0]>[0], connection: Connection) => void): Connection {
    const connection = new Connection();
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run((helpers) => work(helpers, connection));
    return connection;
  }

  const comes = (connection: Connection, at: number, ...frames: readonly Uint8Array[]): void => {
    timer(at).subscribe(() => connection.emit('data', joined(frames)));
  };

  it('is five seconds at most once the message is whole', () => {
    const connection = run(({ expectObservable }, streamed) => {
      expectObservable(told(streamed)).toBe('10ms (tt) 4996ms (m|)', names);
      comes(streamed, 10, ...GREETING.slice(0, -1));
    });
    expect(connection.destroyed).toBe(true);
  });

  it('ends with the cost', () => {
    const connection = run(({ expectObservable }, streamed) => {
      expectObservable(told(streamed)).toBe('10ms (tt) 4985ms (um|)', names);
      comes(streamed, 10, ...GREETING.slice(0, -1));
      comes(streamed, 4999, ...GREETING.slice(-1));
    });
    expect(connection.destroyed).toBe(true);
  });

  it('does not begin before the message is whole', () => {
    run(({ expectObservable }, streamed) => {
      expectObservable(told(streamed)).toBe('10ms (tt)', names);
      comes(streamed, 10, ...GREETING.slice(0, -2));
      comes(streamed, 60_000);
    });
  });
});

it.each([200, 302, 400])('C1: a body of a handler that ignores the signal is stopped, whenever the turn is left (%i)', async (statusCode) => {
  for (let steps = 0; steps <= 12; steps++) {
    const body = new PassThrough();
    const left = new Subject<void>();
    const leaveAfter = (more: number): void => queueMicrotask(() => (more === 0 ? left.next() : leaveAfter(more - 1)));
    const handle = (): Promise<object> => {
      leaveAfter(steps);
      return Promise.resolve({ response: { statusCode, headers: {}, body } });
    };
    const client = new BedrockRuntimeClient({ region: 'us-east-1', credentials: { ...CREDENTIALS }, requestHandler: Object.assign(new NodeHttp2Handler(), { handle }) });
    await outcomeOf(bedrock({ model: 'test', client })(HELLO).pipe(takeUntil(left)));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([steps, body.destroyed]).toEqual([steps, true]);
  }
});

describe('sessions of HTTP/2', () => {
  const answering = (): ReturnType<typeof serve> => serve('http2', (reply) => reply.answer(200, STREAM, joined(GREETING)));

  it('serve one turn after the other', async () => {
    const server = await answering();
    const asked = provider(server.url);
    for (let turns = 0; turns < 6; turns++) expect(textOf((await outcomeOf(asked(HELLO))).events)).toBe('Hello 😀');
    expect(server.connections).toBeLessThan(6);
  });

  it('N3: are made anew where the service has closed an idle one', async () => {
    const server = await answering();
    const asked = provider(server.url);
    for (let turns = 0; turns < 3; turns++) {
      expect(textOf((await outcomeOf(asked(HELLO))).events)).toBe('Hello 😀');
      for (const socket of server.sockets) socket.resetAndDestroy();
      await until(() => server.sockets.size === 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connections).toBe(3);
  });

  it('are closed where Node refuses to send the request', async () => {
    const server = await answering();
    const { error } = await outcomeOf(provider(server.url, { headers: { connection: 'keep-alive' } })(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError' });
    await until(() => server.sockets.size === 0);
    // The next one connects after it: were the first one still to come, it would be there by then.
    expect(textOf((await outcomeOf(provider(server.url)(HELLO))).events)).toBe('Hello 😀');
    expect(server.sockets.size).toBe(1);
  });

  it('are not shared by turns at a time', async () => {
    const server = await serve('http2', (reply) => {
      reply.answer(200, STREAM);
      reply.write(joined(HALF));
    });
    const asked = provider(server.url);
    const turns = [hearing(), hearing(), hearing()];
    const subscriptions = turns.map(({ observer }) => asked(HELLO).subscribe(observer));
    await until(() => turns.every(({ heard }) => heard.length === 1));
    expect(server.sockets.size).toBe(3);
    subscriptions[1]?.unsubscribe();
    await until(() => server.sockets.size === 2);
    for (const subscription of subscriptions) subscription.unsubscribe();
    await until(() => server.sockets.size === 0);
  });
});
