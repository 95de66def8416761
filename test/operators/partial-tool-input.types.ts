import { EMPTY, type Observable } from 'rxjs';
import { partialToolInput, type PartialToolInput } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const inputs$ = events$.pipe(partialToolInput());
export const givesInputs: Equal<typeof inputs$, Observable<PartialToolInput>> = true;
export const knowsInput: Equal<PartialToolInput['input'], Json> = true;
export const mayBeGone: Equal<PartialToolInput['discarded'], true | undefined> = true;
export const saysWhatWasWrong: Equal<PartialToolInput['inputError'], { readonly text: string; readonly message: string } | undefined> = true;

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only events can be read
export const refusesWhatIsNotAnEvent = numbers$.pipe(partialToolInput());
