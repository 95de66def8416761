import type { FinishedCall, Turn } from './ledger.js';
import { toolUses } from './ledger.js';

/** What to do with one call: run it, or answer it with why not. */
export interface PlannedCall {
  readonly call: FinishedCall;
  readonly refusal?: string;
  /** Of a refusal, what a call that has begun all the same is told. */
  readonly why?: string;
  /** When the call has begun, where that was before its turn was over. */
  readonly since?: number;
}

/** What follows a model's turn. */
export interface NextStep {
  readonly calls: readonly PlannedCall[];
  /** The stop reason of the run, or null if another iteration follows. */
  readonly stop: { readonly reason: string | null } | null;
}

const whyNot: Readonly<Record<string, string>> = {
  max_tokens: 'the answer was cut at its token limit, so the call may be incomplete',
  model_context_window_exceeded: 'the context window was full, so the call may be incomplete',
  max_iterations: 'the run reached its limit of iterations',
};

/** How turns end that give no answer, or half of one. */
const unanswered: ReadonlySet<string> = new Set([
  ...['max_iterations', 'budget', 'repeated_calls', 'max_tokens', 'model_context_window_exceeded', 'refusal', 'pause_turn'],
  ...['guardrail_intervened', 'content_filtered'],
]);

/** Whether a run that ends for this reason ends with an answer of the model's. */
export function isAnswer(reason: string | null): boolean {
  return reason === null || !unanswered.has(reason);
}

/** The calls with none left to run: those that were not refused yet are, with the given reason. */
export function refuseRest(calls: readonly PlannedCall[], why: string): readonly PlannedCall[] {
  return calls.map((planned) => (planned.refusal === undefined ? { ...planned, refusal: refusalOf(planned.call, why), why } : planned));
}

/**
 * Decides what follows a turn. Tools run only when the model stopped to have them run (`tool_use`) and another turn can
 * read their results; never from a turn that was cut, never with input that is not valid JSON.
 *
 * @param turn the model's turn
 * @param calls its finished calls
 * @param last whether no further iteration is allowed
 * @param forced whether the model had been told to give its final answer
 */
export function nextStep(turn: Turn, calls: readonly FinishedCall[], last: boolean, forced: boolean): NextStep {
  const { stopReason } = turn;
  const asks = stopReason === 'tool_use' && toolUses(turn).length > 0;
  if (asks && !last) return { calls: calls.map(unlessInvalid), stop: null };
  if (stopReason === 'pause_turn' && !last) return { calls: refuseAll(calls, 'the turn was paused'), stop: null };
  const silent = forced && stopReason === 'end_turn' && saysNothing(turn);
  const reason = asks || silent || stopReason === 'pause_turn' ? 'max_iterations' : stopReason;
  return { calls: refuseAll(calls, whyNot[reason ?? ''] ?? `the model ended its turn with ${JSON.stringify(reason)}`), stop: { reason } };
}

function unlessInvalid(call: FinishedCall): PlannedCall {
  if (call.inputError === undefined) return { call };
  return { call, refusal: `The input of ${call.name} is not valid JSON: ${call.inputError.message}. Call it again with valid input.` };
}

function refuseAll(calls: readonly FinishedCall[], why: string): readonly PlannedCall[] {
  return calls.map((call) => ({ call, refusal: refusalOf(call, why), why }));
}

function refusalOf({ name }: FinishedCall, why: string): string {
  return `The tool ${name} was not run: ${why}.`;
}

function saysNothing({ message }: Turn): boolean {
  return !message.content.some((block) => block.type === 'text' && block.text.trim() !== '');
}
