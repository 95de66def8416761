import { EMPTY, type Observable } from 'rxjs';
import { finalText } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const text$ = events$.pipe(finalText());
export const givesText: Equal<typeof text$, Observable<string>> = true;
