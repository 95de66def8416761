import { EMPTY, type Observable } from 'rxjs';
import { tapUsage } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const same$ = events$.pipe(tapUsage(() => undefined));
export const keepsTheType: Equal<typeof same$, Observable<StreamEvent>> = true;

const some$: Observable<StreamEventOf<'text_delta' | 'usage'>> = EMPTY;
export const fewer$ = some$.pipe(tapUsage(() => undefined));
export const keepsANarrowType: Equal<typeof fewer$, Observable<StreamEventOf<'text_delta' | 'usage'>>> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(tapUsage(() => undefined));
// @ts-expect-error there may be no usage
export const saysThatThereMayBeNone = tapUsage((usage: { readonly inputTokens: number }) => usage);
