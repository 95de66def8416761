import { EMPTY, type Observable } from 'rxjs';
import { costTotals, type CostTotal, type ModelPrices, type UnpricedTokens } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const events$: Observable<StreamEvent> = EMPTY;
export const costs$ = events$.pipe(costTotals({ small: { input: 1, output: 5 } }));
export const givesCosts: Equal<typeof costs$, Observable<CostTotal>> = true;
export const mayNotBeWhole: Equal<CostTotal['cost'], number | null> = true;
export const saysWhatHasNoPrice: Equal<UnpricedTokens['kind'], keyof ModelPrices> = true;

// @ts-expect-error a model has a price for what comes out as well
export const refusesHalfAPrice = costTotals({ small: { input: 1 } });
// @ts-expect-error there are no prices in this package
export const refusesNoPrices = costTotals();
