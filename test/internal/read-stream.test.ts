import { PassThrough, Readable } from 'node:stream';
import { lastValueFrom, toArray } from 'rxjs';
import { beginning } from '../../src/internal/beginning.js';
import { bodyOf, readStream, type BodyReceiver } from '../../src/internal/read-stream.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textsOf = async (body: unknown): Promise<readonly string[]> => (await lastValueFrom(readStream(body).pipe(toArray()))).map((chunk) => new TextDecoder().decode(chunk));
const failureOf = (body: unknown): Promise<unknown> =>
  new Promise((resolve) => readStream(body).subscribe({ error: resolve, complete: () => resolve('completed') }));

/** How many listeners of ours a stream may have once it is over: none that it does not have by itself. */
function listenersOf(stream: Readable): number {
  return ['data', 'end', 'error', 'close'].map((event) => stream.listenerCount(event)).reduce((sum, count) => sum + count, 0);
}

describe('readStream', () => {
  it('reads bodies of any kind', async () => {
    expect(await textsOf(Readable.from([bytes('a'), bytes('b')], { objectMode: false }))).toEqual(['a', 'b']);
    expect(await textsOf(new Response('web').body)).toEqual(['web']);
    expect(await textsOf(bytes('bytes'))).toEqual(['bytes']);
    expect(await textsOf('text')).toEqual(['text']);
    async function* made(): AsyncGenerator<Uint8Array> {
      yield bytes('made');
    }
    expect(await textsOf(made())).toEqual(['made']);
    for (const nothing of [undefined, null, 5, {}]) expect(await lastValueFrom(readStream(nothing).pipe(toArray()))).toEqual([]);
  });

  it('takes a stream that closes without its end for one that failed', async () => {
    const stream = new PassThrough();
    const failed = failureOf(stream);
    stream.write('a');
    setImmediate(() => stream.destroy());
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    expect(await failureOf(stream)).toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes a stream that was destroyed by the time of its end for one that failed, whoever else hears of the end', async () => {
    const stream = new PassThrough();
    stream.on('end', () => stream.destroy());
    const whole = failureOf(stream);
    stream.end('a');
    expect(await whole).toBe('completed');

    const lost = new PassThrough();
    const failed = failureOf(lost);
    Object.defineProperty(lost, 'destroyed', { value: true });
    lost.emit('end');
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });

  it('hands on the failure of a stream, also one that it had before', async () => {
    const stream = new PassThrough();
    const failed = failureOf(stream);
    const broken = new Error('broken');
    stream.destroy(broken);
    expect(await failed).toBe(broken);
    expect(await failureOf(stream)).toBe(broken);
  });

  it('destroys what is unsubscribed, hears what that has to say, and leaves no listener', async () => {
    const stream = new PassThrough();
    const before = listenersOf(stream);
    const heard: unknown[] = [];
    const subscription = readStream(stream).subscribe({ next: () => heard.push('next'), error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
    subscription.unsubscribe();
    expect(stream.destroyed).toBe(true);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    // A stream may say of its destruction that it is an error: nobody else hears it.
    stream.emit('error', new Error('destroyed'));
    await closed;
    expect([heard, listenersOf(stream)]).toEqual([[], before]);
  });

  it('leaves no listener on a stream that ended', async () => {
    const stream = new PassThrough();
    const before = listenersOf(stream);
    const ended = failureOf(stream);
    stream.end('a');
    expect(await ended).toBe('completed');
    expect(listenersOf(stream)).toBe(before);
  });
});

describe('a body that is pushed', () => {
  /** An answer of another make, known by its form alone. */
  function pushed() {
    const [receivers, stopped]: [BodyReceiver[], string[]] = [[], []];
    const pushTo = (receiver: BodyReceiver) => {
      receivers.push(receiver);
      return { pause: () => undefined, resume: () => undefined, stop: () => stopped.push('stopped') };
    };
    const answer = {
      pushTo,
      get body(): never {
        throw new Error('a stream was made');
      },
    };
    const heard: unknown[] = [];
    const subscription = readStream(bodyOf(answer)).subscribe({ next: (chunk) => heard.push(chunk), error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
    return { receiver: receivers[0], heard, stopped, subscription };
  }

  it('is read from the answer itself, chunk by chunk', () => {
    const { receiver, heard } = pushed();
    const chunk = bytes('a');
    receiver?.next(chunk);
    expect(heard[0]).toBe(chunk);
    receiver?.complete();
    expect(heard).toEqual([chunk, 'complete']);
    const broken = pushed();
    broken.receiver?.error('broken');
    expect(broken.heard).toEqual(['broken']);
  });

  it('C1: is stopped when it is unsubscribed', () => {
    const { heard, stopped, subscription, receiver } = pushed();
    subscription.unsubscribe();
    receiver?.next(bytes('late'));
    expect([heard, stopped]).toEqual([[], ['stopped']]);
  });

  it('is the body of any other answer that does not push', () => {
    const body = new PassThrough();
    expect(bodyOf({ body })).toBe(body);
  });
});

describe('beginning', () => {
  const read = (limit: number, ...pieces: readonly string[]): Promise<string> =>
    lastValueFrom(readStream(Readable.from(pieces.map(bytes), { objectMode: false })).pipe(beginning(limit)));

  it('is the whole of a short body, and as much as asked for of a longer one', async () => {
    expect(await read(10, 'a', 'bc')).toBe('abc');
    expect(await read(10)).toBe('');
    expect(await read(4, 'abc', 'def', 'ghi')).toBe('abcd');
    expect(await read(4, 'abcdefgh')).toBe('abcd');
  });

  it('puts characters together that were cut', async () => {
    const pieces = [...bytes('😀é')].map((byte) => Uint8Array.of(byte));
    expect(await lastValueFrom(readStream(Readable.from(pieces, { objectMode: false })).pipe(beginning(100)))).toBe('😀é');
  });

  it('stops reading, and keeps what a body said before it broke', async () => {
    const endless = new PassThrough();
    endless.write('x'.repeat(1000));
    expect(await lastValueFrom(readStream(endless).pipe(beginning(10)))).toBe('x'.repeat(10));
    expect(endless.destroyed).toBe(true);

    const broken = new PassThrough();
    const text = lastValueFrom(readStream(broken).pipe(beginning(10)));
    broken.write('half');
    setImmediate(() => broken.destroy(new Error('broken')));
    expect(await text).toBe('half');
  });
});
