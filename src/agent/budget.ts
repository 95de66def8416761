import { requireNumber } from '../errors/require.js';
import { ConfigurationError } from '../errors/errors.js';
import type { StreamEvent } from '../events/events.js';
import type { Stop } from '../internal/stopping.js';
import { costOf, requirePrices, type Prices } from '../messages/prices.js';
import { totalInputTokens, type Usage } from '../messages/usage.js';
import { isContentEvent } from '../provider.js';
import { refuseRest, type NextStep } from './next-step.js';

/** What a run may spend, sub-agents included. What is not given has no limit. */
export interface Budget {
  /** Tokens in and out, those of the cache included. */
  readonly tokens?: number | undefined;
  /** US dollars, by `prices`. */
  readonly usd?: number | undefined;
  /**
   * What each model costs, by the name that the events carry; needed with `usd`. A model that answers and is not in the
   * table ends the run with an error of code `configuration`: nothing is guessed.
   */
  readonly prices?: Prices | undefined;
  /** Milliseconds from the subscription on, the time that people take for their approval included. */
  readonly ms?: number | undefined;
  /** Calls of tools; one whose approval is denied counts too. */
  readonly toolCalls?: number | undefined;
}

/** The limit that a run reached. */
export type BudgetLimit = 'tokens' | 'usd' | 'ms' | 'toolCalls';

/** With what a run that is out of budget is stopped; not a failure, so not an error. */
export interface OutOfBudget {
  readonly _tag: 'OutOfBudget';
}

const outOfBudget: OutOfBudget = { _tag: 'OutOfBudget' };

/** Whether the run was stopped by its budget. */
export function isOutOfBudget(error: unknown): error is OutOfBudget {
  return error === outOfBudget;
}

/** How long a turn may go on that is over the limit, since its end may be on the way: it has been paid for. */
const GRACE_MS = 100;

/** The budget itself. @throws ConfigurationError for a limit that is none, and for `usd` without prices */
export function requireBudget(budget: Budget | undefined): Budget | undefined {
  if (budget === undefined) return undefined;
  const { tokens = Infinity, usd = Infinity, ms = Infinity, toolCalls = Infinity, prices } = budget;
  for (const [name, value] of Object.entries({ tokens, usd, ms, toolCalls })) requireNumber(`budget.${name}`, value);
  if (usd !== Infinity && prices === undefined) throw new ConfigurationError('budget.usd needs budget.prices: what the tokens of each model cost.');
  if (prices !== undefined) requirePrices(prices);
  return budget;
}

/** What was spent. */
interface Spent {
  readonly tokens: number;
  readonly usd: number;
}

const nothing: Spent = { tokens: 0, usd: 0 };

/**
 * Holds one run to its budget. It sees every event of the run, sub-agents' included, and says when the run is to be
 * stopped; what is about to begin it keeps from beginning.
 */
export class BudgetMeter implements Stop<StreamEvent> {
  /** The limit that was reached. */
  reached: BudgetLimit | null = null;
  readonly ms: number;
  private tokens = 0;
  private usd = 0;
  private toolCalls = 0;
  /** Calls of the turn under way that were to begin before its end. */
  private early = 0;
  private noticed = false;
  /** What the attempts under way have told, by path. */
  private readonly running = new Map<string, Spent>();
  /** The tokens that events told of below each of the run's own calls. */
  private readonly below = new Map<string, number>();

  /** @param depth the length of the run's own path */
  constructor(
    private readonly budget: Budget,
    private readonly depth: number,
  ) {
    this.ms = budget.ms ?? Infinity;
  }

  after(event: StreamEvent): number | undefined {
    this.count(event);
    if (this.reached === null) return undefined;
    // What follows a whole message of the run's own ends it where it ought to end.
    if (event.type === 'message' && event.path.length === this.depth) {
      this.noticed = true;
      return Infinity;
    }
    if (!this.noticed) {
      this.noticed = true;
      return this.reached === 'toolCalls' ? 0 : GRACE_MS;
    }
    return event.type === 'retry' || (isContentEvent(event) && event.type !== 'message') ? 0 : undefined;
  }

  reason(late: boolean): OutOfBudget {
    if (late) this.reached ??= 'ms';
    return outOfBudget;
  }

  /** Whether one more call may begin before its turn is over. */
  begins(): boolean {
    this.early += 1;
    return this.reached === null && this.toolCalls + this.early <= (this.budget.toolCalls ?? Infinity);
  }

  /** The step as the budget allows it: calls that are too many are not run, nor any whose result nobody could pay to read. */
  plan(step: NextStep): NextStep {
    this.early = 0;
    const asked = step.calls.filter(({ refusal }) => refusal === undefined).length;
    if (this.toolCalls + asked > (this.budget.toolCalls ?? Infinity)) this.reached ??= 'toolCalls';
    else this.toolCalls += asked;
    if (this.reached === null) return step;
    // From here on the run ends by itself.
    this.noticed = true;
    if (step.stop !== null) return step;
    return { calls: refuseRest(step.calls, 'the run reached its budget'), stop: { reason: 'budget' } };
  }

  /** What a tool says that it spent, as far as no event has told of it. @throws ConfigurationError if that has no price */
  outcome(id: string, name: string, usage: Usage | null): void {
    if (usage === null) return;
    const untold = tokensOf(usage) - (this.below.get(id) ?? 0);
    if (untold <= 0) return;
    if (this.budget.usd !== undefined) {
      throw new ConfigurationError(`budget.usd cannot count what the tool ${name} spent: no event of it says by which model.`);
    }
    this.add({ tokens: untold, usd: 0 });
  }

  private count(event: StreamEvent): void {
    if (event.type === 'usage') this.report(event, event.usage);
    else if (event.type === 'retry') this.settle(event, event.usage);
    else if (event.type === 'message' && event.message.role === 'assistant') this.settle(event, event.usage ?? null);
    else if (event.type === 'tool_use_start' && event.path.length > this.depth) {
      this.toolCalls += 1;
      if (this.toolCalls > (this.budget.toolCalls ?? Infinity)) this.reached ??= 'toolCalls';
    }
  }

  /** An attempt's counts take the place of those before. */
  private report(event: StreamEvent, usage: Usage): void {
    const key = event.path.join('\n');
    const before = this.running.get(key) ?? nothing;
    const now = this.spentOn(usage, event.model);
    this.running.set(key, now);
    const call = event.path[this.depth];
    if (call !== undefined) this.below.set(call, (this.below.get(call) ?? 0) + now.tokens - before.tokens);
    this.add({ tokens: now.tokens - before.tokens, usd: now.usd - before.usd });
  }

  /** An attempt is over. */
  private settle(event: StreamEvent, usage: Usage | null): void {
    if (usage !== null) this.report(event, usage);
    this.running.delete(event.path.join('\n'));
  }

  private spentOn(usage: Usage, model: string | null): Spent {
    const { usd, prices = {} } = this.budget;
    const cost = usd === undefined ? 0 : costOf(usage, model, prices);
    if (cost === undefined) {
      throw new ConfigurationError(`budget.prices does not say what ${model === null ? 'a model without a name' : JSON.stringify(model)} costs, its cache included.`);
    }
    return { tokens: tokensOf(usage), usd: cost };
  }

  private add({ tokens, usd }: Spent): void {
    this.tokens += tokens;
    this.usd += usd;
    if (this.tokens >= (this.budget.tokens ?? Infinity)) this.reached ??= 'tokens';
    if (this.usd >= (this.budget.usd ?? Infinity)) this.reached ??= 'usd';
  }
}

function tokensOf(usage: Usage): number {
  return totalInputTokens(usage) + usage.outputTokens;
}
