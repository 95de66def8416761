import { from, mergeMap, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { throughGate, type Gate } from '../internal/gate.js';
import { inTurn } from '../internal/in-turn.js';
import type { Tool } from '../tools/types.js';
import { approval } from './approval.js';
import { answered } from './calls.js';
import type { PlannedCall } from './next-step.js';
import type { Run } from './run.js';

/** Answers all calls of a turn side by side, as far as the settings and the tools allow. */
export function answers(run: Run, tools: readonly Tool[], calls: readonly PlannedCall[]): Observable<StreamEvent> {
  const { toolConcurrency } = run.settings;
  if (!needCare(run, tools)) return from(calls).pipe(mergeMap((planned) => answered(run, tools, planned), toolConcurrency));
  return throughGate(toolConcurrency, (pass) => from(calls).pipe(mergeMap((planned) => admitted(run, tools, planned, pass))));
}

/** Whether a call may have to wait for more than a place of its own. */
function needCare({ settings }: Run, tools: readonly Tool[]): boolean {
  return settings.approval !== 'allow' || tools.some(({ approval, exclusive }) => exclusive === true || approval !== undefined);
}

/** One call: what its approval takes, then a place, or all of them where it must be alone, then its run and its answer. */
export function admitted(run: Run, tools: readonly Tool[], planned: PlannedCall, pass: Gate['pass']): Observable<StreamEvent> {
  const tool = planned.refusal === undefined ? tools.find(({ name }) => name === planned.call.name) : undefined;
  if (tool === undefined) return answered(run, tools, planned);
  return inTurn(function* () {
    const decided = yield* approval(run, tool, planned.call);
    const answered$ = answered(run, tools, decided);
    if (decided.refusal !== undefined) yield answered$;
    else yield pass(answered$, tool.exclusive === true ? run.settings.toolConcurrency : 1);
  });
}
