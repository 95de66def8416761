import { Observable } from 'rxjs';
import { timingOut } from '../../src/resilience/timing-out.js';
import { eventFactory, type Provider } from '../../src/provider.js';
import { inOneMoment } from '../../src/internal/clock.js';

/** Two chunks, the second of which is there as soon as anybody looks, after the timers that are due. */
const twoChunks: Provider = (request) =>
  new Observable((subscriber) => {
    const create = eventFactory(request);
    const chunk = (rest: () => void) => () => {
      setImmediate(rest);
      inOneMoment(() => ['Hel', 'lo'].forEach((content) => subscriber.next(create({ type: 'text_delta', content, block: 0 }))));
    };
    setImmediate(chunk(chunk(() => subscriber.complete())));
  });

function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a consumer that is busy for longer than the service may be silent', () => {
  it.each([
    ['at the first event of a chunk', 0],
    ['at the last event of a chunk', 1],
  ])('%s is not taken for a silence: what has come meanwhile is read first', async (_, busyAt) => {
    let seen = 0;
    const error = await new Promise((resolve) => {
      timingOut({ idle: 20 })(twoChunks)({ messages: [] }).subscribe({
        next: () => {
          if (seen++ % 2 === busyAt) busy(60);
        },
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    expect([seen, error]).toEqual([4, undefined]);
  });
});
