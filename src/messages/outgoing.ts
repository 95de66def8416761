import type { Json, JsonObject } from '../events/json.js';
import { isObject } from '../events/json-object.js';
import type { ContentBlock, Message } from './message.js';
import { wellFormed, wellFormedJson } from './well-formed.js';

/** How a service takes our blocks. `ours` says whether what only this service understands may go back to it. */
export interface ServiceForm {
  /** The name by which messages and blocks call the service. */
  readonly service: string;
  /** Whether the service would understand the block. */
  readonly takes: (block: ContentBlock, ours: boolean) => boolean;
  /** The block as the service has it. */
  readonly write: (block: ContentBlock, ours: boolean) => JsonObject | undefined;
  /** Whether a block of the service's answers a call: such ones stand first. */
  readonly isResult: (block: JsonObject) => boolean;
  /** The name of a tool as the service takes it. Default: as it is. */
  readonly toolName?: (name: string) => string;
  /** The id of a call as the service takes it. Default: as it is. */
  readonly callId?: (id: string) => string;
  /** What stands in a result that says nothing, where the service refuses an empty one. */
  readonly emptyResult?: ContentBlock;
}

/** A block that was left out of a request, since another service made it and only that one understands it. */
export interface Omitted {
  /** The position of its message in the request. */
  readonly message: number;
  readonly type: string;
  /** Who made it, where that is known. */
  readonly origin: string | null;
  /** What of the block was left out, where the block itself was sent: `citations`, or members that only their service knows. */
  readonly members?: readonly string[];
}

/** One turn of a conversation in a service's form. */
export interface OutgoingTurn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

export interface Outgoing {
  readonly turns: readonly OutgoingTurn[];
  readonly omitted: readonly Omitted[];
}

/** Whether what only the service understands may go back to it: a message without an origin is the application's own word. */
export function isOwn({ origin }: Message, service: string): boolean {
  return origin === undefined || origin === service;
}

function saysSomething(value: Json): boolean {
  return value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The members of a foreign block that do not travel with it. */
function foreignMembers(block: ContentBlock): readonly string[] {
  if (block.type === 'provider') return [];
  const citations = block.type === 'text' && block.citations !== undefined && block.citations.length > 0 ? ['citations'] : [];
  const others = Object.entries(block.wire ?? {}).flatMap(([name, value]) => (saysSomething(value) ? [name] : []));
  return [...citations, ...others];
}

const same = (text: string): string => text;

/** Mends the blocks of one message: whole characters, nothing blank, no input but an object. Opaque members are never touched. */
class Mender {
  readonly omitted: Omitted[] = [];
  readonly #form: ServiceForm;

  constructor(form: ServiceForm) {
    this.#form = form;
  }

  /** The block as it may be sent, or nothing. */
  mend(block: ContentBlock, message: number, origin: string | undefined, ours: boolean): ContentBlock | undefined {
    const { takes, toolName = same, callId = same, emptyResult } = this.#form;
    if (!takes(block, ours)) {
      const maker = block.type === 'provider' ? block.provider : origin;
      this.omitted.push({ message, type: block.type, origin: maker ?? null });
      return undefined;
    }
    const members = ours ? [] : foreignMembers(block);
    if (members.length > 0) this.omitted.push({ message, type: block.type, origin: origin ?? null, members });
    switch (block.type) {
      case 'text': {
        const text = wellFormed(block.text);
        if (text.trim() === '') return undefined;
        return text === block.text ? block : { ...block, text };
      }
      case 'tool_use':
        return { ...block, id: callId(block.id), name: toolName(block.name), input: isObject(block.input) ? wellFormedJson(block.input) : {} };
      case 'tool_result': {
        const content = block.content.flatMap((inner) => this.mend(inner, message, origin, ours) ?? []);
        const said = content.length === 0 && emptyResult !== undefined ? [emptyResult] : content;
        return { ...block, toolUseId: callId(block.toolUseId), content: said };
      }
      default:
        return block;
    }
  }
}

function resultsFirst(turn: OutgoingTurn, isResult: ServiceForm['isResult']): OutgoingTurn {
  const results = turn.role === 'user' ? turn.content.filter(isResult) : [];
  return results.length === 0 ? turn : { ...turn, content: [...results, ...turn.content.filter((block) => !isResult(block))] };
}

/** The conversation as services accept it: roles take turns, nothing is empty, the answers to calls come first. */
export function outgoing(messages: readonly Message[], form: ServiceForm): Outgoing {
  const turns: OutgoingTurn[] = [];
  const mender = new Mender(form);
  for (const [at, message] of messages.entries()) {
    const ours = isOwn(message, form.service);
    for (const block of message.content) {
      const mended = mender.mend(block, at, message.origin, ours);
      const written = mended === undefined ? undefined : form.write(mended, ours);
      if (written === undefined) continue;
      const last = turns.at(-1);
      if (last?.role === message.role) last.content.push(written);
      else turns.push({ role: message.role, content: [written] });
    }
  }
  return { turns: turns.map((turn) => resultsFirst(turn, form.isResult)), omitted: mender.omitted };
}

/** What a turn's metadata tell of what was left out of its request; nothing where nothing was. */
export function omittedMetadata(omitted: readonly Omitted[]): JsonObject {
  return omitted.length === 0 ? {} : { omitted: omitted.map(({ message, type, origin, members }) => ({ message, type, origin, ...(members === undefined ? {} : { members }) })) };
}
