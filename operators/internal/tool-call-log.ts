import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';

/** One tool call of a run, from the model's request to its answer. */
export type FinishedToolCall = Readonly<
  StreamEventOf<'tool_use_start'>['content'] &
    Omit<StreamEventOf<'tool_result'>['content'], 'id' | 'name'> & {
      /** The iteration that asked for it. */
      iteration: number;
      /** The timestamp of the finished request. */
      startedAt: number;
    }
>;

interface OpenCall {
  readonly start: StreamEventOf<'tool_use_start'>;
  result?: StreamEventOf<'tool_result'>['content'];
}

/** Puts the run's own calls together; returns a call with the event that ends it. Keeps only calls that are open. */
export function toolCallLog(): (event: StreamEvent) => FinishedToolCall | undefined {
  const open = new Map<string, OpenCall>();

  const dropAttempt = ({ iteration }: StreamEvent): void => {
    for (const [id, { start, result }] of open) {
      if (start.iteration === iteration && result === undefined) open.delete(id);
    }
  };

  const finish = (id: string): FinishedToolCall | undefined => {
    const call = open.get(id);
    open.delete(id);
    if (call?.result === undefined) return undefined;
    const { start, result } = call;
    return { ...result, ...start.content, iteration: start.iteration, startedAt: start.timestamp };
  };

  return (event) => {
    if (event.path.length > 0) return undefined;
    if (event.type === 'tool_use_start') open.set(event.content.id, { start: event });
    else if (event.type === 'tool_use_end') return finish(event.content.id);
    else if (event.type === 'retry' && event.content.discard) dropAttempt(event);
    else if (event.type === 'tool_result') {
      const call = open.get(event.content.id);
      if (call !== undefined) call.result = event.content;
    }
    return undefined;
  };
}
