import { take } from 'rxjs';
import type { Law } from './law.js';
import { fail } from './judge.js';
import type { Trial } from './trial.js';
import { tick } from './waiting.js';

/** No request takes as many turns of the event loop to arrive. */
const MOST_TICKS = 1_000;

/** Fails if a consumer that has left is told more, by the time that another has been told a whole turn. */
async function silence({ barrier, quiet }: Pick<Trial, 'barrier' | 'quiet'>): Promise<void> {
  await barrier();
  quiet();
}

export const teardownLaws: readonly Law[] = [
  {
    name: 'left at once',
    says: 'unsubscribed before it could connect, it leaves no request open',
    once: true,
    hold: async (trial) => {
      trial.ask().leave();
      await silence(trial);
      await trial.allClosed('After an unsubscription at once');
    },
  },
  {
    name: 'left while connecting',
    says: 'unsubscribed at every turn of the event loop until its request arrives, it leaves none open',
    once: true,
    hold: async (trial) => {
      let arrived = false;
      for (let ticks = 1; !arrived; ticks += 1) {
        if (ticks > MOST_TICKS) fail(`No request arrived within ${MOST_TICKS} turns of the event loop.`);
        const before = trial.bench.exchanges().length;
        const consumer = trial.ask();
        for (let count = 0; count < ticks && !arrived; count += 1) {
          await tick();
          arrived = trial.bench.exchanges().length > before;
        }
        consumer.leave();
        // One that was on its way when its consumer left arrives before the next begins.
        if (!arrived) await silence(trial);
      }
      await silence(trial);
      await trial.allClosed('After an unsubscription while connecting');
    },
  },
  {
    name: 'left before the answer',
    says: 'unsubscribed while the service is silent, it closes the request and says nothing',
    once: true,
    needs: ['answer'],
    hold: async (trial) => {
      const consumer = trial.ask();
      const exchange = await trial.exchange(1);
      consumer.leave();
      await trial.closed(exchange, 'After an unsubscription before the answer');
      trial.give(exchange, trial.frames);
      await silence(trial);
      trial.sameTypes(consumer, [], 'Unsubscribed before the answer');
    },
  },
  {
    name: 'left before the first event',
    says: 'unsubscribed after the headers, it closes the request and says nothing',
    once: true,
    needs: ['answer'],
    hold: async (trial) => {
      let announced = trial.subject.without?.['answer announced'] !== undefined;
      const consumer = trial.ask({ onAnswer: () => (announced = true) });
      const exchange = await trial.exchange(1);
      exchange.answer?.();
      for (let ticks = 0; ticks < MOST_TICKS && !announced; ticks += 1) await tick();
      consumer.leave();
      trial.sendAll(exchange);
      await trial.closed(exchange, 'After an unsubscription before the first event');
      await silence(trial);
      trial.sameTypes(consumer, [], 'Unsubscribed before the first event');
    },
  },
  {
    name: 'left within an event',
    says: 'unsubscribed inside `next` of any event, it closes the request and tells no other event',
    hold: async (trial) => {
      const types = trial.owed(trial.frames);
      for (let count = 1; count <= types.length; count += 1) {
        const when = `Unsubscribed within event ${count} of ${types.length} (${types[count - 1] ?? ''})`;
        const consumer = trial.hear(trial.request().pipe(take(count)));
        const exchange = await trial.exchange(count);
        trial.give(exchange, trial.frames);
        await trial.over(consumer, when);
        trial.sameTypes(consumer, types.slice(0, count), when);
        await trial.closed(exchange, when);
      }
    },
  },
  {
    name: 'left between events',
    says: 'unsubscribed after any frame, it closes the request; what is sent then is not heard',
    hold: async (trial) => {
      for (let count = 1; count < trial.frames; count += 1) {
        const when = `Unsubscribed after ${count} of ${trial.frames} frames`;
        const consumer = trial.ask();
        const exchange = await trial.exchange(count);
        trial.give(exchange, count);
        await trial.told(consumer, count, when);
        consumer.leave();
        trial.sendAll(exchange, count);
        await trial.closed(exchange, when);
        trial.sameTypes(consumer, trial.owed(count), when);
      }
      await silence(trial);
    },
  },
];
