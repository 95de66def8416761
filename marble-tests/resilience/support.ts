import type { StreamEvent } from 'coldstream';
import { event, tokens } from 'coldstream/testing';

export const request = { messages: [], runId: 'run_1' };

export const values: Readonly<Record<'u' | 't' | 'm' | 'c', StreamEvent>> = {
  u: event.usage(tokens(3, 0)),
  t: event.text('text'),
  m: event.message('text'),
  c: event.toolUse('call_1', 'clock'),
};

/** A `retry` of an overloaded service that takes nothing back, unless `rest` says otherwise. */
export const retry = (attempt: number, delayMs: number, rest: Parameters<typeof event.retry>[0] = {}): StreamEvent =>
  event.retry({ attempt, delayMs, discard: false, error: { code: 'overloaded', message: 'Overloaded' }, ...rest });
