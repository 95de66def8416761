import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { take } from 'rxjs';
import { anthropic, type AnthropicClient, type AnthropicConfig } from 'coldstream/anthropic';
import type { StreamEvent } from '../../src/events/events.js';
import { closeAll, EMPTY_TEXT, GREETING, HELLO, KEY, open, outcomeOf, serve, sse, start, text, textOf, until } from './support.js';

const STREAM = { 'content-type': 'text/event-stream' };
const BODY = sse(GREETING);
const provider = (baseURL: string, config: Partial<AnthropicConfig> = {}): ReturnType<typeof anthropic> =>
  anthropic({ model: 'claude-test', apiKey: KEY, baseURL, ...config });

afterEach(closeAll);

describe('a cold source', () => {
  it('C6: sends nothing before it is subscribed, and one request for each subscription', async () => {
    const server = await serve((response, _request, count) => response.writeHead(200, STREAM).end(BODY.replaceAll('msg_1', `msg_${count}`)));
    const source = provider(server.url)(HELLO);
    // Whatever the source had sent would be first in line.
    await outcomeOf(provider(server.url)(HELLO));
    expect(server.requests).toHaveLength(1);

    const [first, second] = await Promise.all([outcomeOf(source), outcomeOf(source)]);
    expect(server.requests).toHaveLength(3);
    const ids = [first, second].map(({ events }) => events.flatMap((event) => (event.type === 'message' ? [event.id] : [])).join());
    expect(new Set(ids).size).toBe(2);
    expect([textOf(first.events), textOf(second.events)]).toEqual(['Hello 😀', 'Hello 😀']);
    expect(first.events.map(({ seq }) => seq)).toEqual(second.events.map(({ seq }) => seq));
  });

  it('C1: sends nothing when it is unsubscribed at once', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(BODY));
    provider(server.url)(HELLO).subscribe().unsubscribe();
    await outcomeOf(provider(server.url)(HELLO));
    expect(server.requests).toHaveLength(1);
  });
});

describe('teardown', () => {
  it('C1: unsubscribed before the headers, it closes the connection and says nothing', async () => {
    let closed = false;
    const server = await serve((response) => response.once('close', () => (closed = true)));
    const heard: unknown[] = [];
    const subscription = provider(server.url)(HELLO).subscribe({ next: (event) => heard.push(event), error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
    await until(() => server.requests.length === 1);
    subscription.unsubscribe();
    await until(() => closed);
    expect(heard).toEqual([]);
  });

  it('C1: unsubscribed at any event, it closes the connection and no event follows', async () => {
    const frames = [start(), open(0, EMPTY_TEXT), text(0, 'a'), text(0, 'b'), text(0, 'c')];
    let responses: ServerResponse[] = [];
    const server = await serve((response) => {
      responses.push(response);
      response.writeHead(200, STREAM).write(sse(frames));
    });
    for (let count = 1; count <= 4; count++) {
      responses = [];
      const { events, completed } = await outcomeOf(provider(server.url)(HELLO).pipe(take(count)));
      expect(completed).toBe(true);
      expect(events).toHaveLength(count);
      await until(() => responses[0]?.destroyed === true);
    }
  });

  it('C1: unsubscribed between events, it closes the connection; what the service writes then is not heard', async () => {
    let answer: ServerResponse | undefined;
    const server = await serve((response) => {
      answer = response;
      response.writeHead(200, STREAM).write(sse([start(), open(0, EMPTY_TEXT), text(0, 'a')]));
    });
    const heard: StreamEvent[] = [];
    const subscription = provider(server.url)(HELLO).subscribe((event) => heard.push(event));
    await until(() => textOf(heard) === 'a');
    answer?.write(sse([text(0, 'b')]));
    subscription.unsubscribe();
    await until(() => answer?.destroyed === true);
    expect(textOf(heard)).toBe('a');
  });

  it('a failed stream closes its connection as well', async () => {
    let answer: ServerResponse | undefined;
    const server = await serve((response) => {
      answer = response;
      response.writeHead(200, STREAM).write(sse([start(), text(0, 'no such block')]));
    });
    expect((await outcomeOf(provider(server.url)(HELLO))).error).toMatchObject({ _tag: 'ProtocolError' });
    await until(() => answer?.destroyed === true);
  });

  it('an answer that is no stream closes its connection once enough of it was read', async () => {
    let answer: ServerResponse | undefined;
    const server = await serve((response) => {
      answer = response;
      response.writeHead(200, { 'content-type': 'text/html' }).write('x'.repeat(100_000));
    });
    expect((await outcomeOf(provider(server.url)(HELLO))).error).toMatchObject({ _tag: 'ProtocolError' });
    await until(() => answer?.destroyed === true);
  });
});

describe('bursts', () => {
  const chunked = (pieces: readonly Uint8Array[]): typeof globalThis.fetch => () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: STREAM }));
  };

  it('tells all events of one chunk synchronously', async () => {
    const turns: number[] = [];
    let now = 0;
    await new Promise<void>((resolve) => {
      provider('http://127.0.0.1', { fetch: chunked([new TextEncoder().encode(BODY)]) })(HELLO).subscribe({
        next: () => {
          turns.push(now);
          queueMicrotask(() => (now += 1));
        },
        complete: resolve,
      });
    });
    expect(new Set(turns).size).toBe(1);
    expect(turns.length).toBeGreaterThan(3);
  });

  it('N16: tells the same however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode(BODY);
    const tell = async (pieces: readonly Uint8Array[]): Promise<unknown> =>
      (await outcomeOf(provider('http://127.0.0.1', { fetch: chunked(pieces) })(HELLO))).events.map((event) => ({ ...event, timestamp: 0 }));
    const whole = await tell([bytes]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 }), async (places) => {
        const ends = [...places.sort((left, right) => left - right), bytes.length];
        expect(await tell(ends.map((to, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], to)))).toEqual(whole);
      }),
      { numRuns: 100 },
    );
    expect(await tell([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });
});

describe('a client of the caller', () => {
  it('is asked once for each subscription, with no retries and no redirects of its own', async () => {
    const asked: { body: object; options: object }[] = [];
    const client: AnthropicClient = {
      messages: {
        create: (body, options) => {
          asked.push({ body, options });
          return { asResponse: () => Promise.resolve(new Response(BODY, { headers: STREAM })) };
        },
      },
    };
    const ask = anthropic({ model: 'claude-test', client, headers: { 'anthropic-beta': 'x' } });
    expect(asked).toEqual([]);
    expect(await outcomeOf(ask(HELLO))).toMatchObject({ completed: true });
    expect(asked).toMatchObject([{ body: { model: 'claude-test', stream: true }, options: { maxRetries: 0, headers: { 'anthropic-beta': 'x' }, fetchOptions: { redirect: 'manual' } } }]);
  });
});
