import { concatMap, EMPTY, of, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { now } from '../internal/clock.js';
import { inTurn } from '../internal/in-turn.js';
import { isOutcome, runTool } from '../tools/run-tool.js';
import { errorOutcome, type Tool, type ToolOutcome } from '../tools/types.js';
import type { FinishedCall, Ledger } from './ledger.js';
import type { PlannedCall } from './next-step.js';
import type { Run } from './run.js';

/** Runs one call, or answers it with why it is not run: its events, its result, its end. */
export function answered(run: Run, tools: readonly Tool[], { call, refusal, since }: PlannedCall): Observable<StreamEvent> {
  const { ledger, settings } = run;
  const begun = since ?? now();
  const context = { runId: ledger.runId, path: ledger.path, iteration: ledger.iteration };
  const running$ = refusal === undefined ? runTool(tools, call, context, settings.toolTimeout) : of(errorOutcome(refusal));
  return running$.pipe(concatMap((value) => (isOutcome(value) ? answer(run, call, value, now() - begun) : shown(ledger, call, value))));
}

function answer({ ledger, budget }: Run, call: FinishedCall, outcome: ToolOutcome, durationMs: number): Observable<StreamEvent> {
  return inTurn(function* () {
    budget?.outcome(call.id, call.name, outcome.usage ?? null);
    yield [ledger.result(call, outcome, durationMs)];
    yield [ledger.end(call)];
  });
}

/** A tool may report and, as a sub-agent, stream a run of its own; it cannot speak for the run that called it. */
function shown(ledger: Ledger, call: FinishedCall, event: StreamEvent): Observable<StreamEvent> {
  if (isBeneath(event.path, ledger.path, call.id)) return of(ledger.pass(event, call));
  if (event.path.length > ledger.path.length) return EMPTY;
  return event.type === 'tool_progress' || event.type === 'custom' ? of(ledger.report(event, call)) : EMPTY;
}

/** Whether the path leads through the call. */
function isBeneath(path: readonly string[], own: readonly string[], id: string): boolean {
  return path.length > own.length && path[own.length] === id && own.every((each, at) => path[at] === each);
}
