import { isEvent } from '../../src/events/construct.js';
import type { StreamEvent } from '../../src/events/events.js';
import { addUsage, type Usage } from '../../src/messages/usage.js';
import { usageSum } from './usage-sum.js';

/** The iteration that is under way at one path. */
interface OpenIteration {
  readonly iteration: number;
  /** What ended attempts and turns of this iteration cost. */
  settled: Usage | null;
  /** The latest snapshot of the attempt under way. */
  running: Usage | null;
}

/** Adds up what the events of a run report. */
export interface UsageMeter {
  /** The total after this event where it has changed, else `undefined`. */
  take(event: StreamEvent): Usage | undefined;
  /** The total so far; `null` where nothing was reported. */
  total(): Usage | null;
}

/** What the meter looks at: to leave the other events out first costs them least. */
export const isCounted = isEvent('usage', 'retry', 'message', 'iteration_end', 'complete', 'error');

const keyOf = ({ runId, path }: StreamEvent): string => (path.length === 0 ? runId : JSON.stringify([runId, ...path]));

/**
 * A meter over all paths. A snapshot replaces the one before it, an abandoned attempt and an ended turn are settled, and
 * `iteration_end` has the last word on its iteration. Each event costs the same however long the run is, and nothing is
 * kept of an iteration that has ended; one that was stopped before its end stays in the sum.
 */
export function usageMeter(): UsageMeter {
  const open = new Map<string, OpenIteration>();
  const sum = usageSum();
  let told: Usage | null = null;

  const at = (event: StreamEvent): OpenIteration => {
    const key = keyOf(event);
    const found = open.get(key);
    if (found?.iteration === event.iteration) return found;
    const fresh: OpenIteration = { iteration: event.iteration, settled: null, running: null };
    open.set(key, fresh);
    return fresh;
  };

  const report = (current: OpenIteration, usage: Usage | null): void => {
    if (usage === null) return;
    sum.replace(current.running, usage);
    current.running = usage;
  };

  const settle = (current: OpenIteration, usage: Usage | null): void => {
    report(current, usage);
    current.settled = addUsage(current.settled, current.running);
    current.running = null;
  };

  const close = (event: StreamEvent, usage: Usage | null): void => {
    if (usage !== null) {
      const current = at(event);
      sum.replace(addUsage(current.settled, current.running), usage);
    }
    open.delete(keyOf(event));
  };

  const changed = (): Usage | undefined => {
    const total = sum.total();
    if (total === null || total === told) return undefined;
    told = total;
    return total;
  };

  return {
    total: () => sum.total(),
    take: (event) => {
      if (event.type === 'usage') report(at(event), event.usage);
      else if (event.type === 'retry') settle(at(event), event.usage);
      else if (event.type === 'message' && event.message.role === 'assistant') settle(at(event), event.usage ?? null);
      else if (event.type === 'iteration_end') close(event, event.usage);
      else {
        if (event.type === 'complete' || event.type === 'error') open.delete(keyOf(event));
        return undefined;
      }
      return changed();
    },
  };
}
