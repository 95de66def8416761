import { ModelError, ProtocolError, TruncatedStreamError } from '../../errors/errors.js';
import type { EventBody } from '../../events/events.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject, othersOf, textOf } from '../../events/json-object.js';
import { inOrder, type Chain } from '../../messages/chain.js';
import type { ContentBlock, Message } from '../../messages/message.js';
import { applyDelta, blockOfDelta, closeBlock, keepDelta, openingEvents, startBlock, wholeBlocks, type BlockState } from './block.js';
import { asItCame, contentFromWire, PROVIDER } from './content-from-wire.js';
import { usageFromWire } from './wire-usage.js';
import type { Frame } from './wire.js';

/** The turn so far. Never changed: each step makes the next one. */
export interface TurnState {
  /** `stopped` once `messageStop` has come: what is still missing is the count of tokens. */
  readonly phase: 'waiting' | 'streaming' | 'stopped' | 'ended';
  readonly stopReason: string | undefined;
  /** The service's counters; null until they have come. */
  readonly usage: JsonObject | null;
  /** Whether the event that holds the counters has come. */
  readonly measured: boolean;
  /** What the `message` event tells besides. */
  readonly metadata: JsonObject;
  /** The block that the last event was about; the other open ones wait beside it. */
  readonly active: BlockState | null;
  readonly parked: readonly BlockState[];
  readonly closed: Chain<BlockState> | null;
  /** Whether part of the answer has been told. */
  readonly partial: boolean;
}

export type Step = readonly [state: TurnState, events: readonly EventBody[]];

const NONE: readonly EventBody[] = [];
/** Members that say nothing of the turn: `p` makes all frames alike in length. */
const UNTOLD: ReadonlySet<string> = new Set(['p', 'stopReason', 'usage']);
/** Stop reasons that say that what the model wrote cannot be used. */
const UNUSABLE: ReadonlySet<string> = new Set(['malformed_model_output', 'malformed_tool_use']);

/** The turn before its first event. */
export const WAITING: TurnState = {
  phase: 'waiting',
  stopReason: undefined,
  usage: null,
  measured: false,
  metadata: {},
  active: null,
  parked: [],
  closed: null,
  partial: false,
};

/**
 * What one event of the wire means: the turn after it, and what to tell of it. Throws for an event that breaks the
 * rules. The turn is over once its phase is `ended`: `finish` then makes its message.
 */
export function reduce(state: TurnState, frame: Frame): Step {
  // What follows the end of the message can tell of its cost only.
  if (state.phase === 'stopped' && frame.type !== 'metadata') return [state, NONE];
  switch (frame.type) {
    case 'contentBlockDelta':
      return blockDelta(streaming(state, frame), frame);
    case 'contentBlockStart':
      return blockStart(streaming(state, frame), frame);
    case 'contentBlockStop':
      return blockStop(state, frame);
    case 'messageStart':
      if (state.phase !== 'waiting') throw broken(state, frame, 'came twice');
      return [{ ...state, phase: 'streaming' }, NONE];
    case 'messageStop':
      return messageStop(streaming(state, frame), frame);
    case 'metadata':
      return measured(streaming(state, frame), frame);
    case 'initial-response':
      return [state, NONE];
    default:
      return [state, [raw(frame)]];
  }
}

function raw({ type, body }: Frame): EventBody {
  return { type: 'raw', content: { provider: PROVIDER, event: { [type]: body } } };
}

function broken(state: TurnState, frame: Frame, what: string): ProtocolError {
  return new ProtocolError(`Event ${frame.position} of the stream (${frame.type}) ${what}`, { eventIndex: frame.position, partial: state.partial });
}

function streaming(state: TurnState, frame: Frame): TurnState {
  if (state.phase === 'waiting') throw broken(state, frame, 'came before messageStart');
  return state;
}

function indexOf(state: TurnState, frame: Frame): number {
  const index = frame.body['contentBlockIndex'];
  if (typeof index !== 'number') throw broken(state, frame, 'has no contentBlockIndex');
  return index;
}

function openBlocks(state: TurnState): readonly BlockState[] {
  return state.active === null ? state.parked : [...state.parked, state.active];
}

function findOpen(state: TurnState, index: number): BlockState | undefined {
  if (state.active !== null && state.active.index === index) return state.active;
  return state.parked.find((block) => block.index === index);
}

function findClosed(state: TurnState, matches: (block: BlockState) => boolean): BlockState | undefined {
  for (let link = state.closed; link !== null; link = link.before) if (matches(link.value)) return link.value;
  return undefined;
}

/** The state with the block as its active one. Members are named, since this is done for every delta. */
function activate(state: TurnState, block: BlockState, tells: boolean): TurnState {
  const { phase, stopReason, usage, measured: isMeasured, metadata, closed } = state;
  const isActive = state.active === null || state.active.index === block.index;
  const parked = isActive && state.parked.length === 0 ? state.parked : openBlocks(state).filter(({ index }) => index !== block.index);
  return { phase, stopReason, usage, measured: isMeasured, metadata, closed, active: block, parked, partial: state.partial || tells };
}

function blockStart(state: TurnState, frame: Frame): Step {
  const index = indexOf(state, frame);
  const start = frame.body['start'];
  const known = findOpen(state, index) ?? findClosed(state, (block) => block.index === index);
  if (known !== undefined) throw broken(state, frame, `begins block ${index} again`);
  // A start that says nothing of its block leaves it to the first delta.
  if (!isObject(start) || Object.keys(start).length === 0) return [state, NONE];
  const block = startBlock(index, start);
  if (block.kind === 'tool_use') assertNewCall(state, frame, block);
  const events = openingEvents(block);
  return [activate(state, block, events !== undefined && events.length > 0), events ?? [raw(frame)]];
}

function assertNewCall(state: TurnState, frame: Frame, { id }: BlockState): void {
  if (id === '') throw broken(state, frame, 'begins a tool call without an id');
  const isSame = (block: BlockState): boolean => block.kind === 'tool_use' && block.id === id;
  if (openBlocks(state).some(isSame) || findClosed(state, isSame) !== undefined) throw broken(state, frame, 'repeats the id of a tool call');
}

function blockDelta(state: TurnState, frame: Frame): Step {
  const index = indexOf(state, frame);
  const delta = frame.body['delta'];
  if (!isObject(delta)) throw broken(state, frame, 'holds no delta');
  if (Object.keys(delta).length === 0) return [state, NONE];
  const open = findOpen(state, index);
  if (open === undefined) {
    if (findClosed(state, (block) => block.index === index) !== undefined) throw broken(state, frame, `belongs to block ${index}, which has ended`);
    return begin(state, frame, index, delta);
  }
  const applied = applyDelta(open, delta);
  if (applied !== undefined) return [activate(state, applied.block, applied.events.length > 0), applied.events];
  // Text after reasoning under one index: two blocks, since neither can hold the other.
  const next = open.start === undefined ? blockOfDelta(index, delta) : undefined;
  if (next !== undefined && next.kind !== 'other' && next.kind !== open.kind) return begin(end(state, open)[0], frame, index, delta);
  return [activate(state, keepDelta(open, delta), false), [raw(frame)]];
}

function begin(state: TurnState, frame: Frame, index: number, delta: JsonObject): Step {
  const block = blockOfDelta(index, delta);
  if (block === undefined) throw broken(state, frame, 'has no block that it belongs to');
  const applied = applyDelta(block, delta);
  if (applied === undefined) return [activate(state, keepDelta(block, delta), false), [raw(frame)]];
  return [activate(state, applied.block, applied.events.length > 0), applied.events];
}

function blockStop(state: TurnState, frame: Frame): Step {
  const index: Json | undefined = frame.body['contentBlockIndex'];
  const open = typeof index === 'number' ? findOpen(state, index) : undefined;
  // An end without a beginning takes nothing away: a text without a single letter has no delta.
  return open === undefined ? [state, NONE] : end(state, open);
}

function end(state: TurnState, open: BlockState): Step {
  const nameOf = (id: string): string | undefined => findClosed(state, (block) => block.kind === 'server_tool_use' && block.id === id)?.name;
  const { block, events } = closeBlock(open, nameOf);
  const next: TurnState = {
    ...state,
    active: state.active === open ? null : state.active,
    parked: state.active === open ? state.parked : state.parked.filter((parked) => parked !== open),
    closed: { value: block, before: state.closed },
    partial: state.partial || events.length > 0,
  };
  return [next, events];
}

function messageStop(state: TurnState, { body }: Frame): Step {
  const stopReason = textOf(body, 'stopReason');
  if (stopReason === undefined) {
    throw new TruncatedStreamError('The stream ended without saying why the turn stopped', { partial: state.partial });
  }
  const phase = state.measured ? 'ended' : 'stopped';
  return [{ ...state, phase, stopReason, metadata: { ...state.metadata, ...othersOf(body, UNTOLD) } }, NONE];
}

function measured(state: TurnState, { body }: Frame): Step {
  const counted = body['usage'];
  const usage = isObject(counted) ? counted : state.usage;
  const phase = state.phase === 'stopped' ? 'ended' : state.phase;
  const next: TurnState = { ...state, phase, usage, measured: true, metadata: { ...state.metadata, ...othersOf(body, UNTOLD) } };
  return [next, isObject(counted) ? [{ type: 'usage', usage: usageFromWire(counted) }] : NONE];
}

/** A block of an answer in our form. A result in it answers a tool of the service's own, whether it says so or not. */
function answered(block: JsonObject): ContentBlock {
  return 'toolResult' in block ? asItCame(block) : contentFromWire(block);
}

/**
 * The message that a stopped turn comes to. Where the count of tokens never came, `usage` is null and the metadata
 * say what was missing. Throws for a turn that has not stopped, and for one whose output the service itself calls malformed.
 */
export function finish(state: TurnState): Step {
  const { stopReason, partial, usage } = state;
  if (stopReason === undefined || state.phase === 'streaming') throw new TruncatedStreamError('The stream ended before messageStop', { partial });
  if (UNUSABLE.has(stopReason)) {
    throw new ModelError(`What the model wrote cannot be used: the service says ${stopReason}`, { partial });
  }
  const blocks = [...inOrder(state.closed), ...openBlocks(state)].sort((left, right) => left.index - right.index);
  const message: Message = { role: 'assistant', content: blocks.flatMap(wholeBlocks).map(answered), origin: PROVIDER };
  const missing = state.measured ? 'usage' : 'metadata';
  const metadata = usage === null ? { ...state.metadata, incomplete: missing } : state.metadata;
  const event: EventBody = { type: 'message', message, stopReason, usage: usage === null ? null : usageFromWire(usage) };
  return [{ ...state, phase: 'ended', metadata }, [event]];
}
