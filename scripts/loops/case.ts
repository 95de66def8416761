import { hashOf, seededRandom, type Random } from '../../src/mock-server/seed.js';

/** How a turn of the model goes. `twice` uses one call id twice; `again` uses an id of the turn before. */
const endings = ['whole', 'whole', 'whole', 'whole', 'whole', 'cut', 'failed', 'hung', 'twice', 'again'] as const;

const toolNames = ['quick', 'slow', 'late', 'broken', 'throwing', 'silent', 'chatty', 'endless', 'missing', 'invalid', 'helper', 'helpless'] as const;
/** How calls are approved: `nobody` is asked; `edits` allows with another input; `failing` ends the run. */
const approvals = ['nobody', 'nobody', 'all', 'some', 'slow', 'never', 'edits', 'failing'] as const;
/** What else may end the run. */
const limits = ['none', 'none', 'tokens', 'toolCalls', 'ms', 'stopWhen', 'repeats'] as const;
const stopReasons = ['max_tokens', 'end_turn', 'pause_turn', 'refusal', 'something_new'] as const;

/** What one turn of the model is like. */
export interface PlannedTurn {
  readonly text: readonly string[];
  readonly calls: readonly string[];
  /** Default: what fits the turn. */
  readonly stopReason?: string;
  readonly ending: (typeof endings)[number];
  /** Milliseconds before each event; 0 for all of them in one burst. */
  readonly pace: number;
}

/** How the run is stopped: by whom, and after how many events or milliseconds. */
export interface Interruption {
  readonly by: 'unsubscribing' | 'signal';
  readonly after: { readonly events: number } | { readonly ms: number };
}

/** All that a random run is made of. */
export interface LoopCase {
  readonly turns: readonly PlannedTurn[];
  readonly maxIterations: number;
  readonly toolConcurrency: number;
  readonly approval: (typeof approvals)[number];
  readonly limit: (typeof limits)[number];
  /** Tools that start while the model still streams. */
  readonly eager: readonly string[];
  /** Tools that run alone. */
  readonly exclusive: readonly string[];
  /** Whether what fails is asked again. */
  readonly retries: boolean;
  readonly history: 'none' | 'sound' | 'broken';
  /** Milliseconds that each append takes; 0 for none. */
  readonly appending: number;
  readonly interruption?: Interruption;
}

class Chance {
  constructor(private readonly random: Random) {}

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** True once in so many times. */
  once(many: number): boolean {
    return this.below(many) === 0;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  list<T>(most: number, make: () => T): readonly T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

function plannedTurn(chance: Chance): PlannedTurn {
  return {
    text: chance.list(3, () => chance.of(['Hel', 'lo ', '😀'])),
    calls: chance.list(4, () => chance.of(toolNames)),
    ...(chance.once(4) ? { stopReason: chance.of(stopReasons) } : {}),
    ending: chance.of(endings),
    pace: chance.of([0, 0, 3]),
  };
}

function interruption(chance: Chance): Interruption {
  return {
    by: chance.of(['unsubscribing', 'signal']),
    after: chance.once(3) ? { ms: chance.below(150) } : { events: chance.below(50) },
  };
}

/** The case of that number; the same for the same seed, whatever was played before. */
export function caseOf(seed: number, number: number): LoopCase {
  const chance = new Chance(seededRandom(hashOf(`${seed}/${number}`)));
  const turns = [plannedTurn(chance), ...chance.list(4, () => plannedTurn(chance))];
  return {
    turns,
    maxIterations: 1 + chance.below(5),
    toolConcurrency: chance.of([1, 2, 8]),
    approval: chance.of(approvals),
    limit: chance.of(limits),
    eager: chance.once(2) ? chance.list(4, () => chance.of(toolNames)) : [],
    exclusive: chance.once(3) ? chance.list(3, () => chance.of(toolNames)) : [],
    retries: chance.once(4),
    history: chance.of(['none', 'sound', 'broken']),
    appending: chance.of([0, 0, 7]),
    ...(chance.once(3) ? {} : { interruption: interruption(chance) }),
  };
}
