import { EMPTY, type Observable } from 'rxjs';
import { partialOutput, type PartialOutput } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const outputs$ = events$.pipe(partialOutput());
export const givesOutputs: Equal<typeof outputs$, Observable<PartialOutput>> = true;
export const holdsJson: Equal<PartialOutput['output'], Json> = true;
export const mayBeGone: Equal<PartialOutput['discarded'], true | undefined> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(partialOutput());
