import type { StreamEvent } from '../events/events.js';
import { addUsage, type Usage } from '../messages/usage.js';

/** What one sub-agent has cost. */
interface Spent {
  /** In iterations that are over. */
  done: Usage | null;
  /** In abandoned attempts of the iteration under way. */
  abandoned: Usage | null;
  /** In the attempt under way. */
  attempt: Usage | null;
}

/**
 * What the sub-agents beneath each call have cost so far, read from the events that pass: it is known of one that is
 * stopped before it could say so itself.
 */
export class Tally {
  /** By the id of the call, and by the path beneath it. */
  private readonly calls = new Map<string, Map<string, Spent>>();

  /** An event of a sub-agent beneath the call. */
  note(callId: string, event: StreamEvent): void {
    if (event.type === 'usage') this.spent(callId, event).attempt = event.usage;
    else if (event.type === 'message') {
      if (event.usage !== undefined && event.usage !== null) this.spent(callId, event).attempt = event.usage;
    } else if (event.type === 'retry') {
      const spent = this.spent(callId, event);
      spent.abandoned = addUsage(spent.abandoned, event.usage ?? spent.attempt);
      spent.attempt = null;
    } else if (event.type === 'iteration_end') {
      const spent = this.spent(callId, event);
      Object.assign(spent, { done: addUsage(spent.done, event.usage), abandoned: null, attempt: null });
    } else if (event.type === 'complete' || event.type === 'error') this.settle(callId, event.path, event.usage);
  }

  /** What is known of one call. */
  of(callId: string): Usage | null {
    let sum: Usage | null = null;
    for (const { done, abandoned, attempt } of this.calls.get(callId)?.values() ?? []) sum = addUsage(sum, addUsage(done, addUsage(abandoned, attempt)));
    return sum;
  }

  /** What is known of all calls. */
  total(): Usage | null {
    let sum: Usage | null = null;
    for (const callId of this.calls.keys()) sum = addUsage(sum, this.of(callId));
    return sum;
  }

  /** The call is over, and counted elsewhere. */
  forget(callId: string): void {
    this.calls.delete(callId);
  }

  /** A sub-agent has said what it cost, with all beneath it. */
  private settle(callId: string, path: readonly string[], usage: Usage | null): void {
    const paths = this.pathsOf(callId);
    const key = keyOf(path);
    for (const beneath of paths.keys()) if (beneath.startsWith(key)) paths.delete(beneath);
    paths.set(key, { done: usage, abandoned: null, attempt: null });
  }

  private spent(callId: string, { path }: StreamEvent): Spent {
    const paths = this.pathsOf(callId);
    const key = keyOf(path);
    const spent = paths.get(key) ?? { done: null, abandoned: null, attempt: null };
    paths.set(key, spent);
    return spent;
  }

  private pathsOf(callId: string): Map<string, Spent> {
    const paths = this.calls.get(callId) ?? new Map<string, Spent>();
    this.calls.set(callId, paths);
    return paths;
  }
}

/** A key that begins with the keys of all paths above it, and with no other. */
function keyOf(path: readonly string[]): string {
  return path.map((id) => `${JSON.stringify(id)} `).join('');
}
