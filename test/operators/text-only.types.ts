import { EMPTY, type Observable } from 'rxjs';
import { textOnly } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const text$ = events$.pipe(textOnly());
export const givesText: Equal<typeof text$, Observable<string>> = true;

const some$: Observable<StreamEventOf<'text_delta' | 'message'>> = EMPTY;
export const fromSome$ = some$.pipe(textOnly());
export const takesStreamsOfFewerTypes: Equal<typeof fromSome$, Observable<string>> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(textOnly());
