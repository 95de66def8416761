import { EMPTY, map, type Observable } from 'rxjs';
import { ofType } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf, StreamEventType } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;

export const one$ = events$.pipe(ofType('usage'));
export const narrowsToOne: Equal<typeof one$, Observable<StreamEventOf<'usage'>>> = true;

export const two$ = events$.pipe(ofType('text_delta', 'thinking'));
export const narrowsToTwo: Equal<typeof two$, Observable<StreamEventOf<'text_delta' | 'thinking'>>> = true;

export const all$ = events$.pipe(ofType('usage', 'tool_result', 'tool_use_start', 'tool_use_end', 'complete', 'error', 'raw', 'custom', 'retry', 'message'));
export const types$ = all$.pipe(map(({ type }) => type));
type Ten = 'usage' | 'tool_result' | 'tool_use_start' | 'tool_use_end' | 'complete' | 'error' | 'raw' | 'custom' | 'retry' | 'message';
export const hasNoLimit: Equal<typeof types$, Observable<Ten>> = true;

export const names$ = events$.pipe(
  ofType('tool_use_start', 'tool_result'),
  map((event) => (event.type === 'tool_result' ? event.content.durationMs : event.content.input)),
);
export const knowsThePayload: Equal<typeof names$, Observable<StreamEventOf<'tool_use_start'>['content']['input']>> = true;

const wanted: StreamEventType = 'usage';
export const given$ = events$.pipe(ofType<readonly [StreamEventType]>(wanted));
export const staysWideForAVariable: Equal<typeof given$, Observable<StreamEvent>> = true;

// @ts-expect-error there is no such type
export const refusesUnknownTypes = ofType('text');
// @ts-expect-error nothing would pass
export const refusesNoTypes = ofType();
