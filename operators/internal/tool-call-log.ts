import { isEvent } from '../../src/events/construct.js';
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

/** What tells of calls, and of their end where the run fails: to leave the other events out first costs them least. */
export const isOfCalls = isEvent('tool_use_start', 'tool_result', 'tool_use_end', 'retry', 'error');

/** Puts the run's own calls together; returns a call with the event that ends it. Keeps only calls that are open. */
export function toolCallLog(): (event: StreamEvent) => FinishedToolCall | undefined {
  const open = new Map<string, OpenCall>();
  // Several runs may flow in one stream, and a service may use an id again.
  const keyOf = ({ runId }: StreamEvent, { id }: { readonly id: string }): string => JSON.stringify([runId, id]);

  const dropAttempt = ({ runId, iteration }: StreamEvent): void => {
    for (const [key, { start, result }] of open) {
      if (start.runId === runId && start.iteration === iteration && result === undefined) open.delete(key);
    }
  };

  const finish = (key: string): FinishedToolCall | undefined => {
    const call = open.get(key);
    open.delete(key);
    if (call?.result === undefined) return undefined;
    const { start, result } = call;
    return { ...result, ...start.content, iteration: start.iteration, startedAt: start.timestamp };
  };

  return (event) => {
    if (event.path.length > 0) return undefined;
    if (event.type === 'tool_use_start') open.set(keyOf(event, event.content), { start: event });
    else if (event.type === 'tool_use_end') return finish(keyOf(event, event.content));
    else if (event.type === 'retry' && event.content.discard) dropAttempt(event);
    else if (event.type === 'tool_result') {
      const call = open.get(keyOf(event, event.content));
      if (call !== undefined) call.result = event.content;
    }
    return undefined;
  };
}
