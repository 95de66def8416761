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

/** The turns of recorded runs: of each iteration what its provider told, retries included, up to its message. */
function turnsOfRuns(events: readonly StreamEvent[]): readonly RecordedTurn[] {
  const turns = new Map<string, RecordedTurn>();
  for (const event of events) {
    const { runId, path, iteration, timestamp } = event;
    if (event.type === 'run_start') continue;
    const key = JSON.stringify([runId, path, iteration]);
    const turn = turns.get(key) ?? { runId, path, iteration, startedAt: timestamp, endedAt: timestamp, events: [], end: { end: 'stopped' } };
    turns.set(key, turn);
    if (turn.end.end !== 'stopped') continue;
    if (event.type === 'error') {
      const { code, error, retryable, partial } = event.content;
      turns.set(key, { ...turn, endedAt: timestamp, end: { end: 'error', error: errorOf(code, error, { retryable, partial }) } });
    } else if (!agents.has(event.type)) {
      turns.set(key, { ...turn, endedAt: timestamp, events: [...turn.events, event], end: { end: event.type === 'message' ? 'complete' : 'stopped' } });
    }
  }
  return [...turns.values()];
}

/** The turns of a recording, of a provider or of runs. */
export function readRecording(events: readonly StreamEvent[]): readonly RecordedTurn[] {
  return events.some((event) => isMarker(event, REQUEST)) ? markedTurns(events) : turnsOfRuns(events);
}
