import { interval, lastValueFrom, map, materialize, merge, takeWhile, toArray, type ObservableNotification } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';
import type { Provider } from '../../src/provider.js';
import type { Place } from './serve.js';
import type { Outcome } from './wire.js';

/** How long nothing may happen before it is said that nothing will. */
const SILENCE_MS = 30_000;

const REQUEST = { messages: [{ role: 'user', content: [{ type: 'text', text: 'recorded' }] }], runId: 'run' } as const;

/** All that comes of asking the provider once for what is at the place. */
export async function play(provider: Provider, place: Place): Promise<Outcome> {
  place.lastActive = Date.now();
  const silence$ = interval(1000).pipe(
    map((): never[] => {
      if (Date.now() - place.lastActive > SILENCE_MS) throw new Error(`the provider neither ended nor failed ${SILENCE_MS / 1000} s after the last byte`);
      return [];
    }),
  );
  const told$ = provider(REQUEST).pipe(materialize());
  const notifications: ObservableNotification<StreamEvent>[] = (
    await lastValueFrom(merge(told$, silence$).pipe(takeWhile((told) => Array.isArray(told) || told.kind === 'N', true), toArray()))
  ).flatMap((told) => told);
  const events = notifications.flatMap((notification) => (notification.kind === 'N' ? [{ ...notification.value, timestamp: 0 }] : []));
  const last = notifications.at(-1);
  return { events, error: last?.kind === 'E' ? last.error : undefined };
}
