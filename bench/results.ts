import type { Figures } from './task.js';
import { summary, type Summary } from './statistics.js';

/** What the rounds of a series brought: for each round the figures of each client, as far as they could be had. */
export interface Measured {
  readonly id: string;
  readonly rounds: readonly Readonly<Record<string, Figures>>[];
  /** Why a client has no figures. */
  readonly failures: Readonly<Record<string, string>>;
}

/** A client's figure in each round. */
export function valuesOf({ rounds }: Measured, client: string, figure: string): readonly number[] {
  return rounds.map((round) => round[client]?.[figure] ?? NaN);
}

/** One figure over another, round by round, so that both were measured on the same machine in the same state. */
export function ratio(measured: Measured, over: readonly [client: string, figure: string], under: readonly [client: string, figure: string]): Summary {
  const below = valuesOf(measured, ...under);
  return summary(valuesOf(measured, ...over).map((value, round) => value / (below[round] ?? NaN)));
}

/** The difference of two figures, round by round. */
export function difference(measured: Measured, from: readonly [client: string, figure: string], less: readonly [client: string, figure: string]): Summary {
  const taken = valuesOf(measured, ...less);
  return summary(valuesOf(measured, ...from).map((value, round) => value - (taken[round] ?? NaN)));
}

/** How much more the one costs than any before it: 1 or less where nothing grows. */
function growthOf(figures: readonly number[]): number {
  const growths = figures.flatMap((figure, index) => figures.slice(0, index).map((smaller) => figure / smaller));
  // A cost beyond another that noise has made nothing, or less, tells of no growth, nor of none.
  return growths.length === 0 || figures.some((figure) => figure <= 0) ? NaN : Math.max(...growths);
}

/**
 * How a cost grows with a size: of the middle figures of all sizes, smallest first, the largest over any smaller one's.
 * The two ends are those of the single rounds.
 */
export function growth<Round>(rounds: readonly Round[], figuresOfRound: (round: Round) => readonly number[]): Summary {
  const figures = rounds.map(figuresOfRound);
  const middles = (figures[0] ?? []).map((_, size) => summary(figures.map((round) => round[size] ?? NaN)).median);
  return { ...summary(figures.map(growthOf)), median: growthOf(middles) };
}
