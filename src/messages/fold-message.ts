import type { StreamEvent, StreamEventOf } from '../events/events.js';
import {
  blockOf,
  inOrder,
  partialInput,
  takeFrom,
  type CallPart,
  type Chain,
  type Part,
  type ServerPart,
  type TextPart,
  type ThinkingPart,
} from './fold-parts.js';
import type { Message } from './message.js';

/**
 * A model turn as far as its events have told it. Never changed: {@link stepMessageFold} makes the next one, and
 * {@link readMessageFold} the message. Its members are nobody else's business and may change.
 */
export interface MessageFold {
  readonly path: readonly string[];
  readonly iteration: number | null;
  /** The part that the last event was about. */
  readonly active: Part | null;
  readonly others: Chain<Part> | null;
  /** How many parts there are. */
  readonly size: number;
  /** The first position after all of theirs. */
  readonly end: number;
  /** How many calls have not ended. */
  readonly openCalls: number;
}

/**
 * A turn of which nothing is known yet.
 *
 * @param path Whose turns: `[]`, the default, for the run itself, else the ids of the tool calls that lead to the
 *   sub-agent. Events of any other path are passed over.
 */
export function startMessageFold(path: readonly string[] = []): MessageFold {
  return { path, iteration: null, active: null, others: null, size: 0, end: 0, openCalls: 0 };
}

/**
 * The turn after one more event. Costs the same for every event however long the turn is; only going back to an earlier
 * block costs a step for each block that was touched since.
 *
 * The first event of another iteration begins the turn anew, `retry` with `discard` drops what the attempt has told, and
 * events that say nothing of the answer give back the fold itself. So does `message`: the fold stands for the deltas.
 *
 * @param fold The turn so far; it stays valid.
 * @param event The next event of the stream.
 */
export function stepMessageFold(fold: MessageFold, event: StreamEvent): MessageFold {
  if (!isSamePath(fold.path, event.path)) return fold;
  switch (event.type) {
    case 'iteration_start':
      return afresh(fold, event.iteration);
    case 'retry':
      return event.content.discard ? afresh(fold, event.iteration) : fold;
    case 'text_delta':
      return addText(turnOf(fold, event), event);
    case 'citation':
      return addCitation(turnOf(fold, event), event);
    case 'thinking':
      return addThinking(turnOf(fold, event), event);
    case 'tool_input_start':
      return beginCall(turnOf(fold, event), event);
    case 'tool_input_delta':
      return addInput(turnOf(fold, event), event);
    case 'tool_use_start':
      return endCall(turnOf(fold, event), event);
    case 'server_tool_use':
    case 'server_tool_result':
      return addServerBlock(turnOf(fold, event), event);
    default:
      return fold;
  }
}

/**
 * The assistant message that the fold stands for, its blocks in order of position.
 *
 * A call that has not ended stands with the part of its input that can be read, which is parsed here: reading after
 * every event while an input arrives costs more with every event.
 */
export function readMessageFold(fold: MessageFold): Message {
  const parts = inOrder(fold.others);
  if (fold.active !== null) parts.push(fold.active);
  parts.sort((left, right) => left.block - right.block || left.order - right.order);
  return { role: 'assistant', content: parts.map(blockOf) };
}

/**
 * Puts the assistant message of a model turn together from the turn's events: the same text, thinking and tool calls as
 * its `message` event carries, for a turn that was cut before that or a consumer that wants to see how it grows.
 *
 * What no event tells is not there: signatures, members kept in `wire`, blocks that Coldstream does not model. Calls and
 * results of the provider's own tools stand as `provider` blocks of the provider `unknown`. So keep the `message`
 * event's message where there is one; it can be sent back, this one is for reading. Of the events of a whole run, the
 * last turn is taken. No event is changed.
 *
 * @param events The events of the turn, in order.
 * @param path Whose turn; see {@link startMessageFold}.
 */
export function foldMessage(events: Iterable<StreamEvent>, path: readonly string[] = []): Message {
  let fold = startMessageFold(path);
  for (const event of events) fold = stepMessageFold(fold, event);
  return readMessageFold(fold);
}

function isSamePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((step, position) => step === right[position]);
}

function afresh(fold: MessageFold, iteration: number): MessageFold {
  return { ...startMessageFold(fold.path), iteration };
}

function turnOf(fold: MessageFold, event: StreamEvent): MessageFold {
  return fold.iteration === event.iteration ? fold : afresh(fold, event.iteration);
}

/**
 * Changes the part that matches, or adds one, and makes it the active one. `mayExist` is false where nothing can match,
 * so that a new block is not looked for among all the others.
 */
function change<Kind extends Part>(
  fold: MessageFold,
  mayExist: boolean,
  matches: (part: Part) => part is Kind,
  next: (part: Kind | undefined) => Kind,
): MessageFold {
  if (fold.active !== null && matches(fold.active)) return { ...fold, active: next(fold.active) };
  const taken = mayExist ? takeFrom(fold.others, matches) : null;
  const before = taken === null ? fold.others : taken.rest;
  const active = next(taken?.found);
  return {
    ...fold,
    active,
    others: fold.active === null ? before : { value: fold.active, before },
    size: taken === null ? fold.size + 1 : fold.size,
    end: Math.max(fold.end, active.block + 1),
  };
}

function addText(fold: MessageFold, { block, content }: StreamEventOf<'text_delta'>): MessageFold {
  return changeText(fold, block, (part) => ({ ...part, text: part.text + content }));
}

function addCitation(fold: MessageFold, { block, content }: StreamEventOf<'citation'>): MessageFold {
  return changeText(fold, block, (part) => ({ ...part, citations: { value: content, before: part.citations } }));
}

function changeText(fold: MessageFold, block: number, next: (part: TextPart) => TextPart): MessageFold {
  const isIt = (part: Part): part is TextPart => part.kind === 'text' && part.block === block;
  const empty: TextPart = { kind: 'text', block, order: fold.size, text: '', citations: null };
  return change(fold, block < fold.end, isIt, (part) => next(part ?? empty));
}

function addThinking(fold: MessageFold, { block, content }: StreamEventOf<'thinking'>): MessageFold {
  const isIt = (part: Part): part is ThinkingPart => part.kind === 'thinking' && part.block === block;
  const empty: ThinkingPart = { kind: 'thinking', block, order: fold.size, thinking: '' };
  return change(fold, block < fold.end, isIt, (part = empty) => ({ ...part, thinking: part.thinking + content }));
}

function beginCall(fold: MessageFold, { block, content: { id, name } }: StreamEventOf<'tool_input_start'>): MessageFold {
  return changeCall(fold, block, id, (part) => ({ ...part, name }));
}

function addInput(fold: MessageFold, { block, content: { id, delta } }: StreamEventOf<'tool_input_delta'>): MessageFold {
  return changeCall(fold, block, id, (part) => ({ ...part, text: part.text + delta }));
}

function changeCall(fold: MessageFold, block: number, id: string, next: (part: CallPart) => CallPart): MessageFold {
  const isIt = (part: Part): part is CallPart => part.kind === 'tool_use' && part.block === block && part.id === id;
  const changed = change(fold, block < fold.end, isIt, (part) => next(part ?? newCall(fold, block, id)));
  return changed.size === fold.size ? changed : { ...changed, openCalls: fold.openCalls + 1 };
}

function newCall(fold: MessageFold, block: number, id: string): CallPart {
  return { kind: 'tool_use', block, order: fold.size, id, name: '', text: '', input: undefined };
}

/** Which block has ended is told by the call's id alone; a call of which nothing was told before stands last. */
function endCall(fold: MessageFold, { content: { id, name, input, inputError } }: StreamEventOf<'tool_use_start'>): MessageFold {
  const isIt = (part: Part): part is CallPart => part.kind === 'tool_use' && part.id === id && part.input === undefined;
  const whole = inputError === undefined ? input : partialInput(inputError.text);
  const changed = change(fold, fold.openCalls > 0, isIt, (part = newCall(fold, fold.end, id)) => ({ ...part, name, input: whole }));
  return changed.size === fold.size ? { ...changed, openCalls: fold.openCalls - 1 } : changed;
}

function addServerBlock(fold: MessageFold, { type, content }: StreamEventOf<'server_tool_use' | 'server_tool_result'>): MessageFold {
  const { block, ...told } = content;
  const isIt = (part: Part): part is ServerPart => part.kind === 'server' && part.block === block;
  return change(fold, block < fold.end, isIt, (part) => ({
    kind: 'server',
    block,
    order: part?.order ?? fold.size,
    content: { type, ...told },
  }));
}
