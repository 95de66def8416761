// What partialToolInput() costs while one long input arrives: without a service, so that nothing else is measured.
import { from, map, startWith, type Observable } from 'rxjs';
import type { StreamEvent } from 'coldstream';
import { partialToolInput } from 'coldstream/operators';

const DELTA = 20;
const WARM_UP = 2 ** 20;
/** Each figure is the median of samples of so many bytes at least. */
const SAMPLE = 4 * 2 ** 20;
const SAMPLES = 7;

const call = { id: 'call_1', name: 'lookup' } as const;
const start: StreamEvent = {
  type: 'tool_input_start', content: call, block: 0,
  runId: 'run_1', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {},
};
const { path, metadata } = start;

/** Each member is named: a spread would cost more than all that is measured. */
function deltaEvent(delta: string, seq: number): StreamEvent {
  return {
    type: 'tool_input_delta', content: { id: call.id, delta }, block: 0,
    runId: 'run_1', seq, path, iteration: 0, timestamp: 0, model: null, metadata,
  };
}

/** The JSON text of an input `{"text":"…"}` of so many bytes, as it comes. */
function deltasOf(bytes: number): readonly string[] {
  const [head, tail] = ['{"text":"', '"}'];
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45)).slice(0, bytes - head.length - tail.length);
  const json = head + text + tail;
  return Array.from({ length: Math.ceil(bytes / DELTA) }, (_, at) => json.slice(at * DELTA, (at + 1) * DELTA));
}

/** Makes each event when its turn comes, as a provider does: out of a long list, finding them would be what costs. */
function eventsOf(deltas: readonly string[]): Observable<StreamEvent> {
  return from(deltas).pipe(
    map((delta, at) => deltaEvent(delta, at + 1)),
    startWith(start),
  );
}

function lengthOf(input: unknown): number {
  return typeof input === 'object' && input !== null && 'text' in input && typeof input.text === 'string' ? input.text.length : 0;
}

/** Reads the call as a form would: looks at each value's text. How many characters the longest had. */
function read(deltas: readonly string[]): number {
  let longest = 0;
  const reading = eventsOf(deltas)
    .pipe(partialToolInput())
    .subscribe({
      next: ({ input }) => {
        longest = Math.max(longest, lengthOf(input));
      },
      error: (error: unknown) => {
        throw error;
      },
    });
  reading.unsubscribe();
  return longest;
}

function sample(deltas: readonly string[], bytes: number): number {
  const times = Math.ceil(SAMPLE / bytes);
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) {
    if (read(deltas) !== bytes - '{"text":""}'.length) throw new Error('partialToolInput() has not shown every character');
  }
  const { user, system } = process.cpuUsage(before);
  return (1_000 * (user + system)) / (times * bytes);
}

/**
 * CPU nanoseconds for each byte of a tool input of so many bytes that comes in deltas of 20 bytes, each value looked at; the
 * making of the events is part of it.
 *
 * @param bytes The size of the input as JSON text.
 */
export function partialInputCost(bytes: number): number {
  const deltas = deltasOf(bytes);
  for (let warm = 0; warm < WARM_UP; warm += bytes) read(deltas);
  const samples = Array.from({ length: SAMPLES }, () => sample(deltas, bytes)).sort((left, right) => left - right);
  return samples[Math.floor(SAMPLES / 2)] ?? NaN;
}
