import type { StreamEvent } from '../../events/events.js';
import { printableLine } from '../printable.js';
import { resultLine } from '../summary.js';
import type { MarkKind } from './marks.js';
import { timeText } from './time-scale.js';

/** Something worth telling in words. */
export interface Note {
  readonly kind: MarkKind;
  /** Milliseconds since the first event. */
  readonly atMs: number;
  readonly text: string;
}

/** More would be a log and no picture. */
const mostNotes = 12;

const longest = 200;

function noteOf(event: StreamEvent, atMs: number): readonly Note[] {
  switch (event.type) {
    case 'retry': {
      const { attempt, delayMs, error, discard, to } = event.content;
      const next = `asked again${to === undefined ? '' : ` of ${printableLine(to, 80)}`} after ${timeText(delayMs)}`;
      return [{ kind: 'retry', atMs, text: `attempt ${attempt} failed (${error.code}), ${next}${discard ? '; what it had said is dropped' : ''}` }];
    }
    case 'tool_approval': {
      const { name, decision, reason } = event.content;
      const why = reason === undefined ? '' : `: ${printableLine(reason, longest)}`;
      return decision === 'denied' ? [{ kind: 'denied', atMs, text: `${printableLine(name, longest)} was denied${why}` }] : [];
    }
    case 'tool_result': {
      const { name, isError, content } = event.content;
      return isError ? [{ kind: 'failed', atMs, text: `${printableLine(name, longest)}: ${resultLine(content)}` }] : [];
    }
    case 'error':
      return [{ kind: 'error', atMs, text: `${event.content.code}: ${printableLine(event.content.error, longest)}` }];
    default:
      return [];
  }
}

/** The retries, denials and failures of a run in words; where there are too many, the first ones and the last. */
export function notesOf(events: readonly StreamEvent[], times: readonly number[]): readonly Note[] {
  const notes = events.flatMap((event, index) => noteOf(event, times[index] ?? 0));
  return notes.length <= mostNotes ? notes : [...notes.slice(0, mostNotes - 1), ...notes.slice(-1)];
}
