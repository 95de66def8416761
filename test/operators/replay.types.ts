import { EMPTY, type Observable } from 'rxjs';
import { replay } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const recorded: readonly StreamEvent[] = [];
export const played$ = replay(recorded, { speed: 2 });
export const givesEvents: Equal<typeof played$, Observable<StreamEvent>> = true;

const live$: Observable<StreamEvent> = EMPTY;
export const takesAnObservable = replay(live$);
export const takesAnAsyncIterable = (lines: AsyncIterable<StreamEvent>): Observable<StreamEvent> => replay(lines);

// @ts-expect-error only events can be played
export const refusesWhatIsNotAnEvent = replay([1, 2]);
