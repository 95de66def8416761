import { isEvent } from '../../src/events/construct.js';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';

/** How fast one turn of the model was. */
export interface TurnLatency {
  readonly runId: string;
  readonly iteration: number;
  readonly model: string | null;
  /**
   * Milliseconds from the iteration's beginning to the first piece of the answer, waits and abandoned attempts included;
   * `null` where no event tells the beginning (a provider without an agent), or where no piece came before the whole.
   */
  readonly firstTokenMs: number | null;
  /** Milliseconds from the iteration's beginning to the whole message; `null` where no event tells the beginning. */
  readonly totalMs: number | null;
  /** Thinking and tool inputs included; `null` where none were reported. */
  readonly outputTokens: number | null;
  /** Output tokens a second, from the first piece to the whole message; `null` where there is no time between them. */
  readonly tokensPerSecond: number | null;
}

interface Turn {
  readonly iteration: number;
  readonly beganAt: number | null;
  firstAt: number | null;
  outputTokens: number | null;
}

/** What the clock looks at: to leave the other events out first costs them least. */
export const isTimed = isEvent('iteration_start', 'text_delta', 'thinking', 'tool_input_start', 'tool_input_delta', 'usage', 'retry', 'message', 'complete', 'error');

/** Takes the times of the run's own turns from their events; gives a turn's with its message. Keeps only open turns. */
export function turnClock(): (event: StreamEvent) => TurnLatency | undefined {
  const turns = new Map<string, Turn>();

  const begin = ({ runId, iteration }: StreamEvent, beganAt: number | null): Turn => {
    const turn: Turn = { iteration, beganAt, firstAt: null, outputTokens: null };
    turns.set(runId, turn);
    return turn;
  };
  const at = (event: StreamEvent): Turn => {
    const found = turns.get(event.runId);
    return found?.iteration === event.iteration ? found : begin(event, null);
  };
  const end = (event: StreamEventOf<'message'>): TurnLatency => {
    const { beganAt, firstAt, outputTokens: counted } = at(event);
    turns.delete(event.runId);
    const { runId, iteration, model, timestamp, usage } = event;
    const outputTokens = usage?.outputTokens ?? counted;
    const since = (time: number | null): number | null => (time === null ? null : timestamp - time);
    const writing = since(firstAt) ?? 0;
    return {
      runId,
      iteration,
      model,
      firstTokenMs: firstAt === null || beganAt === null ? null : firstAt - beganAt,
      totalMs: since(beganAt),
      outputTokens,
      tokensPerSecond: outputTokens === null || writing <= 0 ? null : (outputTokens * 1_000) / writing,
    };
  };

  return (event) => {
    if (event.path.length > 0) return undefined;
    switch (event.type) {
      case 'iteration_start':
        begin(event, event.timestamp);
        return undefined;
      case 'usage':
        at(event).outputTokens = event.usage.outputTokens;
        return undefined;
      case 'retry': {
        const turn = at(event);
        turn.firstAt = event.content.discard ? null : turn.firstAt;
        turn.outputTokens = null;
        return undefined;
      }
      case 'message':
        return event.message.role === 'assistant' ? end(event) : undefined;
      case 'complete':
      case 'error':
        turns.delete(event.runId);
        return undefined;
      case 'text_delta':
      case 'thinking':
      case 'tool_input_start':
      case 'tool_input_delta':
        at(event).firstAt ??= event.timestamp;
        return undefined;
      default:
        return undefined;
    }
  };
}
