import type { ErrorEvent, StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { Message } from '../../src/messages/message.js';
import type { Usage } from '../../src/messages/usage.js';
import { foldAnswer } from './answer.js';
import { isRunEnd } from './run-end.js';
import { toolCallLog, type FinishedToolCall } from './tool-call-log.js';
import { usageMeter } from './usage-meter.js';

/** A whole run. */
export interface CollectedRun {
  /** Every event, in order, sub-agents' included. */
  readonly events: readonly StreamEvent[];
  /** The answer, as `finalText` gives it; of a failed run what had come of it. */
  readonly text: string;
  /** The visible thinking of all turns. */
  readonly thinking: string;
  /** The calls that came to their end, in that order. */
  readonly toolCalls: readonly FinishedToolCall[];
  /** What the run cost, over all paths; `null` where nothing was reported. */
  readonly usage: Usage | null;
  /** Why the run ended; `null` where it failed or nobody said. */
  readonly stopReason: string | null;
  readonly iterations: number;
  /** What the run added to the conversation, as its last event says; without such an event the messages that flowed. */
  readonly messages: readonly Message[];
  /** The answer's value, where the agent has an `output` and the model answered. */
  readonly output?: Json;
  /** Why the run failed; missing where it did not. */
  readonly error?: ErrorEvent['content'];
}

type End = StreamEventOf<'complete' | 'error'>;

/** Collects one run. */
export interface RunCollector {
  take(event: StreamEvent): void;
  result(): CollectedRun;
}

export function runCollector(): RunCollector {
  const [answer, callOf, meter] = [foldAnswer(), toolCallLog(), usageMeter()];
  const events: StreamEvent[] = [];
  const toolCalls: FinishedToolCall[] = [];
  const messages: Message[] = [];
  let stopReason: string | null = null;
  let iterations = 0;
  let end: End | undefined;

  const takeOwn = (event: StreamEvent): void => {
    iterations = event.iteration + 1;
    if (isRunEnd(event)) end = event;
    if (event.type !== 'message') return;
    messages.push(event.message);
    if (event.message.role === 'assistant') stopReason = event.stopReason ?? null;
  };

  const stopReasonAt = (last: End | undefined): string | null => {
    if (last === undefined) return stopReason;
    return last.type === 'complete' ? last.stopReason : null;
  };

  return {
    take: (event) => {
      events.push(event);
      answer.take(event);
      meter.take(event);
      const call = callOf(event);
      if (call !== undefined) toolCalls.push(call);
      if (event.path.length === 0) takeOwn(event);
    },
    result: () => ({
      events,
      text: answer.text(),
      thinking: answer.thinking(),
      toolCalls,
      usage: end?.usage ?? meter.total(),
      stopReason: stopReasonAt(end),
      iterations: end?.type === 'complete' ? end.iterations : iterations,
      messages: end?.messages ?? messages,
      ...(end?.type === 'complete' && end.output !== undefined ? { output: end.output } : {}),
      ...(end?.type === 'error' ? { error: end.content } : {}),
    }),
  };
}
