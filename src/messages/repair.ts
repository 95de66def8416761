import type { ContentBlock, Message, ToolResultBlock, ToolUseBlock } from './message.js';

/** A call of the conversation, by the id that it has from now on, and what answers it. */
interface Call {
  readonly message: number;
  readonly id: string;
  result: ToolResultBlock | undefined;
}

const opening: Message = { role: 'user', content: [{ type: 'text', text: '(The conversation begins with an answer.)' }] };

function missing(toolUseId: string): ToolResultBlock {
  return { type: 'tool_result', toolUseId, content: [{ type: 'text', text: 'The history of this conversation holds no result of this call.' }], isError: true };
}

/** Whether a message's calls have ids of their own, and its results answer the open ones in their order, first of all. Undefined if not; otherwise what it leaves open. */
function openAfter({ role, content }: Message, open: readonly string[], seen: Set<string>): readonly string[] | undefined {
  const calls: string[] = [];
  let answered = 0;
  for (const [position, block] of content.entries()) {
    if (block.type === 'tool_use') {
      if (role === 'user' || seen.has(block.id)) return undefined;
      seen.add(block.id);
      calls.push(block.id);
    } else if (block.type === 'tool_result') {
      if (role === 'assistant' || position !== answered || open[answered] !== block.toolUseId) return undefined;
      answered += 1;
    }
  }
  return answered === open.length ? calls : undefined;
}

/** Whether services take the conversation as it stands. */
function isSound(messages: readonly Message[]): boolean {
  if (messages[0]?.role === 'assistant') return false;
  const seen = new Set<string>();
  let open: readonly string[] | undefined = [];
  for (const message of messages) {
    if (message.content.length === 0) return false;
    open = openAfter(message, open, seen);
    if (open === undefined) return false;
  }
  return open.length === 0;
}

/** Gives each call an id of its own, and finds what answers it. */
class Matching {
  readonly #taken = new Set<string>();
  readonly #known = new Map<string, number>();
  readonly #open = new Map<string, Call[]>();
  readonly #early = new Map<string, ToolResultBlock[]>();
  readonly #calls: Call[] = [];

  call({ id }: ToolUseBlock, message: number): Call {
    const call: Call = { message, id: this.#ownId(id), result: undefined };
    this.#calls.push(call);
    const alike = this.#open.get(id);
    if (alike === undefined) this.#open.set(id, [call]);
    else alike.push(call);
    return call;
  }

  /** A result answers the latest message that waits for one under its id, and there the first call. */
  result(block: ToolResultBlock): void {
    const alike = this.#open.get(block.toolUseId) ?? [];
    const latest = alike.at(-1)?.message;
    const [call] = latest === undefined ? [] : alike.splice(alike.findIndex(({ message }) => message === latest), 1);
    if (call !== undefined) call.result = block;
    else if (!this.#known.has(block.toolUseId)) this.#early.set(block.toolUseId, [...(this.#early.get(block.toolUseId) ?? []), block]);
  }

  /** What stood before its call is taken where nothing else answers it. */
  finish(): void {
    for (const [id, results] of this.#early) {
      for (const call of this.#open.get(id) ?? []) call.result = results.shift();
    }
  }

  #ownId(id: string): string {
    let count = this.#known.get(id) ?? 0;
    let own: string;
    do {
      count += 1;
      own = count === 1 ? id : `${id}_${count}`;
    } while (this.#taken.has(own));
    this.#known.set(id, count);
    this.#taken.add(own);
    return own;
  }
}

/** The calls of each message, in order. */
function matched(messages: readonly Message[]): readonly (readonly Call[])[] {
  const matching = new Matching();
  const calls = messages.map(({ role, content }, at) =>
    content.flatMap((block) => {
      if (block.type === 'tool_result') matching.result(block);
      return block.type === 'tool_use' && role === 'assistant' ? [matching.call(block, at)] : [];
    }),
  );
  matching.finish();
  return calls;
}

function answerOf({ id, result }: Call): ToolResultBlock {
  if (result === undefined) return missing(id);
  return result.toolUseId === id ? result : { ...result, toolUseId: id };
}

function withContent(message: Message, content: readonly ContentBlock[]): Message {
  const same = content.length === message.content.length && content.every((block, at) => block === message.content[at]);
  return same ? message : { ...message, content };
}

function mended(messages: readonly Message[]): readonly Message[] {
  const calls = matched(messages);
  const whole: Message[] = [];
  let owed: readonly ToolResultBlock[] = [];
  const add = (message: Message, content: readonly ContentBlock[]): void => {
    if (content.length > 0) whole.push(withContent(message, content));
  };
  for (const [at, message] of messages.entries()) {
    const others = message.content.filter(({ type }) => type !== 'tool_result');
    if (message.role === 'user') {
      add(message, [...owed, ...others.filter(({ type }) => type !== 'tool_use')]);
      owed = [];
      continue;
    }
    add({ role: 'user', content: [] }, owed);
    const own = calls[at] ?? [];
    const ids = own.values();
    add(message, others.map((block) => (block.type === 'tool_use' ? withId(block, ids.next().value?.id) : block)));
    owed = own.map(answerOf);
  }
  add({ role: 'user', content: [] }, owed);
  return whole[0]?.role === 'assistant' ? [opening, ...whole] : whole;
}

function withId(block: ToolUseBlock, id = block.id): ToolUseBlock {
  return id === block.id ? block : { ...block, id };
}

/**
 * A conversation as services accept it, whatever was handed in: it begins with a user message, no message is empty, each
 * call has an id of its own and is answered in the very next message, before anything else that stands there.
 *
 * A call without a result gets one that says so, as an error. A result without a call is dropped, and so is a second one
 * of the same call; one that stands elsewhere is put behind its call. Two calls of one id get two ids. Messages that
 * need no mending are the same objects, and a sound conversation is returned as it is.
 *
 * An agent does this with all that it sends, so you need it only for conversations that you send or store yourself.
 *
 * @example
 * ```ts run
 * import { repairMessages } from 'coldstream';
 *
 * const [, , answer] = repairMessages([
 *   { role: 'user', content: [{ type: 'text', text: 'What time is it?' }] },
 *   { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'clock', input: {} }] },
 *   { role: 'user', content: [{ type: 'text', text: 'Are you there?' }] },
 * ]);
 * console.log(answer?.content.map(({ type }) => type).join(', '));
 * // Logs:
 * // tool_result, text
 * ```
 *
 * @param messages any conversation; it is not changed
 * @returns the same conversation, sound
 */
export function repairMessages(messages: readonly Message[]): readonly Message[] {
  return isSound(messages) ? messages : mended(messages);
}
