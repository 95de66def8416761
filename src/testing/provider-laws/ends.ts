import type { Law } from './law.js';
import { fail } from './judge.js';
import type { Trial } from './trial.js';
import type { Consumer } from './consumer.js';

const TRUNCATED = ['TruncatedStreamError'];
const BROKEN = ['ConnectionError', 'TruncatedStreamError'];

type Ends = Pick<Trial, 'turn' | 'frames' | 'whole' | 'failed' | 'owed'>;

/** What a stream that stops after so many frames comes to. */
function judgeEnd(trial: Ends, consumer: Consumer, frames: number, tags: readonly string[], when: string): void {
  const { enough } = trial.turn;
  if (frames === trial.frames) trial.whole(consumer, trial.owed(frames), when);
  else if (enough !== undefined && frames >= enough.frames) trial.whole(consumer, [...trial.owed(frames), ...enough.adds], when);
  else trial.failed(consumer, frames, tags, when);
}

/** Whether the turn is whole only if the client has read frames of which no event tells whether it has. */
function isUnwitnessed({ turn: { enough, tells }, frames }: Ends, count: number): boolean {
  return enough !== undefined && count >= enough.frames && count < frames && tells.slice(enough.frames - 1, count).every((types) => types.length === 0);
}

export const endLaws: readonly Law[] = [
  {
    name: 'answer announced',
    says: 'it calls `onAnswer` once: when the answer begins, and not before',
    once: true,
    needs: ['answer'],
    hold: async (trial) => {
      let announced = 0;
      const consumer = trial.ask({ onAnswer: () => (announced += 1) });
      const exchange = await trial.exchange(1);
      if (announced > 0) fail('The provider announced an answer before there was one.');
      exchange.answer?.();
      await trial.until(() => announced > 0, 'The headers were sent, and the provider has not called onAnswer');
      trial.sendAll(exchange);
      await trial.over(consumer, 'After a whole turn');
      if (announced > 1) fail(`The provider announced one answer ${announced} times.`);
    },
  },
  {
    name: 'ended early',
    says: 'a stream that ends after any number of frames tells exactly their events, and fails as truncated unless the turn is whole',
    needs: ['end'],
    hold: async (trial) => {
      for (let count = 0; count <= trial.frames; count += 1) {
        const when = `After ${count} of ${trial.frames} frames and a clean end`;
        const consumer = trial.ask();
        const exchange = await trial.exchange(count + 1);
        trial.give(exchange, count);
        exchange.end?.();
        await trial.over(consumer, when);
        judgeEnd(trial, consumer, count, TRUNCATED, when);
      }
      trial.quiet();
    },
  },
  {
    name: 'broken before the answer',
    says: 'a connection that breaks before the answer is a failure without an event',
    once: true,
    needs: ['break', 'breaks'],
    hold: async (trial) => {
      for (const [index, how] of (trial.subject.breaks ?? []).entries()) {
        const when = `After a break before the answer (${how})`;
        const consumer = trial.ask();
        (await trial.exchange(index + 1)).break?.(how);
        await trial.over(consumer, when);
        trial.failed(consumer, 0, BROKEN, when);
      }
    },
  },
  {
    name: 'broken',
    says: 'a connection that breaks after any number of frames tells exactly their events, and fails unless the turn is whole',
    needs: ['break', 'breaks'],
    hold: async (trial) => {
      let asked = 0;
      for (const how of trial.subject.breaks ?? []) {
        for (let count = 0; count <= trial.frames; count += 1) {
          if (isUnwitnessed(trial, count)) continue;
          const when = `After ${count} of ${trial.frames} frames and a break (${how})`;
          const consumer = trial.ask();
          asked += 1;
          const exchange = await trial.exchange(asked);
          trial.give(exchange, count);
          // A reset may throw away what the client has not read.
          await trial.told(consumer, count, when);
          exchange.break?.(how);
          await trial.over(consumer, when);
          judgeEnd(trial, consumer, count, BROKEN, when);
        }
      }
      trial.quiet();
    },
  },
  {
    name: 'held open',
    says: 'a whole turn completes, and closes its request, though the service keeps the connection open',
    hold: async (trial) => {
      const consumer = trial.ask();
      const exchange = await trial.exchange(1);
      trial.give(exchange, trial.frames);
      await trial.over(consumer, 'After a whole turn, with the connection held open');
      trial.whole(consumer, trial.owed(trial.frames), 'After a whole turn, with the connection held open');
      await trial.closed(exchange, 'After a whole turn');
    },
  },
  {
    name: 'surplus',
    says: 'what comes after the terminal frame is ignored',
    hold: async (trial) => {
      const all = trial.turn.tells.map((_, frame) => frame);
      const consumer = trial.ask();
      const exchange = await trial.exchange(1);
      exchange.answer?.();
      exchange.send([...all, ...all]);
      await trial.over(consumer, 'After a turn that was sent twice');
      trial.whole(consumer, trial.owed(trial.frames), 'After a turn that was sent twice');
    },
  },
];
