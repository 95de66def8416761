import { AsyncSubject, catchError, concat, defer, from, ignoreElements, map, of, take, tap, throwError, using } from 'rxjs';
import type { Observable } from 'rxjs';
import { messageOf } from '../errors/describe.js';
import { CallbackError } from '../errors/errors.js';
import { requireOneOf } from '../errors/require.js';
import type { StreamEvent, ToolApproval } from '../events/events.js';
import { withSignal } from '../internal/abort.js';
import { isolated } from '../internal/isolated.js';
import type { ApprovalContext, ApprovalPolicy, ApprovalRule, Tool } from '../tools/types.js';
import { isAnswer, toAnswer, type ApprovalAnswer, type Approve } from './approve.js';
import type { FinishedCall } from './ledger.js';
import type { PlannedCall } from './next-step.js';
import type { Run } from './run.js';

type Told = Omit<ApprovalContext, 'signal'>;

/**
 * What the approval of a call takes, as steps: none where the policy alone decides; else `requested`, the time until
 * `approve` has answered, and `granted` or `denied`.
 *
 * @returns the call as it may run, or why it may not
 */
export function* approval(run: Run, tool: Tool, call: FinishedCall): Generator<Observable<StreamEvent> | readonly StreamEvent[], PlannedCall> {
  const { ledger, settings } = run;
  const told: Told = { runId: ledger.runId, path: ledger.path, iteration: ledger.iteration, tool };
  const rule = ruleFor(tool.approval ?? settings.approval, call, told);
  if (rule === 'allow') return { call };
  if (rule === 'deny') return denied(call, undefined);
  if (settings.approve === undefined) return denied(call, 'nobody can be asked');
  let answer: ApprovalAnswer = { decision: 'deny', reason: 'nobody decided' };
  const answered$ = answerOf(settings.approve, call, told).pipe(
    tap((given) => {
      answer = given;
    }),
  );
  yield announced(defer(() => of(tell(run, call, 'requested'))), answered$);
  const { decision, reason, input = call.input } = answer;
  if (decision === 'deny') {
    yield [tell(run, call, 'denied', reason)];
    return denied(call, reason);
  }
  const allowed = { ...call, input };
  yield [tell(run, allowed, 'granted', reason)];
  return { call: allowed };
}

function denied(call: FinishedCall, reason: string | undefined): PlannedCall {
  return { call, refusal: `The call of ${call.name} was denied and not run.${reason === undefined ? '' : ` Reason: ${reason}`}` };
}

function tell({ ledger }: Run, { id, name, input }: FinishedCall, decision: ToolApproval['content']['decision'], reason?: string): StreamEvent {
  return ledger.create({ type: 'tool_approval', content: { id, name, input, decision, ...(reason === undefined ? {} : { reason }) } });
}

/** @throws CallbackError if the application's function does, ConfigurationError for what is no rule */
function ruleFor(policy: ApprovalPolicy, call: FinishedCall, told: Told): ApprovalRule {
  let rule: ApprovalRule;
  try {
    rule = typeof policy === 'function' ? policy(call, told) : policy;
  } catch (error) {
    throw callbackFailed(`approval of ${call.name}`, error);
  }
  return requireOneOf(`approval of ${call.name}`, rule, ['allow', 'ask', 'deny']);
}

function callbackFailed(what: string, error: unknown): CallbackError {
  return new CallbackError(`${what} failed: ${messageOf(error)}`, { cause: error });
}

/** What `approve` answers, once; nothing if it answers nothing. */
function answerOf(approve: Approve, call: FinishedCall, told: Told): Observable<ApprovalAnswer> {
  const asked = (signal: AbortSignal): Observable<unknown> => defer(() => given(approve(call, { ...told, signal })));
  return withSignal((signal) => isolated(asked(signal)), () => true).pipe(
    take(1),
    catchError((error: unknown) => throwError(() => callbackFailed('approve', error))),
    map(toAnswer),
  );
}

function given(answer: ReturnType<Approve>): Observable<unknown> {
  return isAnswer(answer) ? of(answer) : from(answer);
}

/** Emits what announces the source once that is subscribed, so that whoever sees it may act on the source; completes with it. */
function announced<T>(announcement$: Observable<T>, source$: Observable<unknown>): Observable<T> {
  return defer(() => {
    const done$ = new AsyncSubject<unknown>();
    return using(
      () => source$.subscribe(done$),
      () => concat(announcement$, done$.pipe(ignoreElements())),
    );
  });
}
