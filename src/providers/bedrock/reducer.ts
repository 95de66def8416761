import { ModelError, ProtocolError, TruncatedStreamError } from '../../errors/errors.js';
import type { EventBody } from '../../events/events.js';
import type { Json, JsonObject } from '../../events/json.js';
import { isObject, othersOf, textOf } from '../../events/json-object.js';
import { PersistentMap } from '../../internal/persistent-map.js';
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
  /** The block that the last event was about. */
  readonly active: BlockState | null;
  /** The other blocks by their index: the open ones as they are, `null` for those that have ended. */
  readonly others: PersistentMap<number, BlockState | null>;
  readonly closed: Chain<BlockState> | null;
  /** The names of the calls, by whose they are and their id. */
  readonly calls: PersistentMap<string, string>;
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
  others: PersistentMap.empty(),
  closed: null,
  calls: PersistentMap.empty(),
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

/** The open block of an index; `null` where it has ended, undefined where it has not begun. */
function find({ active, others }: TurnState, index: number): BlockState | null | undefined {
  return active !== null && active.index === index ? active : others.get(index);
}

/** What has not ended. The active block stands among the others as it was before. */
function openBlocks({ active, others }: TurnState): readonly BlockState[] {
  const parked = others.values().filter((block) => block !== null && block.index !== active?.index);
  return [...parked, active].filter((block) => block !== null);
}

/** The state with the block as its active one. Members are named, since this is done for every delta. */
function activate(state: TurnState, block: BlockState, tells: boolean): TurnState {
  const { phase, stopReason, usage, measured: isMeasured, metadata, active, closed, calls } = state;
  const others = active === null || active.index === block.index ? state.others : state.others.with(active.index, active);
  return { phase, stopReason, usage, measured: isMeasured, metadata, active: block, others, closed, calls, partial: state.partial || tells };
}

function blockStart(state: TurnState, frame: Frame): Step {
  const index = indexOf(state, frame);
  const start = frame.body['start'];
  if (find(state, index) !== undefined) throw broken(state, frame, `begins block ${index} again`);
  // A start that says nothing of its block leaves it to the first delta.
  if (!isObject(start) || isEmpty(start)) return [state, NONE];
  const block = startBlock(index, start);
  if (block.kind === 'tool_use') assertNewCall(state, frame, block);
  const events = openingEvents(block);
  return [activate(withCall(state, block), block, events !== undefined && events.length > 0), events ?? [raw(frame)]];
}

function keyOf({ kind, id }: Pick<BlockState, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

/** The application's calls are known from their start, since no two may have one id; the service's own once they have ended. */
function withCall(state: TurnState, block: BlockState): TurnState {
  return block.kind === 'tool_use' ? { ...state, calls: state.calls.with(keyOf(block), block.name) } : state;
}

function assertNewCall(state: TurnState, frame: Frame, block: BlockState): void {
  if (block.id === '') throw broken(state, frame, 'begins a tool call without an id');
  if (state.calls.get(keyOf(block)) !== undefined) throw broken(state, frame, 'repeats the id of a tool call');
}

function isEmpty(object: JsonObject): boolean {
  for (const name in object) if (Object.hasOwn(object, name)) return false;
  return true;
}

function blockDelta(state: TurnState, frame: Frame): Step {
  const index = indexOf(state, frame);
  const delta = frame.body['delta'];
  if (!isObject(delta)) throw broken(state, frame, 'holds no delta');
  if (isEmpty(delta)) return [state, NONE];
  const open = find(state, index);
  if (open === null) throw broken(state, frame, `belongs to block ${index}, which has ended`);
  if (open === undefined) return begin(state, frame, index, delta);
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
  const open = typeof index === 'number' ? find(state, index) : undefined;
  // An end without a beginning takes nothing away: a text without a single letter has no delta.
  return open === undefined || open === null ? [state, NONE] : end(state, open);
}

function end(state: TurnState, open: BlockState): Step {
  const { block, events } = closeBlock(open, (id) => state.calls.get(keyOf({ kind: 'server_tool_use', id })));
  const next: TurnState = {
    ...state,
    active: state.active === open ? null : state.active,
    others: state.others.with(block.index, null),
    closed: { value: block, before: state.closed },
    calls: block.kind === 'server_tool_use' ? state.calls.with(keyOf(block), block.name) : state.calls,
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
