import { Readable } from 'node:stream';
import { concat, defer, finalize, map, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { agent, toAsyncIterable, type StreamEvent } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { holdBack } from '../../src/internal/handing-on.js';
import { readStream, type BodyReceiver, type PushedBody } from '../../src/internal/read-stream.js';

async function all<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

/** Lets whatever can go on do so. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
}

describe('toAsyncIterable', () => {
  it('gives a loop what a run gives, and ends with it', async () => {
    const ask = agent({ provider: scriptedProvider([textTurn('Hel', 'lo'), textTurn('Hel', 'lo')], { pace: 1 }) });
    const events = await all(toAsyncIterable(ask('Hi')));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.at(-1)?.type).toBe('complete');
  });

  it('throws a failure after what came before it, once', async () => {
    const iterator = toAsyncIterable(concat(of(1, 2), throwError(() => new Error('gone'))))[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toThrow('gone');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('subscribes with the first value that is asked for, anew for each loop', async () => {
    let subscribed = 0;
    const values = toAsyncIterable(defer(() => of((subscribed += 1))));
    expect(subscribed).toBe(0);
    expect([...(await all(values)), ...(await all(values))]).toEqual([1, 2]);
  });

  it.each(['break', 'throw'])('C1: is unsubscribed when the loop is left by %s', async (how) => {
    let open = 0;
    const source$ = defer(() => {
      open += 1;
      return concat(of(1, 2, 3), NEVER).pipe(finalize(() => (open -= 1)));
    });
    const loop = async (): Promise<void> => {
      for await (const value of toAsyncIterable(source$)) {
        if (value < 2) continue;
        if (how === 'throw') throw new Error('enough');
        break;
      }
    };
    await loop().catch(() => undefined);
    expect(open).toBe(0);
  });

  it('answers those who ask before there is anything, in their order, and all of them at the end', async () => {
    const source$ = new Subject<number>();
    const iterator = toAsyncIterable(source$)[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    source$.next(1);
    source$.next(2);
    source$.complete();
    expect((await Promise.all(asked)).map(({ done, value }) => (done === true ? 'over' : value))).toEqual([1, 2, 'over', 'over']);
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect((await iterator.next()).done).toBe(true);
  });

  it('C5: gives up a source that nothing holds back, at its limit, and says so after what was kept', async () => {
    const source$ = new Subject<number>();
    const iterator = toAsyncIterable(source$, { buffer: 2, limit: 5 })[Symbol.asyncIterator]();
    const first = iterator.next();
    for (let value = 0; value < 100; value += 1) source$.next(value);
    expect(source$.observed).toBe(false);
    expect((await first).value).toBe(0);
    for (let value = 1; value < 6; value += 1) expect((await iterator.next()).value).toBe(value);
    await expect(iterator.next()).rejects.toMatchObject({ _tag: 'OverflowError', code: 'overflow' });
  });

  it('refuses limits below 1', () => {
    expect(() => toAsyncIterable(NEVER, { buffer: 0 })).toThrow('buffer must be');
    expect(() => toAsyncIterable(NEVER, { limit: 0 })).toThrow('limit must be');
  });
});

const pieces = 500;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A body of many pieces in each form that a client of HTTP has for one, and how many were asked of it. */
function bodies(): readonly (readonly [string, () => { readonly body: unknown; readonly read: () => number }])[] {
  const counted = (make: (next: () => Uint8Array | null) => unknown) => () => {
    let read = 0;
    return { body: make(() => (read === pieces ? null : bytes(String(read++ % 10)))), read: () => read };
  };
  return [
    [
      'a stream of the web',
      counted(
        (next) =>
          new ReadableStream<Uint8Array>(
            {
              pull: (controller) => {
                const piece = next();
                if (piece === null) controller.close();
                else controller.enqueue(piece);
              },
            },
            { highWaterMark: 0 },
          ),
      ),
    ],
    [
      'a stream of Node',
      counted((next) => {
        const stream: Readable = new Readable({ highWaterMark: 4, read: () => void setImmediate(() => stream.push(next())) });
        return stream;
      }),
    ],
    [
      'an async iterable',
      counted((next) => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            const value = next();
            return Promise.resolve(value === null ? { done: true, value } : { done: false, value });
          },
        }),
      })),
    ],
    ['a body that is pushed', counted((next) => pushed(next))],
  ];
}

/** Pushes a piece a turn of the event loop; what was on its way when it is paused comes all the same. */
function pushed(next: () => Uint8Array | null): PushedBody {
  return {
    pushTo: (receiver: BodyReceiver) => {
      let paused = false;
      let stopped = false;
      const push = (): void => {
        if (paused || stopped) return;
        for (let piece = 0; piece < 2; piece += 1) {
          const chunk = next();
          if (chunk === null) {
            stopped = true;
            receiver.complete();
            return;
          }
          receiver.next(chunk);
        }
        setImmediate(push);
      };
      // What has come before is told at once.
      push();
      return {
        pause: () => (paused = true),
        resume: () => {
          paused = false;
          setImmediate(push);
        },
        stop: () => (stopped = true),
      };
    },
  };
}

describe('C5: a loop that is slower than its connection', () => {
  const text = Array.from({ length: pieces }, (_, nth) => String(nth % 10)).join('');
  const textOf = (chunks: readonly Uint8Array[]): string => chunks.map((chunk) => new TextDecoder().decode(chunk)).join('');

  it.each(bodies())('pauses %s, goes on when it has taken what waits, and loses nothing', async (_, make) => {
    const { body, read } = make();
    const iterator = toAsyncIterable(readStream(body), { buffer: 10 })[Symbol.asyncIterator]();
    const taken: Uint8Array[] = [];
    const take = async (count: number): Promise<void> => {
      for (let nth = 0; nth < count; nth += 1) {
        const step = await iterator.next();
        if (step.done !== true) taken.push(step.value);
      }
    };
    await take(1);
    await settled();
    expect(read()).toBeLessThan(30);
    await take(100);
    await settled();
    expect(read()).toBeLessThan(130);
    await take(pieces);
    expect(textOf(taken)).toBe(text);
  });

  it.each(bodies())('closes %s when it is left while that is paused', async (_, make) => {
    const { body, read } = make();
    const iterator = toAsyncIterable(readStream(body), { buffer: 2 })[Symbol.asyncIterator]();
    await iterator.next();
    await settled();
    await iterator.return?.();
    const before = read();
    await settled();
    expect(read()).toBeLessThanOrEqual(before + 2);
  });

  it('pauses the answer of a model through an agent and an operator', async () => {
    let sent = 0;
    const frame = (event: Record<string, unknown>): Uint8Array => bytes(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
    const opening = [
      { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ];
    const closing = [{ type: 'content_block_stop', index: 0 }, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }, { type: 'message_stop' }];
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } };
    const frames = [...opening, ...Array.from({ length: pieces }, () => delta), ...closing];
    const fetch = (): Promise<Response> =>
      Promise.resolve(
        new Response(
          new ReadableStream<Uint8Array>(
            {
              pull: (controller) => {
                const next = frames[sent];
                sent += 1;
                if (next === undefined) controller.close();
                else controller.enqueue(frame(next));
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: { 'content-type': 'text/event-stream' } },
        ),
      );
    const ask = agent({ provider: anthropic({ model: 'm', apiKey: 'k', baseURL: 'http://127.0.0.1:1', fetch }) });
    const types$: Observable<StreamEvent['type']> = ask('Hi').pipe(map(({ type }) => type));
    const iterator = toAsyncIterable(types$, { buffer: 20 })[Symbol.asyncIterator]();
    const taken: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) taken.push(String((await iterator.next()).value));
    await settled();
    expect(sent).toBeLessThan(60);
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) taken.push(step.value);
    expect(taken.filter((type) => type === 'text_delta')).toHaveLength(pieces);
    expect(taken.at(-1)).toBe('complete');
  });

  it('holds nothing back where nothing is being read', () => {
    expect(holdBack()).toBeUndefined();
  });
});
