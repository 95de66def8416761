import { difference, growth, ratio, type Measured } from './results.js';
import { DELTAS, INPUT_BYTES, TURNS, type Wire } from './series.js';
import type { Summary } from './statistics.js';
import type { Figures } from './task.js';

/** What is to be reached: at most `most`, and later at most `then`. */
export interface Goal {
  readonly title: string;
  readonly unit: string;
  readonly most: number;
  readonly then?: number;
  /** What was measured; NaN where it was not. */
  readonly figure: Summary;
}

type Find = (id: string) => Measured;
type Round = Readonly<Record<string, Figures>>;

interface Names {
  readonly limit: string;
  readonly ours: string;
  readonly text: string;
  readonly sdk: string;
}

const names: Readonly<Record<Wire, Names>> = {
  anthropic: { limit: 'limit', ours: 'coldstream', text: 'coldstream-text', sdk: 'sdk' },
  bedrock: { limit: 'bedrock-limit', ours: 'bedrock-coldstream', text: 'bedrock-coldstream-text', sdk: 'bedrock-aws-sdk' },
};
const TEXT = 'text 10000';
const OVER_LIMIT = 'x limit B';
const OVER_SDK = "x the SDK's own loop";
/** In what the goals of growth are told. */
export const GROWTH = 'x the smallest';

function of(round: Round, client: string, figure: string): number {
  return round[client]?.[figure] ?? NaN;
}

function textGoals(find: Find, wire: Wire): readonly Goal[] {
  const { limit, ours, text, sdk } = names[wire];
  const measured = find(`text-${wire}`);
  const bounds = wire === 'anthropic' ? { most: 1.8, then: 1.2, ofSdk: 1 } : { most: 2.2, then: 1.6, ofSdk: 0.35 };
  const clients = [
    [ours, 'full events'],
    [text, 'textOnly'],
  ] as const;
  return clients.flatMap(([client, shape]): readonly Goal[] => [
    { title: `text, agent, ${shape}`, unit: OVER_LIMIT, most: bounds.most, then: bounds.then, figure: ratio(measured, [client, TEXT], [limit, TEXT]) },
    { title: `text, agent, ${shape}`, unit: OVER_SDK, most: bounds.ofSdk, figure: ratio(measured, [client, TEXT], [sdk, TEXT]) },
  ]);
}

function growthGoals(find: Find, wire: Wire): readonly Goal[] {
  const { limit, ours } = names[wire];
  const lengths = find(`length-${wire}`);
  const inputs = find(`input-${wire}`);
  const loops = find(`loop-${wire}`);
  const overLimit = (round: Round, turns: number): number => of(round, ours, `loop ${String(turns)}`) / of(round, limit, `loop ${String(turns)}`);
  return [
    { title: 'agent loop of 10 tool turns', unit: OVER_LIMIT, most: 2, then: 1.5, figure: ratio(loops, [ours, 'loop 10'], [limit, 'loop 10']) },
    {
      title: 'cost of a byte of tool input, 16 KiB to 1 MiB',
      unit: GROWTH,
      most: 1.3,
      figure: growth(inputs.rounds, (round) => INPUT_BYTES.map((bytes) => of(round, ours, `input ${String(bytes)}`))),
    },
    {
      title: 'cost of a delta, 1,000 to 100,000',
      unit: GROWTH,
      most: 1.2,
      figure: growth(lengths.rounds, (round) => DELTAS.map((deltas) => of(round, ours, `text ${String(deltas)}`))),
    },
    {
      title: 'agent loop of 10, 50 and 200 turns, x limit B',
      unit: GROWTH,
      most: 1.2,
      figure: growth(loops.rounds, (round) => TURNS.map((turns) => overLimit(round, turns))),
    },
  ];
}

function streamGoals(find: Find, wire: Wire): readonly Goal[] {
  const { limit, ours, sdk } = names[wire];
  const [under, unit, bounds] =
    wire === 'anthropic' ? ([limit, OVER_LIMIT, { most: 1.3, then: 1 }] as const) : ([sdk, OVER_SDK, { most: 1 }] as const);
  const paced = (streams: number, interval: number): Goal => ({
    title: `${String(streams)} streams at ${String(interval)} ms, p50 delay`,
    unit,
    ...bounds,
    figure: ratio(find(`paced-${String(streams)}-${wire}`), [ours, 'p50'], [under, 'p50']),
  });
  const first = find(`first-${wire}`);
  return [
    { title: 'time to the first delta, over limit B', unit: 'ms', most: 0.6, then: 0, figure: difference(first, [ours, 'first'], [limit, 'first']) },
    { title: 'heap of an idle stream', unit: "x the raw SDK's", most: 1.1, then: 0.5, figure: ratio(find(`heap-${wire}`), [ours, 'heap'], [sdk, 'heap']) },
    paced(200, 10),
    paced(1_000, 100),
  ];
}

/** All goals of one wire. */
export function goals(find: Find, wire: Wire): readonly Goal[] {
  return [...textGoals(find, wire), ...growthGoals(find, wire), ...streamGoals(find, wire)];
}

/** Whether there is a figure. */
export function isMeasured({ figure }: Goal): boolean {
  return !Number.isNaN(figure.median);
}

/** Whether a figure is within a bound; as measured, not as it is printed. */
export function isReached({ figure }: Goal, bound: number): boolean {
  return figure.median <= bound;
}
