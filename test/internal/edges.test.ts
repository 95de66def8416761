import { getEventListeners } from 'node:events';
import { concat, firstValueFrom, NEVER, of, Subject, take, throwError, toArray, type Observable } from 'rxjs';
import { untilAborted, withSignal } from '../../src/internal/abort.js';
import { fromAsyncIterable } from '../../src/internal/from-async-iterable.js';
import { observe } from '../../src/internal/observe.js';
import { readBody } from '../../src/internal/read-body.js';
import { runDetached } from '../../src/internal/run-detached.js';
import { collect } from '../support/collect.js';

const errorOf = (source: Observable<unknown>): unknown[] => {
  const errors: unknown[] = [];
  source.subscribe({ error: (error: unknown) => errors.push(error) });
  return errors;
};

describe('fromAsyncIterable', () => {
  const counting = (log: string[]) =>
    (async function* () {
      try {
        for (let n = 0; ; n += 1) yield await Promise.resolve(n);
      } finally {
        log.push('returned');
      }
    })();

  it('C1 calls return() when it is unsubscribed, and not after a normal end', async () => {
    const log: string[] = [];
    expect(await firstValueFrom(fromAsyncIterable(counting(log)).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
    await new Promise(setImmediate);
    expect(log).toEqual(['returned']);
    const returned = jest.fn(() => Promise.resolve({ done: true as const, value: undefined }));
    const ended: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }), return: returned }) };
    await firstValueFrom(fromAsyncIterable(ended).pipe(toArray()));
    expect(returned).not.toHaveBeenCalled();
  });

  it('C1 calls return() of an iterator that never answers, and C4 takes its refusal quietly', async () => {
    const returned = jest.fn(() => Promise.reject(new Error('no')));
    const hung: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined), return: returned }) };
    fromAsyncIterable(hung).subscribe().unsubscribe();
    await new Promise(setImmediate);
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it('C5 asks for the next value only when the last was taken', async () => {
    let asked = 0;
    const endless: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false as const, value: (asked += 1) }) }) };
    await firstValueFrom(fromAsyncIterable(endless).pipe(take(5), toArray()));
    await new Promise(setImmediate);
    expect(asked).toBe(5);
  });

  it('passes on an error, also of an iterable that cannot begin', async () => {
    const failing: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }) };
    await expect(firstValueFrom(fromAsyncIterable(failing))).rejects.toThrow('gone');
    const broken: AsyncIterable<number> = { [Symbol.asyncIterator]: () => { throw new Error('no iterator'); } };
    expect(errorOf(fromAsyncIterable(broken))).toMatchObject([{ message: 'no iterator' }]);
  });
});

describe('readBody', () => {
  const bodyOf = (chunks: readonly string[], cancel: jest.Mock) =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const next = chunks[pulled++];
        if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
      },
      cancel,
    }, { highWaterMark: 0 });
  let pulled = 0;

  beforeEach(() => {
    pulled = 0;
  });

  it('C1 cancels the body when it is unsubscribed while a read is pending', async () => {
    const cancel = jest.fn();
    const seen: string[] = [];
    const first = new Subject<void>();
    const subscription = readBody(bodyOf(['a'], cancel)).subscribe((chunk) => {
      seen.push(new TextDecoder().decode(chunk));
      first.complete();
    });
    await firstValueFrom(first, { defaultValue: undefined });
    subscription.unsubscribe();
    await new Promise(setImmediate);
    expect(seen).toEqual(['a']);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('reads the whole body and then leaves it alone', async () => {
    const body = new Response('hello').body;
    if (body === null) throw new Error('no body');
    const chunks = await firstValueFrom(readBody(body).pipe(toArray()));
    expect(Buffer.concat(chunks).toString()).toBe('hello');
  });

  it('passes on an error', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('reset')) });
    await expect(firstValueFrom(readBody(body))).rejects.toThrow('reset');
  });
});

describe('signals', () => {
  it('C10 untilAborted leaves no listener on a long-lived signal', () => {
    const { signal } = new AbortController();
    for (let n = 0; n < 50; n += 1) collect(of(1).pipe(untilAborted(signal)));
    NEVER.pipe(untilAborted(signal)).subscribe().unsubscribe();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('untilAborted fails once when the signal fires, and sees one that has fired already', () => {
    const controller = new AbortController();
    const errors: unknown[] = [];
    NEVER.pipe(untilAborted(controller.signal)).subscribe({ error: (error: unknown) => errors.push(error) });
    controller.abort();
    expect(errors).toMatchObject([{ _tag: 'AbortedError', code: 'aborted', retryable: false }]);
    expect(errorOf(of(1).pipe(untilAborted(controller.signal)))).toHaveLength(1);
  });

  it('untilAborted without a signal is the source itself', () => {
    expect(untilAborted(undefined)(NEVER)).toBe(NEVER);
  });

  it.each<[string, (source: (signal: AbortSignal) => Observable<number>) => void, boolean]>([
    ['an unsubscription', (work) => withSignal(work).subscribe().unsubscribe(), true],
    ['a consumer that has enough', (work) => withSignal(work).pipe(take(1)).subscribe(), true],
  ])('withSignal aborts after %s', (_, end, expected) => {
    const signals: AbortSignal[] = [];
    const subject = new Subject<number>();
    end((signal) => {
      signals.push(signal);
      return subject;
    });
    subject.next(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([expected]);
  });

  it('withSignal does not abort when the consumer leaves with the last value', () => {
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal) => {
      signals.push(signal);
      return concat(of(1, 2), NEVER);
    };
    collect(withSignal(work, (value) => value === 2).pipe(take(2)));
    collect(withSignal(work, (value) => value === 2).pipe(take(1)));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it('withSignal does not abort work that completed or failed', () => {
    const signals: AbortSignal[] = [];
    const keep = <T>(source: Observable<T>) => withSignal((signal) => {
      signals.push(signal);
      return source;
    });
    collect(keep(of(1)));
    errorOf(keep(throwError(() => new Error('gone'))));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});

describe('observe', () => {
  it('takes strings, arrays and iterables as values', () => {
    const values = ['text', [1, 2], new Set([1]), null, undefined, 5];
    expect(values.map((value) => collect(observe(value)))).toEqual(values.map((value) => [value]));
  });
});

describe('runDetached', () => {
  it('runs at once and to the end, and tells whoever asks how it ended', () => {
    const source = new Subject<number>();
    const settled = runDetached(source);
    settled.subscribe().unsubscribe();
    expect(source.observed).toBe(true);
    source.next(1);
    source.complete();
    expect(collect(settled)).toEqual([1]);
    expect(errorOf(runDetached(throwError(() => new Error('gone'))))).toMatchObject([{ message: 'gone' }]);
  });
});
