import { EMPTY, type Observable } from 'rxjs';
import { usageTotals } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Usage } from '../../src/messages/usage.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const totals$ = events$.pipe(usageTotals());
export const givesUsageNeverNull: Equal<typeof totals$, Observable<Usage>> = true;
