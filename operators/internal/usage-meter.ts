import type { StreamEvent } from '../../src/events/events.js';
import type { Usage } from '../../src/messages/usage.js';
import { usageBook } from './usage-book.js';
import { usageSum } from './usage-sum.js';

/** Adds up what the events of a run report, over all paths. */
export interface UsageMeter {
  /** The total after this event where it has changed, else `undefined`. */
  take(event: StreamEvent): Usage | undefined;
  /** The total so far; `null` where nothing was reported. */
  total(): Usage | null;
}

/** A meter that knows of models nothing. */
export function usageMeter(): UsageMeter {
  const sum = usageSum();
  const read = usageBook((_model, before, after) => sum.replace(before, after));
  let told: Usage | null = null;
  return {
    total: () => sum.total(),
    take: (event) => {
      read(event);
      const total = sum.total();
      if (total === null || total === told) return undefined;
      told = total;
      return total;
    },
  };
}
