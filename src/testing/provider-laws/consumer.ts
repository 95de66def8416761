import type { Observable, Subscription } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';

/** Somebody who listens to one turn and remembers it. */
export interface Consumer<Item = StreamEvent> {
  readonly events: readonly Item[];
  /** Each event as JSON, as it was when it came. */
  readonly texts: readonly string[];
  readonly ended: () => 'complete' | 'error' | undefined;
  readonly error: () => unknown;
  /** What came after the end, or after leaving. */
  readonly late: readonly string[];
  readonly leave: () => void;
}

/** Subscribes by a plain observer, so that what rxjs would hide from an operator is seen. */
export function consume<Item extends { readonly type: string }>(source: Observable<Item>): Consumer<Item> {
  const events: Item[] = [];
  const texts: string[] = [];
  const late: string[] = [];
  let ended: 'complete' | 'error' | undefined;
  let failure: unknown;
  let left = false;
  const isLate = (what: string): boolean => {
    const over = left || ended !== undefined;
    if (over) late.push(what);
    return over;
  };
  const end = (how: 'complete' | 'error', error?: unknown): void => {
    if (isLate(how)) return;
    ended = how;
    failure = error;
  };
  const subscription: Subscription = source.subscribe({
    next: (event) => {
      if (isLate(event.type)) return;
      events.push(event);
      texts.push(JSON.stringify(event));
    },
    error: (error: unknown) => end('error', error),
    complete: () => end('complete'),
  });
  return {
    events,
    texts,
    late,
    ended: () => ended,
    error: () => failure,
    leave: () => {
      left = true;
      subscription.unsubscribe();
    },
  };
}
