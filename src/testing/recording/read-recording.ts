import { errorCodes } from '../../errors/codes.js';
import type { StreamEvent, StreamEventOf } from '../../events/events.js';
import type { Json } from '../../events/json.js';
import { ANSWER, errorOf, memberOf, numberIn, REQUEST, type RecordedEnd } from './markers.js';

/** One request of a recording, and how it was answered. */
export interface RecordedTurn {
  readonly runId: string;
  readonly path: readonly string[];
  readonly iteration: number;
  /** Not known where a run was recorded and not its provider. */
  readonly attempt?: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly events: readonly StreamEvent[];
  readonly end: RecordedEnd;
}

function endOf(content: Json): RecordedEnd {
  const end = memberOf(content, 'end');
  if (end !== 'error') return { end: end === 'complete' ? 'complete' : 'stopped' };
  const failure = memberOf(content, 'error');
  const [code, message] = [memberOf(failure, 'code'), memberOf(failure, 'message')];
  const [retryAfterMs, status, requestId] = [numberIn(failure, 'retryAfterMs'), numberIn(failure, 'status'), memberOf(failure, 'requestId')];
  const error = errorOf(errorCodes.find((known) => known === code) ?? 'unknown', typeof message === 'string' ? message : '', {
    retryable: memberOf(failure, 'retryable') === true,
    partial: memberOf(failure, 'partial') === true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status }),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  });
  return { end: 'error', error };
}

const isMarker = (event: StreamEvent, name: string): event is StreamEventOf<'custom'> => event.type === 'custom' && event.name === name;

/** The turns between the marks of `recordingProvider`. One without its second mark is one that was cut off. */
function markedTurns(events: readonly StreamEvent[]): readonly RecordedTurn[] {
  const starts = events.flatMap((event, index) => (isMarker(event, REQUEST) ? [{ event, index }] : []));
  return starts.map(({ event, index }, nth): RecordedTurn => {
    const all = events.slice(index + 1, starts[nth + 1]?.index);
    const answers = all.flatMap((each, at) => (isMarker(each, ANSWER) ? [{ each, at }] : []));
    const [answer] = answers;
    const told = all.slice(0, answer?.at);
    const { runId, path, iteration, timestamp } = event;
    return {
      runId,
      path,
      iteration,
      attempt: numberIn(event.content, 'attempt') ?? 1,
      startedAt: timestamp,
      endedAt: answer?.each.timestamp ?? told.at(-1)?.timestamp ?? timestamp,
      events: told,
      end: answer === undefined ? { end: 'stopped' } : endOf(answer.each.content),
    };
  });
}

/** What an agent adds to what its provider tells. */
const agents: ReadonlySet<string> = new Set(['run_start', 'iteration_start', 'tool_progress', 'tool_approval', 'tool_result', 'tool_use_end', 'iteration_end', 'complete', 'error']);

/** A turn that is being read. What was told is pushed: copied for each event, a turn would cost the square of its length. */
interface GrowingTurn {
  turn: RecordedTurn;
  /** The `events` of the turn. */
  readonly told: StreamEvent[];
}

function begun({ runId, path, iteration, timestamp }: StreamEvent): GrowingTurn {
  const told: StreamEvent[] = [];
  return { turn: { runId, path, iteration, startedAt: timestamp, endedAt: timestamp, events: told, end: { end: 'stopped' } }, told };
}

/** The turns of recorded runs: of each iteration what its provider told, retries included, up to its message. */
function turnsOfRuns(events: readonly StreamEvent[]): readonly RecordedTurn[] {
  const turns = new Map<string, GrowingTurn>();
  for (const event of events) {
    const { runId, path, iteration, timestamp } = event;
    if (event.type === 'run_start') continue;
    const key = JSON.stringify([runId, path, iteration]);
    const growing = turns.get(key) ?? begun(event);
    turns.set(key, growing);
    const { turn, told } = growing;
    if (turn.end.end !== 'stopped') continue;
    if (event.type === 'error') {
      const { code, error, retryable, partial } = event.content;
      growing.turn = { ...turn, endedAt: timestamp, end: { end: 'error', error: errorOf(code, error, { retryable, partial }) } };
    } else if (!agents.has(event.type)) {
      told.push(event);
      growing.turn = { ...turn, endedAt: timestamp, end: { end: event.type === 'message' ? 'complete' : 'stopped' } };
    }
  }
  return [...turns.values()].map(({ turn }) => turn);
}

/** The turns of a recording, of a provider or of runs. */
export function readRecording(events: readonly StreamEvent[]): readonly RecordedTurn[] {
  return events.some((event) => isMarker(event, REQUEST)) ? markedTurns(events) : turnsOfRuns(events);
}
