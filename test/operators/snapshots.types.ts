import { EMPTY, type Observable } from 'rxjs';
import { snapshots, type AgentSnapshot, type CallSnapshot, type RunSnapshot } from 'coldstream/operators';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const states$ = events$.pipe(snapshots());
export const givesStates: Equal<typeof states$, Observable<RunSnapshot>> = true;
export const holdsCalls: Equal<RunSnapshot['calls'], readonly CallSnapshot[]> = true;
export const holdsAgents: Equal<RunSnapshot['agents'], readonly AgentSnapshot[]> = true;
export const saysHowItEnded: Equal<RunSnapshot['end'], StreamEventOf<'complete' | 'error'> | null> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(snapshots());
