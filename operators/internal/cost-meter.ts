import type { StreamEvent } from '../../src/events/events.js';
import { priceKinds as kinds, type ModelPrices, type Prices } from '../../src/messages/prices.js';
import type { Usage } from '../../src/messages/usage.js';
import { usageBook } from './usage-book.js';
import { usageSum, type UsageSum } from './usage-sum.js';

/** Tokens that nobody gave a price for. */
export interface UnpricedTokens {
  /** `null` where no event said which. */
  readonly model: string | null;
  readonly kind: keyof ModelPrices;
  readonly tokens: number;
}

/** What one model has cost. */
export interface ModelCost {
  readonly model: string | null;
  readonly usage: Usage;
  /** `null` where a part of it has no price. */
  readonly cost: number | null;
}

/** What was counted so far has cost. */
export interface CostTotal {
  /** All of it, in the currency of the prices; `null` where a part of it has no price. */
  readonly cost: number | null;
  /** The part of it that has one. */
  readonly priced: number;
  /** What has none: nothing is guessed. */
  readonly unpriced: readonly UnpricedTokens[];
  /** The same for each model, in the order in which they were first counted. */
  readonly models: readonly ModelCost[];
}

const PER = 1_000_000;

const tokensOf = (usage: Usage, kind: keyof ModelPrices): number => usage[`${kind}Tokens`];

interface PricedModel extends ModelCost {
  readonly priced: number;
  readonly unpriced: readonly UnpricedTokens[];
}

function costOf(model: string | null, usage: Usage, prices: Prices): PricedModel {
  const named = model !== null && Object.hasOwn(prices, model) ? prices[model] : undefined;
  const unpriced: UnpricedTokens[] = [];
  let priced = 0;
  for (const kind of kinds) {
    const tokens = tokensOf(usage, kind);
    const price = named?.[kind];
    if (price !== undefined) priced += (tokens * price) / PER;
    else if (tokens !== 0) unpriced.push({ model, kind, tokens });
  }
  return { model, usage, cost: unpriced.length === 0 ? priced : null, priced, unpriced };
}

/** Adds up what the events of a run report, for each model; the cost after an event that has changed the sum. */
export function costMeter(prices: Prices): (event: StreamEvent) => CostTotal | undefined {
  const sums = new Map<string | null, UsageSum>();
  const all = usageSum();
  let told: Usage | null = null;

  const sumOf = (model: string | null): UsageSum => {
    const sum = sums.get(model) ?? usageSum();
    sums.set(model, sum);
    return sum;
  };
  const read = usageBook((model, before, after) => {
    sumOf(model).replace(before, after);
    all.replace(before, after);
  });

  return (event) => {
    read(event);
    const total = all.total();
    if (total === null || total === told) return undefined;
    told = total;
    const models = [...sums].flatMap(([model, sum]) => {
      const usage = sum.total();
      return usage === null ? [] : [costOf(model, usage, prices)];
    });
    const unpriced = models.flatMap((each) => each.unpriced);
    const priced = models.reduce((sum, each) => sum + each.priced, 0);
    return {
      cost: unpriced.length === 0 ? priced : null,
      priced,
      unpriced,
      models: models.map(({ model, usage, cost }) => ({ model, usage, cost })),
    };
  };
}
