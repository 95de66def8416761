import { firstValueFrom, lastValueFrom, toArray, take } from 'rxjs';
import { replay } from 'coldstream/operators';
import { event } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

const events = [event.text('a'), event.text('b'), event.complete()];

/** An async iterable that says whether it was told that nobody listens any more. */
function source({ hangsAfter = Infinity, fails = false }: { readonly hangsAfter?: number; readonly fails?: boolean } = {}) {
  const told = { returned: 0, asked: 0 };
  const iterable: AsyncIterable<StreamEvent> = {
    [Symbol.asyncIterator]: () => {
      let next = 0;
      return {
        next: () => {
          told.asked += 1;
          const value = events[next];
          if (next >= hangsAfter) return new Promise(() => undefined);
          next += 1;
          if (fails && next === 2) return Promise.reject(new TypeError('torn'));
          return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
        },
        return: () => {
          told.returned += 1;
          return Promise.reject(new TypeError('cannot close'));
        },
      };
    },
  };
  return { iterable, told };
}

describe.each([1, Infinity])('replay of an async iterable, at speed %s', (speed) => {
  it('plays it to its end, and again', async () => {
    const { iterable, told } = source();
    const played$ = replay(iterable, { speed }).pipe(toArray());
    expect(await lastValueFrom(played$)).toEqual(events);
    expect(await lastValueFrom(played$)).toEqual(events);
    expect(told.returned).toBe(0);
  });

  it('tells it at once that it was left, though its next value never comes, and hears nothing of how it ends (C1)', async () => {
    const { iterable, told } = source({ hangsAfter: 1 });
    const subscription = { unsubscribe: (): void => undefined };
    await new Promise<void>((resolve) => {
      const running = replay(iterable, { speed }).subscribe(() => resolve());
      subscription.unsubscribe = () => running.unsubscribe();
    });
    expect(told.returned).toBe(0);
    subscription.unsubscribe();
    expect(told.returned).toBe(1);
  });

  it('asks for no more than is taken', async () => {
    const { iterable, told } = source();
    expect(await firstValueFrom(replay(iterable, { speed }).pipe(take(1)))).toEqual(events[0]);
    expect(told).toEqual({ asked: 1, returned: 1 });
  });

  it('passes its error', async () => {
    await expect(lastValueFrom(replay(source({ fails: true }).iterable, { speed }))).rejects.toThrow('torn');
  });
});
