import { EMPTY, type Observable } from 'rxjs';
import { collectRun, type CollectedRun, type FinishedToolCall } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Usage } from '../../src/messages/usage.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const run$ = events$.pipe(collectRun());
export const givesTheRun: Equal<typeof run$, Observable<CollectedRun>> = true;
export const mayKnowNoUsage: Equal<CollectedRun['usage'], Usage | null> = true;
export const saysWhyItFailed: Equal<CollectedRun['error'], StreamEventOf<'error'>['content'] | undefined> = true;
export const holdsTheCalls: Equal<CollectedRun['toolCalls'], readonly FinishedToolCall[]> = true;
