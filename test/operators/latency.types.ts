import { EMPTY, type Observable } from 'rxjs';
import { latency, type TurnLatency } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const turns$ = events$.pipe(latency());
export const givesTurns: Equal<typeof turns$, Observable<TurnLatency>> = true;
export const mayNotKnow: Equal<TurnLatency['firstTokenMs'], number | null> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(latency());
