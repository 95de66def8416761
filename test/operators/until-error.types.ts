import { EMPTY, type Observable } from 'rxjs';
import { untilError } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const same$ = events$.pipe(untilError());
export const keepsTheType: Equal<typeof same$, Observable<StreamEvent>> = true;

const some$: Observable<StreamEventOf<'text_delta' | 'error'>> = EMPTY;
export const fewer$ = some$.pipe(untilError());
export const keepsANarrowerType: Equal<typeof fewer$, Observable<StreamEventOf<'text_delta' | 'error'>>> = true;
