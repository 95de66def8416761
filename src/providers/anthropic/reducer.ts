import type { EventBody } from '../../events/events.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject, othersOf, textOf } from '../../events/json-object.js';
import { ProtocolError, TruncatedStreamError } from '../../errors/errors.js';
import type { Message } from '../../messages/message.js';
import { PersistentMap } from '../../internal/persistent-map.js';
import { applyDelta, assignDelta, closeBlock, openBlock, openingEvents, wholeBlock, type BlockState } from './block.js';
import { contentFromWire } from './content-from-wire.js';
import { streamFailure } from './errors.js';
import { mergeUsage, usageFromWire } from './wire-usage.js';
import type { Frame } from './wire.js';

/** The turn so far. Never changed: each step makes the next one. */
export interface TurnState {
  readonly phase: 'waiting' | 'streaming' | 'ended';
  readonly id: string | undefined;
  readonly model: string | null;
  readonly stopReason: string | undefined;
  /** The service's counters, merged. */
  readonly usage: JsonObject | null;
  /** Members of the message that have no place in ours. */
  readonly wire: JsonObject;
  /** What the `message` event tells besides. */
  readonly metadata: JsonObject;
  /** The block that the last event was about. */
  readonly active: BlockState | null;
  /** All other blocks by their index: those that wait, open, and those that have ended. */
  readonly blocks: PersistentMap<number, BlockState>;
  /** The names of the calls so far by their ids. */
  readonly calls: PersistentMap<string, string>;
  /** Whether part of the answer has been told. */
  readonly partial: boolean;
}

export type Step = readonly [state: TurnState, events: readonly EventBody[]];

/** The name by which messages and events call this provider. */
const PROVIDER = 'anthropic';

const NONE: readonly EventBody[] = [];
const MODELLED: ReadonlySet<string> = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'stop_details', 'usage']);
const REPORTED: ReadonlySet<string> = new Set(['type', 'delta', 'usage', 'stop_reason']);
/** Members of the end that a later null takes back. */
const FORGOTTEN: ReadonlySet<string> = new Set(['stop_sequence', 'stop_details']);
const QUIET_BLOCKS: ReadonlySet<string> = new Set(['redacted_thinking']);

/** The turn before its first event. */
export const WAITING: TurnState = {
  phase: 'waiting',
  id: undefined,
  model: null,
  stopReason: undefined,
  usage: null,
  wire: {},
  metadata: {},
  active: null,
  blocks: PersistentMap.empty(),
  calls: PersistentMap.empty(),
  partial: false,
};

/**
 * What one event of the wire means: the turn after it, and what to tell of it. Throws for an event that breaks the
 * rules, and what an error event stands for.
 */
export function reduce(state: TurnState, frame: Frame): Step {
  switch (frame.type) {
    case 'content_block_delta':
      return blockDelta(state, frame);
    case 'content_block_start':
      return blockStart(streaming(state, frame), frame);
    case 'content_block_stop':
      return blockStop(state, frame);
    case 'message_start':
      return messageStart(state, frame);
    case 'message_delta':
      return messageDelta(streaming(state, frame), frame);
    case 'message_stop':
      return messageStop(streaming(state, frame));
    case 'ping':
      return [state, NONE];
    case 'error':
      throw streamFailure(frame.body, state.partial);
    default:
      return [state, [raw(frame)]];
  }
}

function raw(frame: Frame): EventBody {
  return { type: 'raw', content: { provider: PROVIDER, event: frame.body } };
}

function broken(state: TurnState, frame: Frame, what: string): ProtocolError {
  return new ProtocolError(`Event ${frame.position} of the stream (${frame.type}) ${what}`, { eventIndex: frame.position, partial: state.partial });
}

function streaming(state: TurnState, frame: Frame): TurnState {
  if (state.phase !== 'streaming') throw broken(state, frame, 'came before message_start');
  return state;
}

function usageEvents(usage: JsonObject | null): readonly EventBody[] {
  return usage === null ? NONE : [{ type: 'usage', usage: usageFromWire(usage) }];
}

function messageStart(state: TurnState, frame: Frame): Step {
  if (state.phase !== 'waiting') throw broken(state, frame, 'came twice');
  const message = frame.body['message'];
  if (!isObject(message)) throw broken(state, frame, 'holds no message');
  const usage = mergeUsage(null, message['usage']);
  const wire = othersOf(message, MODELLED);
  const started: TurnState = {
    ...state,
    phase: 'streaming',
    id: textOf(message, 'id'),
    model: textOf(message, 'model') ?? null,
    stopReason: textOf(message, 'stop_reason'),
    usage,
    wire,
    metadata: wire,
  };
  const content = message['content'];
  return Array.isArray(content) ? wholeAtOnce(started, frame, content, usageEvents(usage)) : [started, usageEvents(usage)];
}

/** Blocks that came with `message_start`: begun and ended at once. */
function wholeAtOnce(started: TurnState, frame: Frame, content: readonly Json[], told: readonly EventBody[]): Step {
  const events = [...told];
  let state = started;
  content.forEach((block, index) => {
    const [opened, begun] = begin(state, frame, index, block);
    const [closed, ended] = end(opened, index);
    state = closed;
    events.push(...begun, ...ended);
  });
  return [state, events];
}

function blockStart(state: TurnState, frame: Frame): Step {
  const index = frame.body['index'];
  if (typeof index !== 'number') throw broken(state, frame, 'has no index');
  return begin(state, frame, index, frame.body['content_block']);
}

function begin(state: TurnState, frame: Frame, index: number, start: Json | undefined): Step {
  if (!isObject(start)) throw broken(state, frame, 'holds no block');
  const block = openBlock(index, start);
  if (state.active?.index === index || state.blocks.get(index) !== undefined) throw broken(state, frame, `begins block ${index} again`);
  if (block.kind === 'tool_use' && block.id === '') throw broken(state, frame, 'begins a tool call without an id');
  const call = callKey(block);
  if (block.kind === 'tool_use' && call !== undefined && state.calls.get(call) !== undefined) throw broken(state, frame, 'repeats the id of a tool call');
  const events = openingEvents(block);
  const type = textOf(start, 'type');
  const told = block.kind === 'other' && !QUIET_BLOCKS.has(type ?? '') ? [...events, raw(frame)] : events;
  const calls = call === undefined ? state.calls : state.calls.with(call, block.name);
  return [{ ...activate(state, block, events.length > 0), calls, model: servedBy(start) ?? state.model }, told];
}

/** Under what a call is known: the service's own calls and ours are counted apart. */
function callKey({ kind, id }: BlockState): string | undefined {
  return kind === 'tool_use' || kind === 'server_tool_use' ? `${kind} ${id}` : undefined;
}

/** A fallback block names the model that took over. */
function servedBy(start: JsonObject): string | undefined {
  const to = start['type'] === 'fallback' ? start['to'] : undefined;
  return isObject(to) ? textOf(to, 'model') : undefined;
}

/** The turn with another active block. Each member is named: a spread takes many times as long, and this is done for every delta. */
function withActive(state: TurnState, active: BlockState | null, blocks: TurnState['blocks'], tells: boolean): TurnState {
  const { phase, id, model, stopReason, usage, wire, metadata, calls } = state;
  return { phase, id, model, stopReason, usage, wire, metadata, active, blocks, calls, partial: state.partial || tells };
}

/** Makes the block the active one; another one before it waits among the rest. `tells` says whether it told something. */
function activate(state: TurnState, block: BlockState, tells: boolean): TurnState {
  const { active, blocks } = state;
  return withActive(state, block, active === null || active.index === block.index ? blocks : blocks.with(active.index, active), tells);
}

function findOpen(state: TurnState, index: Json | undefined): BlockState | undefined {
  if (state.active !== null && state.active.index === index) return state.active;
  const block = typeof index === 'number' ? state.blocks.get(index) : undefined;
  return block?.closed === false ? block : undefined;
}

function blockDelta(state: TurnState, frame: Frame): Step {
  const block = findOpen(state, frame.body['index']);
  const delta = frame.body['delta'];
  // Not even a block that has ended takes one more: what was told of it, a call's input above all, would be wrong.
  if (block === undefined) throw broken(state, frame, 'has no block that it belongs to');
  if (!isObject(delta)) throw broken(state, frame, 'holds no delta');
  const applied = applyDelta(block, delta);
  if (applied === undefined) return [activate(state, assignDelta(block, delta), false), [raw(frame)]];
  return [activate(state, applied.block, applied.events.length > 0), applied.events];
}

function blockStop(state: TurnState, frame: Frame): Step {
  const index = frame.body['index'];
  // An end without a beginning takes nothing away.
  return typeof index === 'number' ? end(state, index) : [state, NONE];
}

function end(state: TurnState, index: number): Step {
  const open = findOpen(state, index);
  if (open === undefined) return [state, NONE];
  const { block, events } = closeBlock(open, (id) => state.calls.get(`server_tool_use ${id}`));
  return [withActive(state, state.active === open ? null : state.active, state.blocks.with(index, block), events.length > 0), events];
}

function messageDelta(state: TurnState, { body }: Frame): Step {
  const delta = isObject(body['delta']) ? body['delta'] : {};
  const told = { ...othersOf(body, REPORTED), ...othersOf(delta, REPORTED) };
  const untold = Object.keys(delta).filter((name) => delta[name] === null && FORGOTTEN.has(name));
  const container = told['container'];
  const next: TurnState = {
    ...state,
    stopReason: textOf(delta, 'stop_reason') ?? state.stopReason,
    usage: mergeUsage(state.usage, body['usage']),
    metadata: { ...othersOf(state.metadata, new Set(untold)), ...told },
    wire: container === undefined ? state.wire : { ...state.wire, container },
  };
  return [next, isObject(body['usage']) ? usageEvents(next.usage) : NONE];
}

function messageStop(state: TurnState): Step {
  if (state.stopReason === undefined) {
    throw new TruncatedStreamError('The stream ended without saying why the turn stopped', { partial: state.partial });
  }
  const known = state.blocks.values();
  // The active block may have waited before: what stands among the rest then is older.
  const others = state.active === null ? known : [...known.filter(({ index }) => index !== state.active?.index), state.active];
  const blocks = others.sort((left, right) => left.index - right.index);
  const message: Message = {
    role: 'assistant',
    content: blocks.map((block) => contentFromWire(wholeBlock(block))),
    origin: PROVIDER,
    ...(Object.keys(state.wire).length === 0 ? {} : { wire: state.wire }),
  };
  const event: EventBody = {
    type: 'message',
    message,
    ...(state.id === undefined ? {} : { id: state.id }),
    stopReason: state.stopReason,
    usage: state.usage === null ? null : usageFromWire(state.usage),
  };
  return [{ ...state, phase: 'ended' }, [event]];
}
