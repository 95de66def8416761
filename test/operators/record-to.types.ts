import { createWriteStream } from 'node:fs';
import { EMPTY, Subject, type Observable } from 'rxjs';
import { recordTo, type EventSink } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const same$ = events$.pipe(recordTo(() => undefined));
export const keepsTheType: Equal<typeof same$, Observable<StreamEvent>> = true;

const some$: Observable<StreamEventOf<'text_delta'>> = EMPTY;
export const fewer$ = some$.pipe(recordTo(new Subject<StreamEvent>(), { required: true }));
export const keepsANarrowType: Equal<typeof fewer$, Observable<StreamEventOf<'text_delta'>>> = true;

export const takesANodeStream = (file: string): EventSink => createWriteStream(file);
export const takesAFunctionThatPromises: EventSink = async ({ type }) => Promise.resolve(type);

// @ts-expect-error nothing to write to
export const refusesWhatIsNoSink = recordTo({ end: () => undefined });
// @ts-expect-error lines are text
export const refusesASinkOfBytes = recordTo({ write: (bytes: Uint8Array) => bytes });
