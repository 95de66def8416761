import { OutputError } from '../errors/errors.js';
import { valueOf, type Part } from '../internal/in-turn.js';
import type { Ledger, Turn } from './ledger.js';
import { isAnswer, type NextStep } from './next-step.js';
import { textOf, type AnswerRules } from './output.js';
import type { Run } from './run.js';
import { askWhether } from './stop-when.js';

/** What one iteration starts from. */
export interface Start {
  readonly iteration: number;
  /** Whether the iteration before it called tools. */
  readonly afterTools: boolean;
  /** The text of the turns that it goes on with, which were paused. */
  readonly said: string;
  /** What was wrong with the answer that is asked for again. */
  readonly fault?: string;
  /** Whether an answer has been asked for again. */
  readonly asked: boolean;
}

/** The step as the run's own limits allow it. */
export function planned({ repeats, budget }: Run, step: NextStep): NextStep {
  const fresh = repeats === undefined ? step : repeats.plan(step);
  return budget === undefined ? fresh : budget.plan(fresh);
}

/** Whether another iteration follows, and from what it starts. */
export function* follow(run: Run, start: Start, turned: Turn, { calls, stop }: NextStep, last: boolean): Part<Start | null> {
  const { ledger, settings } = run;
  const { iteration, asked } = start;
  let ending = stop ?? outOfBudget(run);
  let fault: string | undefined;
  if (stop !== null && settings.answer !== undefined && isAnswer(stop.reason)) {
    fault = yield* readAnswer(settings.answer, start.said + textOf(turned.message.content), ledger);
    if (fault !== undefined) ending = outOfBudget(run);
    if (fault !== undefined && ending === null && (asked || last)) throw new OutputError(`The answer does not fit the schema of output: ${fault}`, { partial: true });
  }
  if (ending === null && settings.stopWhen !== undefined) {
    const stops = yield* valueOf(askWhether(settings.stopWhen, ledger, turned.stopReason));
    if (stops === true) ending = { reason: 'stopped' };
  }
  ledger.stopReason = ending?.reason ?? null;
  if (ending !== null) return null;
  const said = turned.stopReason === 'pause_turn' ? start.said + textOf(turned.message.content) : '';
  return { iteration: iteration + 1, afterTools: calls.length > 0, said, asked: asked || fault !== undefined, ...(fault === undefined ? {} : { fault }) };
}

/** Reads the answer into the ledger; what is wrong with it, if anything is. */
function* readAnswer({ read }: AnswerRules, text: string, ledger: Ledger): Part<string | undefined> {
  const validation = yield* valueOf(read(text));
  if (validation?.ok !== true) return validation?.message ?? 'the check said nothing.';
  ledger.output = validation.value;
  return undefined;
}

/** The end of a run whose tools have used up what it may spend. */
function outOfBudget({ budget }: Run): NextStep['stop'] {
  return budget === undefined || budget.reached === null ? null : { reason: 'budget' };
}
