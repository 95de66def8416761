import type { Envelope } from '../../events/events.js';
import { firstDifference } from '../compare.js';
import type { Law } from './law.js';
import { fail } from './judge.js';

/** All but the time. */
const compared: readonly (keyof Envelope)[] = ['runId', 'seq', 'path', 'iteration', 'model', 'metadata'];

export const coldLaws: readonly Law[] = [
  {
    name: 'cold',
    says: 'nothing is sent before somebody subscribes',
    once: true,
    hold: async ({ bench, barrier, request }) => {
      const sources = [request(), request()];
      // Whatever had been sent for these would have arrived before the end of this one.
      await barrier();
      const extra = bench.exchanges().length - 1;
      if (extra > 0) fail(`The service got ${extra} requests of ${sources.length} sources that nobody had subscribed to.`);
    },
  },
  {
    name: 'apart',
    says: 'each subscription is a request of its own, shares nothing with another, and is told the same',
    hold: async ({ closed, exchange, frames, give, hear, over, owed, quiet, request, sameTypes, told, turn, whole }) => {
      const source$ = request();
      const left = hear(source$);
      const first = await exchange(1);
      const stays = hear(source$);
      const second = await exchange(2);
      const some = turn.tells.findIndex((types) => types.length > 0) + 1;
      give(first, some);
      await told(left, some, 'With one of two subscriptions answered');
      sameTypes(stays, [], 'With only the other subscription answered');
      left.leave();
      await closed(first, 'After one of two subscriptions was left');
      give(second, frames);
      await over(stays, 'After the other subscription was left');
      whole(stays, owed(frames), 'After the other subscription was left');
      const again = hear(source$);
      give(await exchange(3), frames);
      await over(again, 'Subscribed again');
      whole(again, owed(frames), 'Subscribed again');
      const difference = firstDifference(again.events, stays.events, { envelope: compared });
      if (difference !== undefined) fail(`The same source told something else when it was subscribed again: ${difference}.`);
      quiet();
    },
  },
];
