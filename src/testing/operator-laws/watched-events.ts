import type { StreamEvent } from '../../events/events.js';

/** The value, and all that is in it, so that whoever writes into it fails. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** Counts how often anything is read from the events. */
export function counting(events: readonly StreamEvent[]): { readonly events: readonly StreamEvent[]; readonly reads: () => number } {
  let reads = 0;
  const watched = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get: (from, key, receiver) => {
        reads += 1;
        const value: unknown = Reflect.get(from, key, receiver);
        return typeof value === 'object' && value !== null ? watched(value) : value;
      },
    });
  return { events: events.map(watched), reads: () => reads };
}
