import { isObservable, type Observable } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { describeValue } from '../describe.js';

/** What a matcher gives back, as jest and vitest have it. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The result of a matcher that found this to be wrong, or nothing. */
export function result(fault: string | undefined, otherwise: string): MatcherResult {
  return { pass: fault === undefined, message: () => fault ?? otherwise };
}

/** All that a source does as it is subscribed. */
export interface Outcome {
  readonly values: readonly unknown[];
  readonly end: 'complete' | 'error' | 'open';
  readonly error?: unknown;
}

/** Subscribes, and leaves again. */
export function outcomeOf(source: Observable<unknown>): Outcome {
  const values: unknown[] = [];
  let end: Pick<Outcome, 'end' | 'error'> = { end: 'open' };
  source
    .subscribe({
      next: (value) => void values.push(value),
      error: (error: unknown) => void (end = { end: 'error', error }),
      complete: () => void (end = { end: 'complete' }),
    })
    .unsubscribe();
  return { values, ...end };
}

function isStreamEvent(value: unknown): value is StreamEvent {
  return typeof value === 'object' && value !== null && 'type' in value && 'runId' in value && 'path' in value;
}

/** The events that were received: a list, or what an Observable emits as it is subscribed. A text says why there are none. */
export function eventsOf(received: unknown): readonly StreamEvent[] | string {
  if (isObservable(received)) {
    const { values, end, error } = outcomeOf(received);
    if (end === 'error') return `The Observable failed with ${describeValue(error)}.`;
    if (end === 'complete') return eventsOf(values);
    return (
      'The Observable had not ended when subscribe returned. Collect its events first,\n' +
      '  expect(await firstValueFrom(run.pipe(toArray())))…\n' +
      'or tell its time: expectRun(run) in a marble test.'
    );
  }
  if (!Array.isArray(received)) return `A list of events or an Observable was expected, got ${describeValue(received)}.`;
  const list: readonly unknown[] = received;
  const stray = list.findIndex((value) => !isStreamEvent(value));
  return stray === -1 ? list.filter(isStreamEvent) : `Value ${stray} is no event: ${describeValue(list[stray])}.`;
}

const isFactory = (value: unknown): value is () => unknown => typeof value === 'function';

/** The source that was received, or a function that makes it; a text says why there is none. */
export function sourceOf(received: unknown): Observable<unknown> | string {
  const source: unknown = isFactory(received) ? received() : received;
  return isObservable(source) ? source : `An Observable, or a function that gives one, was expected, got ${describeValue(source)}.`;
}
