import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import { IncrementalJson } from '../../src/messages/incremental-json.js';
import type { JsonView } from '../../src/messages/json-view.js';

/** The input of a tool call, as far as it has come. */
export interface PartialToolInput {
  /** The call's id. */
  readonly id: string;
  /** The tool's name. */
  readonly name: string;
  readonly runId: string;
  /** The iteration that asks for it. */
  readonly iteration: number;
  /** What has come; `{}` at first. Where much has come it is put together when it is read. */
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
  readonly id: string;
  /** What to tell of it should it be taken back. */
  told: PartialToolInput;
  /** Null once the call has ended. */
  parser: IncrementalJson | null;
}

/** The attempt under way in one run. */
interface Attempt {
  readonly iteration: number;
  /** Calls that have not ended, by the position of their block. */
  readonly open: Map<number, Call>;
  readonly ended: Call[];
}

/** Puts the inputs of a run's own calls together. */
export interface PartialInputs {
  /** What the event shows of a call that was not there before. */
  take(event: StreamEvent): PartialToolInput | undefined;
  /** Forgets the abandoned attempt; its calls as they were last, marked as gone. */
  discard(event: StreamEventOf<'retry'>): readonly PartialToolInput[];
}

/** As many members are copied faster than a place is made from which they can be read later. */
const FEW = 16;

function withView(call: Omit<PartialToolInput, 'input'>, view: JsonView): PartialToolInput {
  const { id, name, runId, iteration } = call;
  if (view.width <= FEW) return { id, name, runId, iteration, input: view.read(), done: false };
  let read: { readonly input: Json } | undefined;
  return {
    id,
    name,
    runId,
    iteration,
    get input() {
      read ??= { input: view.read() };
      return read.input;
    },
    done: false,
  };
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

  const begin = (event: StreamEventOf<'tool_input_start' | 'tool_input_delta'>, attempt: Attempt, name: string): Call => {
    const { runId, iteration, block, content } = event;
    const parser = new IncrementalJson();
    const told = { id: content.id, name, runId, iteration, input: {}, done: false };
    const call: Call = { id: content.id, told, parser };
    attempt.open.set(block, call);
    return call;
  };

  const grow = (event: StreamEventOf<'tool_input_delta'>): PartialToolInput | undefined => {
    const attempt = attemptOf(event);
    const found = attempt.open.get(event.block);
    // A stream that is joined in the middle of a call does not tell the tool's name before the call's end.
    const call = found?.id === event.content.id ? found : begin(event, attempt, '');
    if (call.parser?.push(event.content.delta) !== true) return undefined;
    call.told = withView(call.told, call.parser.view());
    return call.told;
  };

  const end = (event: StreamEventOf<'tool_use_start'>): PartialToolInput => {
    const { runId, iteration, content } = event;
    const { open, ended } = attemptOf(event);
    const told = { ...content, runId, iteration, done: true };
    for (const [block, { id }] of open) {
      if (id !== content.id) continue;
      open.delete(block);
      break;
    }
    ended.push({ id: content.id, told, parser: null });
    return told;
  };

  return {
    take: (event) => {
      if (event.path.length > 0) return undefined;
      switch (event.type) {
        case 'tool_input_start':
          return begin(event, attemptOf(event), event.content.name).told;
        case 'tool_input_delta':
          return grow(event);
        case 'tool_use_start':
          return end(event);
        case 'iteration_start':
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
      return [...attempt.ended, ...attempt.open.values()].map(({ told }) => ({ ...told, discarded: true as const }));
    },
  };
}
