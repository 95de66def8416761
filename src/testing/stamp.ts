import { map, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { now } from '../internal/clock.js';
import type { ModelRequest } from '../provider.js';

/** The events as the asked step's own: its run, path and iteration, numbered from 0, at the clock's time. */
export function stamped(turn$: Observable<StreamEvent>, { runId, path, iteration }: ModelRequest): Observable<StreamEvent> {
  const step = {
    ...(runId === undefined ? {} : { runId }),
    ...(path === undefined ? {} : { path }),
    ...(iteration === undefined ? {} : { iteration }),
  };
  return turn$.pipe(map((event, seq) => ({ ...event, ...step, seq, timestamp: now() })));
}
