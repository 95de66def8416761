import { concatMap, defer, filter, merge, mergeMap, Subject, takeUntil, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { now } from '../internal/clock.js';
import { throughGate, type Gate } from '../internal/gate.js';
import { inTurn } from '../internal/in-turn.js';
import { isolated } from '../internal/isolated.js';
import { asProviders, type ModelRequest } from '../provider.js';
import { errorOutcome, type Tool } from '../tools/types.js';
import type { FinishedCall } from './ledger.js';
import type { PlannedCall } from './next-step.js';
import type { Run } from './run.js';
import { admitted } from './schedule.js';

/** Whether the tool's calls start while the model still streams; a tool that must be alone waits for the turn's end. */
export function isEager({ eager, exclusive }: Tool): boolean {
  return eager === true && exclusive !== true;
}

/** The early calls of one turn. */
class EarlyCalls {
  /** What the provider's decorators look at. */
  readonly live = { started: false };
  private readonly begin$ = new Subject<PlannedCall>();
  private readonly stop$ = new Subject<string>();
  private readonly begun = new Map<string, FinishedCall>();
  /** When each that has begun to run did. */
  private readonly since = new Map<string, number>();

  constructor(
    private readonly run: Run,
    private readonly tools: readonly Tool[],
    private readonly pass: Gate['pass'],
  ) {}

  /** What the begun calls emit. */
  events(): Observable<StreamEvent> {
    return this.begin$.pipe(
      mergeMap((planned) => {
        const { id } = planned.call;
        const noting: Gate['pass'] = (source, places) =>
          this.pass(
            defer(() => {
              this.since.set(id, now());
              this.live.started = true;
              return source;
            }),
            places,
          );
        return admitted(this.run, this.tools, planned, noting).pipe(takeUntil(this.stop$.pipe(filter((stopped) => stopped === id))));
      }),
    );
  }

  /** An event of the provider's as the run's, with what it begins or stops. */
  *told(event: StreamEvent): Generator<StreamEvent> {
    if (event.type === 'retry' && event.content.discard) yield* this.takeBack();
    yield this.run.ledger.adopt(event);
    if (event.type !== 'tool_use_start' || event.content.inputError !== undefined) return;
    const call = event.content;
    const tool = this.tools.find(({ name }) => name === call.name);
    if (tool === undefined || !isEager(tool)) return;
    const { budget, repeats } = this.run;
    if (repeats?.begins(call) === false || budget?.begins() === false) return;
    this.begun.set(call.id, call);
    this.begin$.next({ call });
  }

  /** The attempt is void: what has run is stopped and answered while its call is still known; the rest is forgotten. */
  private *takeBack(): Generator<StreamEvent> {
    const { ledger } = this.run;
    for (const [id, call] of this.begun) {
      this.stop$.next(id);
      const since = this.since.get(id);
      if (since === undefined || ledger.isAnswered(id)) continue;
      yield ledger.result(call, errorOutcome(`The tool ${call.name} had begun and was stopped: the model's turn was taken back.`), now() - since);
      yield ledger.end(call);
    }
    this.begun.clear();
  }

  /** The turn is whole: its other calls begin, and those that may not run are stopped. */
  settle(calls: readonly PlannedCall[]): void {
    for (const planned of calls) {
      const { id, name } = planned.call;
      if (this.run.ledger.isAnswered(id) || (this.begun.has(id) && planned.refusal === undefined)) continue;
      this.stop$.next(id);
      const { why } = planned;
      const since = this.since.get(id);
      this.begin$.next(why === undefined || since === undefined ? planned : { ...planned, since, refusal: `The tool ${name} had begun and was stopped: ${why}.` });
    }
    this.begin$.complete();
  }
}

/**
 * A turn with tools that start at their `tool_use_start`, and all its calls: the provider's events, among them those of the
 * early calls, and then what is left to do. A turn that breaks stops its early calls.
 *
 * @param calls what is to be done with the calls, once the turn is over
 */
export function eagerTurn(run: Run, tools: readonly Tool[], request: ModelRequest, calls: () => readonly PlannedCall[]): Observable<StreamEvent> {
  return throughGate(run.settings.toolConcurrency, (pass) => {
    const early = new EarlyCalls(run, tools, pass);
    const events$ = isolated(run.provider({ ...request, eager: early.live }), asProviders, ({ type }) => type === 'message');
    return merge(
      early.events(),
      inTurn<StreamEvent>(function* () {
        yield events$.pipe(concatMap((event) => early.told(event)));
        early.settle(calls());
      }),
    );
  });
}
