import type { Json } from '../events/json.js';
import type { FinishedCall } from './ledger.js';
import { refuseRest, type NextStep, type PlannedCall } from './next-step.js';

/**
 * Finds a run that goes round in circles: the same call, with the same input, turn after turn. Such a call is run as
 * often as is allowed; the next one is answered with what is wrong instead; one more ends the run.
 *
 * A turn that does something else breaks the row, so tests that are run again after each edit are no circle.
 */
export class Repeats {
  /** How often each call of the last turn has come in a row. */
  private rows: ReadonlyMap<string, number> | undefined = undefined;

  /** @param most how often a call may come in a row */
  constructor(private readonly most: number) {}

  /** Whether a call of the turn under way may begin before the turn is over: the turns before it have not used it up. */
  begins(call: FinishedCall): boolean {
    return (this.rows?.get(keyOf(call)) ?? 0) < this.most;
  }

  /** The step without the calls that have come too often. */
  plan(step: NextStep): NextStep {
    if (step.calls.length === 0) return step;
    const before = this.rows;
    const rows = new Map<string, number>();
    this.rows = rows;
    let warned = false;
    const calls = step.calls.map((planned): PlannedCall => {
      const key = keyOf(planned.call);
      const earlier = before?.get(key) ?? 0;
      const times = (rows.get(key) ?? earlier) + 1;
      rows.set(key, times);
      if (times <= this.most) return planned;
      warned ||= earlier > this.most;
      return { call: planned.call, refusal: this.warning(planned.call) };
    });
    if (step.stop !== null) return step;
    return warned ? { calls: refuseRest(calls, 'the run was stopped, since it repeated itself'), stop: { reason: 'repeated_calls' } } : { calls, stop: null };
  }

  private warning({ name }: FinishedCall): string {
    const times = this.most === 1 ? 'once' : `${String(this.most)} times in a row`;
    return `The tool ${name} was not run: it has been called with this very input ${times}, and again would not change the result. Do something else, or answer with what you know.`;
  }
}

/** A call's name and input as text, whatever the order of the input's members. */
function keyOf({ name, input, inputError }: FinishedCall): string {
  return `${name}\n${inputError === undefined ? JSON.stringify(input, inOrder) : inputError.text}`;
}

function inOrder(_: string, value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
