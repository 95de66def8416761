import { concat, concatMap, defer, EMPTY, finalize, from, ignoreElements, of, throwError, timer, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import type { ModelRequest } from '../../provider.js';
import type { ScriptedProvider } from '../scripted-provider.js';
import { stamped } from '../stamp.js';
import { readRecording, type RecordedTurn } from './read-recording.js';

/** How `replayProvider` keeps time. */
export interface ReplayOptions {
  /** How many times as fast as it was recorded; 1 keeps the time (virtual in a marble test). Default `Infinity`: at once. */
  readonly speed?: number;
}

function wait(ms: number, speed: number): Observable<never> {
  const scaled = ms / speed;
  return scaled > 0 ? timer(scaled).pipe(ignoreElements()) : EMPTY;
}

function endOf({ end }: RecordedTurn): Observable<never> {
  if (end.end === 'complete') return EMPTY;
  const failure = end.end === 'error' ? end.error : new Error('The recording ends here: the request was stopped before its answer was whole.');
  return throwError(() => failure);
}

/** The turn again, with the pauses that it had. */
function played(turn: RecordedTurn, speed: number): Observable<StreamEvent> {
  const { events, startedAt, endedAt } = turn;
  const paused$ = from(events).pipe(
    concatMap((event, index) => {
      const before = events[index - 1]?.timestamp ?? startedAt;
      return event.timestamp > before ? concat(wait(event.timestamp - before, speed), of(event)) : of(event);
    }),
  );
  return concat(paused$, wait(endedAt - (events.at(-1)?.timestamp ?? startedAt), speed), defer(() => endOf(turn)));
}

const placeOf = ({ path = [], iteration = 0, attempt }: Partial<RecordedTurn>): string =>
  `iteration ${iteration}${attempt === undefined ? '' : `, attempt ${attempt}`}${path.length === 0 ? '' : ` at ${path.join('/')}`}`;

const samePath = (left: readonly string[], right: readonly string[]): boolean => left.length === right.length && left.every((id, at) => id === right[at]);

/** The turns that are left, and which of the recorded runs a run of the test is. */
class Reel {
  readonly left: Set<RecordedTurn>;
  private readonly runs: string[];
  private readonly runOf = new Map<string, string | undefined>();

  constructor(private readonly turns: readonly RecordedTurn[]) {
    this.left = new Set(turns);
    this.runs = [...new Set(turns.map(({ runId }) => runId))];
  }

  /** The turn for a request: of its run, its path, its iteration and its attempt. */
  take({ runId, path = [], iteration = 0, attempt = 1 }: ModelRequest): RecordedTurn | string {
    if (runId === undefined || !this.runOf.has(runId)) {
      const next = this.runs.shift();
      this.runOf.set(runId ?? '', next);
    }
    const recorded = this.runOf.get(runId ?? '');
    if (recorded === undefined) return `The recording has ${new Set(this.turns.map((turn) => turn.runId)).size} runs, and all are replayed.`;
    const found = [...this.left].find(
      (turn) => turn.runId === recorded && samePath(turn.path, path) && turn.iteration === iteration && (turn.attempt ?? attempt) === attempt,
    );
    if (found !== undefined) {
      this.left.delete(found);
      return found;
    }
    const others = [...this.left].filter((turn) => turn.runId === recorded).map(placeOf);
    return `The recording has no answer for ${placeOf({ path, iteration, attempt })}. What is left of this run: ${others.length === 0 ? 'nothing' : others.join('; ')}.`;
  }
}

/**
 * A provider that answers as a recording says: what `recordingProvider` has recorded, or the events of a whole run.
 *
 * A request is answered by the turn of its path, iteration and attempt; the first run that asks is the first that was
 * recorded, and so on. Events come again as they were, message, usage and unknown ones byte by byte, as events of the
 * asking run; a failure is one of the same class. A request that the recording does not know fails, and so does one that
 * was stopped when it was recorded, after its last event.
 *
 * Of a run that was recorded whole, and not its provider, the attempts are told as the run told them: one turn, with its
 * `retry` events. Replay that with `resilience: false`.
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { recordingProvider, replayProvider, scriptedProvider, textTurn } from 'coldstream/testing';
 * import type { StreamEvent } from 'coldstream';
 *
 * const recording: StreamEvent[] = [];
 * const live = recordingProvider(scriptedProvider([textTurn('Hello')]), (event) => recording.push(event));
 * agent({ provider: live })('Hi').subscribe();
 *
 * const provider = replayProvider(recording);
 * agent({ provider })('Hi').subscribe((event) => console.log(event.type));
 * provider.assertConsumed();
 * ```
 *
 * @param events the recording; read from outside, decode it first with the codec `StreamEvent`
 * @param options the speed; default: at once
 * @returns a provider that remembers what it was asked
 */
export function replayProvider(events: readonly StreamEvent[], { speed = Infinity }: ReplayOptions = {}): ScriptedProvider {
  const reel = new Reel(readRecording(events));
  const requests: ModelRequest[] = [];
  let open = 0;
  const answer = (request: ModelRequest): Observable<StreamEvent> =>
    defer(() => {
      requests.push(request);
      const turn = reel.take(request);
      if (typeof turn === 'string') return throwError(() => new Error(turn));
      open += 1;
      return stamped(played(turn, speed), request).pipe(finalize(() => (open -= 1)));
    });
  const assertConsumed = (): void => {
    if (reel.left.size > 0) throw new Error(`Nobody asked for what was recorded: ${[...reel.left].map(placeOf).join('; ')}.`);
  };
  return Object.defineProperties(Object.assign(answer, { requests, opened: 0, open, assertConsumed }), {
    opened: { get: () => requests.length },
    open: { get: () => open },
  });
}
