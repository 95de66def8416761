import type { Seen, Started } from '../../../client.js';

/** Begins a piece of work whose peer is stopped by a signal. */
export function started(work: (signal: AbortSignal) => Promise<Seen>): Started {
  const controller = new AbortController();
  return { ended: work(controller.signal), stop: () => controller.abort() };
}
