import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import { GrowingJson } from './growing-json.js';

/** The input of a tool call, as far as it has come. */
export interface PartialToolInput {
  /** The call's id. */
  readonly id: string;
  /** The tool's name. */
  readonly name: string;
  readonly runId: string;
  /** The iteration that asks for it. */
  readonly iteration: number;
  /** What has come; `{}` at first. */
  readonly input: Json;
  /** Whether this is the whole input. */
  readonly done: boolean;
  /** Why no tool is given this input; missing where there is nothing wrong. Only with `done`. */
  readonly inputError?: { readonly text: string; readonly message: string };
  /** The call has been taken back by a `retry`; nothing follows for it. */
  readonly discarded?: true;
}

/** A call of the attempt under way. */
interface Call {
  /** What was told of it last. */
  told: PartialToolInput;
  readonly json: GrowingJson;
}

/** The attempt under way in one run. */
interface Attempt {
  readonly iteration: number;
  /** Calls that have not ended, by the position of their block. */
  readonly open: Map<number, Call>;
  readonly ended: PartialToolInput[];
}

type InputEvent = StreamEventOf<'tool_input_start' | 'tool_input_delta'>;

/** Puts the inputs of a run's own calls together. */
export interface PartialInputs {
  /** What the event shows of a call that was not there before. */
  take(event: StreamEvent): PartialToolInput | undefined;
  /** Forgets the abandoned attempt; its calls as they were last, marked as gone. */
  discard(event: StreamEventOf<'retry'>): readonly PartialToolInput[];
}

function begin({ runId, iteration, block, content }: InputEvent, { open }: Attempt, name: string): Call {
  const told = { id: content.id, name, runId, iteration, input: {}, done: false };
  const call: Call = { told, json: new GrowingJson() };
  open.set(block, call);
  return call;
}

function grow(event: StreamEventOf<'tool_input_delta'>, attempt: Attempt): PartialToolInput | undefined {
  const { id, delta } = event.content;
  const found = attempt.open.get(event.block);
  // A stream that is joined in the middle of a call does not tell the tool's name before the call's end.
  const call = found?.told.id === id ? found : begin(event, attempt, '');
  const input = call.json.push(delta);
  if (input === undefined) return undefined;
  const { name, runId, iteration } = call.told;
  call.told = { id, name, runId, iteration, input, done: false };
  return call.told;
}

function end({ runId, iteration, content }: StreamEventOf<'tool_use_start'>, { open, ended }: Attempt): PartialToolInput {
  for (const [block, { told }] of open) {
    if (told.id !== content.id) continue;
    open.delete(block);
    break;
  }
  const whole = { ...content, runId, iteration, done: true };
  ended.push(whole);
  return whole;
}

/** Keeps nothing but the calls of attempts that are under way. */
export function partialInputs(): PartialInputs {
  const attempts = new Map<string, Attempt>();

  const attemptOf = ({ runId, iteration }: StreamEvent): Attempt => {
    const found = attempts.get(runId);
    if (found?.iteration === iteration) return found;
    const fresh: Attempt = { iteration, open: new Map(), ended: [] };
    attempts.set(runId, fresh);
    return fresh;
  };

  return {
    take: (event) => {
      if (event.path.length > 0) return undefined;
      switch (event.type) {
        case 'tool_input_start':
          return begin(event, attemptOf(event), event.content.name).told;
        case 'tool_input_delta':
          return grow(event, attemptOf(event));
        case 'tool_use_start':
          return end(event, attemptOf(event));
        case 'message':
        case 'complete':
          attempts.delete(event.runId);
          return undefined;
        default:
          return undefined;
      }
    },
    discard: ({ runId, iteration }) => {
      const attempt = attempts.get(runId);
      attempts.delete(runId);
      if (attempt?.iteration !== iteration) return [];
      const open = [...attempt.open.values()].map(({ told }) => told);
      return [...attempt.ended, ...open].map((told) => ({ ...told, discarded: true as const }));
    },
  };
}
