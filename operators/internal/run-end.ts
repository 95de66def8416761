import { RunError } from '../../src/errors/errors.js';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';

/** Whether the event says that the run itself failed; a failed sub-agent is its caller's business. */
export function isRunFailure(event: StreamEvent): event is StreamEventOf<'error'> {
  return event.type === 'error' && event.path.length === 0;
}

/** Whether the event is the last of the run itself. */
export function isRunEnd(event: StreamEvent): event is StreamEventOf<'complete' | 'error'> {
  return (event.type === 'complete' || event.type === 'error') && event.path.length === 0;
}

/** The run's `error` event as an error. */
export function runErrorOf({ content: { error, code, retryable, partial } }: StreamEventOf<'error'>): RunError {
  return new RunError(error, code, { retryable, partial });
}
