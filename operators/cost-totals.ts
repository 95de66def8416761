import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { requirePrices, type Prices } from '../src/messages/prices.js';
import { costMeter, type CostTotal } from './internal/cost-meter.js';
import { isCounted } from './internal/usage-book.js';

/**
 * What the run has cost so far, in money: the running totals of `usageTotals`, each model's tokens at the prices that you
 * give.
 *
 * There are no prices in this package, and none is guessed: tokens of a model that the table does not name are told as
 * tokens without a price, and the total says that it is not whole.
 *
 * ```
 * events:  -u-u-m-n-u-r-u-m-n-c|     u usage, m message, n iteration_end, r retry, c complete
 *          costTotals(prices)
 * costs:   -a-b-----c---d------|     only where the total has changed
 * ```
 *
 * - Prices are for a million tokens. A model is named as the events name it, in `model`: services may answer with a longer
 *   name than the one that they were asked for, and where it has no price `unpriced` says it.
 * - `cost` is `null` as soon as something counted has no price; `priced` is what the rest costs, `unpriced` says what is
 *   missing: the model, the kind of tokens, how many. A price for the cache may be left out as long as it is not used.
 * - All paths, abandoned attempts and several runs in one stream count, each at the price of the model that did the work.
 *   What `iteration_end` reports beyond its turns is the last model's.
 * - Tokens count as the provider reports them: what a service prices otherwise (by the hour of the day, the length of the
 *   prompt, the life of what is cached, its own tools) is not seen here.
 * - Nothing reported: completes without a value.
 * - A failed run completes here after its last total; its `error` event is not raised.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { costTotals } from 'coldstream/operators';
 * import { event, tokens } from 'coldstream/testing';
 * import { of } from 'rxjs';
 *
 * const prices = { small: { input: 1, output: 5 }, large: { input: 5, output: 25, cacheRead: 0.5 } };
 * of(
 *   event.usage(tokens(200_000, 10_000), { model: 'small' }),
 *   event.usage(tokens(0, 1_000), { model: 'other', path: ['call_1'] }),
 * )
 *   .pipe(costTotals(prices))
 *   .subscribe(({ cost, priced, unpriced }) => console.log(String(cost), priced, JSON.stringify(unpriced)));
 * // Logs:
 * // 0.25 0.25 []
 * // null 0.25 [{"model":"other","kind":"output","tokens":1000}]
 * ```
 *
 * @see {@link usageTotals} for the tokens.
 * @param prices what each model costs for a million tokens: `input`, `output` and, where it is used, `cacheRead` and `cacheWrite`.
 * @returns an operator from the events of runs, or of providers' turns, to running costs.
 * @throws ConfigurationError for a price that is no number from 0 on.
 */
export function costTotals(prices: Prices): OperatorFunction<StreamEvent, CostTotal> {
  requirePrices(prices);
  return (source) =>
    defer(() => {
      const take = costMeter(prices);
      return source.pipe(
        filter(isCounted),
        map((event) => take(event)),
        filter((total) => total !== undefined),
      );
    });
}
