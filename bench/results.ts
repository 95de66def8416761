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

/** The largest of some figures of a round over the least of them. */
export function spread({ rounds }: Measured, figuresOfRound: (round: Readonly<Record<string, Figures>>) => readonly number[]): Summary {
  return summary(
    rounds.map((round) => {
      const figures = figuresOfRound(round);
      return Math.max(...figures) / Math.min(...figures);
    }),
  );
}
