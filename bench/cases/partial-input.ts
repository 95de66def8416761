// What partialToolInput() costs while one long input arrives: without a service, so that nothing else is measured.
import { from } from 'rxjs';
import type { StreamEvent } from 'coldstream';
import { partialToolInput } from 'coldstream/operators';

const DELTA = 20;
const WARM_UP = 2 ** 20;
/** Each figure is the median of samples of so many bytes at least. */
const SAMPLE = 4 * 2 ** 20;
const SAMPLES = 7;

const envelope = { runId: 'run_1', path: [], iteration: 0, timestamp: 0, model: null, metadata: {}, block: 0 } as const;
const call = { id: 'call_1', name: 'lookup' } as const;

/** A call whose input `{"text":"…"}` has so many bytes, as a provider tells it. */
function callOf(bytes: number): readonly StreamEvent[] {
  const [head, tail] = ['{"text":"', '"}'];
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45)).slice(0, bytes - head.length - tail.length);
  const json = head + text + tail;
  const events: StreamEvent[] = [{ ...envelope, seq: 0, type: 'tool_input_start', content: call }];
  for (let at = 0; at < json.length; at += DELTA) {
    events.push({ ...envelope, seq: events.length, type: 'tool_input_delta', content: { id: call.id, delta: json.slice(at, at + DELTA) } });
  }
  events.push({ ...envelope, seq: events.length, type: 'tool_use_start', content: { ...call, input: { text } } });
  return events;
}

function lengthOf(input: unknown): number {
  return typeof input === 'object' && input !== null && 'text' in input && typeof input.text === 'string' ? input.text.length : 0;
}

/** Reads the call as a form would: looks at each value's text. How many characters the longest had. */
function read(events: readonly StreamEvent[]): number {
  let longest = 0;
  const reading = from(events)
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

function sample(events: readonly StreamEvent[], bytes: number): number {
  const times = Math.ceil(SAMPLE / bytes);
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) {
    if (read(events) !== bytes - '{"text":""}'.length) throw new Error('partialToolInput() has not shown every character');
  }
  const { user, system } = process.cpuUsage(before);
  return (1_000 * (user + system)) / (times * bytes);
}

/**
 * CPU nanoseconds for each byte of a tool input of so many bytes that comes in deltas of 20 bytes, each value looked at.
 *
 * @param bytes The size of the input as JSON text.
 */
export function partialInputCost(bytes: number): number {
  const events = callOf(bytes);
  for (let warm = 0; warm < WARM_UP; warm += bytes) read(events);
  const samples = Array.from({ length: SAMPLES }, () => sample(events, bytes)).sort((left, right) => left - right);
  return samples[Math.floor(SAMPLES / 2)] ?? NaN;
}
