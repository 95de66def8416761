import { defer, filter, map, type OperatorFunction } from 'rxjs';
import { DiscardedError } from '../../src/errors/errors.js';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import { isRunFailure, runErrorOf } from './run-end.js';

type DeltaType = 'text_delta' | 'thinking';

/**
 * Lets the run's own deltas of one type through, and throws where they cannot be believed: at the run's `error`, and
 * where a retry takes back what has gone through already. Only the attempt that is under way can be taken back.
 */
function deltaGuard<Type extends DeltaType>(type: Type): (event: StreamEvent) => event is Extract<StreamEventOf<DeltaType>, { readonly type: Type }> {
  let shown: StreamEvent | undefined;
  return (event): event is Extract<StreamEventOf<DeltaType>, { readonly type: Type }> => {
    if (event.path.length > 0) return false;
    if (event.type === type) {
      shown = event;
      return true;
    }
    if (event.type === 'message') shown = undefined;
    else if (isRunFailure(event)) throw runErrorOf(event);
    else if (event.type === 'retry' && event.content.discard && shown?.iteration === event.iteration && shown.runId === event.runId) {
      throw new DiscardedError(
        `A retry (${event.content.error.message}) took back ${type === 'thinking' ? 'thinking' : 'text'} that had been handed on already`,
        { partial: true },
      );
    }
    return false;
  };
}

/** The content of the run's own deltas of one type. */
export function deltas(type: DeltaType): OperatorFunction<StreamEvent, string> {
  return (source) =>
    defer(() =>
      source.pipe(
        filter(deltaGuard(type)),
        map(({ content }) => content),
      ),
    );
}
