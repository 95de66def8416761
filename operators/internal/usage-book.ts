import { isEvent } from '../../src/events/construct.js';
import type { StreamEvent } from '../../src/events/events.js';
import { addUsage, type Usage } from '../../src/messages/usage.js';

type Model = string | null;

/** Where counts go: what was counted before is taken back, and the other put in its place; `null` is nothing. */
export type Count = (model: Model, before: Usage | null, after: Usage | null) => void;

/** The iteration that is under way at one path. */
interface OpenIteration {
  readonly iteration: number;
  /** What ended attempts and turns of this iteration cost. */
  settled: Usage | null;
  /** The latest snapshot of the attempt under way, and whose it is. */
  running: { readonly model: Model; readonly usage: Usage } | null;
  /** The model that was named last. */
  model: Model;
}

/** What is counted: to leave the other events out first costs them least. */
export const isCounted = isEvent('usage', 'retry', 'message', 'iteration_end', 'complete', 'error');

const keyOf = ({ runId, path }: StreamEvent): string => (path.length === 0 ? runId : JSON.stringify([runId, ...path]));

/**
 * Reads what the events of all paths report, and has it counted. A snapshot replaces the one before it, an abandoned
 * attempt and an ended turn are settled, and `iteration_end` has the last word on its iteration. Each event costs the same
 * however long the run is, and nothing is kept of an iteration that has ended; one that was stopped before its end stays
 * counted.
 */
export function usageBook(count: Count): (event: StreamEvent) => void {
  const open = new Map<string, OpenIteration>();

  const at = (event: StreamEvent): OpenIteration => {
    const key = keyOf(event);
    let current = open.get(key);
    if (current?.iteration !== event.iteration) {
      current = { iteration: event.iteration, settled: null, running: null, model: null };
      open.set(key, current);
    }
    current.model = event.model ?? current.model;
    return current;
  };

  const report = (current: OpenIteration, model: Model, usage: Usage | null): void => {
    if (usage === null) return;
    const before = current.running;
    if (before !== null && before.model !== model) {
      count(before.model, before.usage, null);
      count(model, null, usage);
    } else {
      count(model, before?.usage ?? null, usage);
    }
    current.running = { model, usage };
  };

  const settle = (current: OpenIteration, model: Model, usage: Usage | null): void => {
    report(current, model, usage);
    current.settled = addUsage(current.settled, current.running?.usage ?? null);
    current.running = null;
  };

  const close = (event: StreamEvent, usage: Usage | null): void => {
    if (usage !== null) {
      const current = at(event);
      // Only what is told beyond the parts is the last model's: they stand where they were counted.
      count(current.running?.model ?? current.model, addUsage(current.settled, current.running?.usage ?? null), usage);
    }
    open.delete(keyOf(event));
  };

  return (event) => {
    if (event.type === 'usage') {
      const current = at(event);
      report(current, current.model, event.usage);
    } else if (event.type === 'retry') {
      const current = at(event);
      // It may name the model that takes over; the cost is that of the attempt before.
      settle(current, current.running?.model ?? current.model, event.usage);
    } else if (event.type === 'message' && event.message.role === 'assistant') {
      const current = at(event);
      settle(current, current.model, event.usage ?? null);
    } else if (event.type === 'iteration_end') close(event, event.usage);
    else if (event.type === 'complete' || event.type === 'error') open.delete(keyOf(event));
  };
}
