import { EMPTY, type Observable } from 'rxjs';
import { thinkingOnly } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const thinking$ = events$.pipe(thinkingOnly());
export const givesText: Equal<typeof thinking$, Observable<string>> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(thinkingOnly());
