import { requireNumber } from '../errors/require.js';
import type { Usage } from './usage.js';

/** What a model costs for a million tokens, in a currency of your choice. */
export interface ModelPrices {
  /** Tokens that went in and had nothing to do with the cache. */
  readonly input: number;
  readonly output: number;
  /** Tokens read from the cache. */
  readonly cacheRead?: number;
  /** Tokens written to the cache. */
  readonly cacheWrite?: number;
}

/** Prices by model, as events name it in `model`. */
export type Prices = Readonly<Record<string, ModelPrices>>;

/** The kinds of tokens that have a price. */
export const priceKinds = ['input', 'output', 'cacheRead', 'cacheWrite'] as const satisfies readonly (keyof ModelPrices)[];

/** @throws ConfigurationError for a price that is no number from 0 on */
export function requirePrices(prices: Prices): void {
  for (const [model, named] of Object.entries(prices)) {
    for (const kind of priceKinds) {
      const price = named[kind];
      if (price !== undefined || kind === 'input' || kind === 'output') requireNumber(`the price of ${kind} for ${model}`, price ?? NaN);
    }
  }
}

const A_MILLION = 1_000_000;

/**
 * What a usage costs in the currency of the prices; undefined where the table does not say. Nothing is guessed: not the
 * price of a model that is named much like one in the table, and not that of the cache.
 */
export function costOf(usage: Usage, model: string | null, prices: Prices): number | undefined {
  const price = model !== null && Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (price === undefined) return undefined;
  const read = priced(usage.cacheReadTokens, price.cacheRead);
  const written = priced(usage.cacheWriteTokens, price.cacheWrite);
  if (read === undefined || written === undefined) return undefined;
  return (usage.inputTokens * price.input + usage.outputTokens * price.output + read + written) / A_MILLION;
}

function priced(tokens: number, price: number | undefined): number | undefined {
  return tokens === 0 ? 0 : price === undefined ? undefined : tokens * price;
}
