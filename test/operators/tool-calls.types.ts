import { EMPTY, type Observable } from 'rxjs';
import { toolCalls, type FinishedToolCall } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const calls$ = events$.pipe(toolCalls());
export const givesCalls: Equal<typeof calls$, Observable<FinishedToolCall>> = true;
export const knowsInput: Equal<FinishedToolCall['input'], Json> = true;
export const mayHaveNoStructuredResult: Equal<FinishedToolCall['structured'], Json | undefined> = true;
export const saysHowLong: Equal<FinishedToolCall['durationMs'], number> = true;
