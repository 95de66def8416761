import { createParser } from 'eventsource-parser';
import { isObject, listOf, stringOf, type JsonRecord } from '../json.js';
import { textsOf, whole, type WireBlock } from './content.js';

/** How a stream ends, as far as it has to be read. `index` counts its events, from 0. */
export type Ending =
  | { readonly kind: 'whole' }
  | { readonly kind: 'without stop_reason' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'error'; readonly type: string | undefined }
  /** `row` names the fault in the catalogue of faults. Such a stream may be refused even where the SDK reads on. */
  | { readonly kind: 'broken'; readonly index: number; readonly what: string; readonly row?: string };

/** What an independent reader finds on the wire, up to its end. */
export interface Reading {
  readonly ending: Ending;
  readonly id: string | null;
  readonly model: string | null;
  /** `stop_reason` and its like: the last of each that is not null. */
  readonly stop: JsonRecord;
  /** The last of each counter that is not null. */
  readonly usage: JsonRecord;
  /** The counters of each event that brought some. */
  readonly usageTold: readonly JsonRecord[];
  readonly messageDeltas: number;
  readonly content: readonly JsonRecord[];
  /** Positions in the content whose input is no valid JSON. */
  readonly unreadable: ReadonlySet<number>;
  readonly text: string;
  /** The text without that which blocks began with. */
  readonly textOfDeltas: string;
  /** Whether the blocks came as 0, 1, 2 … */
  readonly inOrder: boolean;
}

interface WireEvent {
  readonly data: string;
  readonly name: string;
}

/** The events of which a turn is made. */
const TOLD: ReadonlySet<string> = new Set(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
/** Data that says nothing; the second is what gateways add to any stream. */
const SILENT: ReadonlySet<string> = new Set(['', '[DONE]']);

function eventsOf(text: string): WireEvent[] {
  const events: WireEvent[] = [];
  const parser = createParser({
    onEvent: ({ data, event }) => {
      events.push({ data, name: event ?? '' });
    },
  });
  // The parser waits for what follows a CR at the very end, where nothing does.
  parser.feed(text.endsWith('\r') ? `${text}\n` : text);
  return events;
}

function merge(before: JsonRecord, newer: unknown): JsonRecord {
  const told = Object.entries(isObject(newer) ? newer : {}).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(told) };
}

function parse(data: string): { readonly body?: JsonRecord; readonly what?: string } {
  let isProto = false;
  try {
    const body: unknown = JSON.parse(data, (name, value: unknown) => {
      isProto ||= name === '__proto__';
      return value;
    });
    if (isProto) return { what: 'has a member called __proto__' };
    return isObject(body) ? { body } : { what: 'is no object' };
  } catch {
    return { what: 'is no JSON' };
  }
}

/** Puts a turn together, event by event; each step answers with the end, once it has come. */
class Reader {
  readonly blocks = new Map<number, WireBlock>();
  message: JsonRecord | undefined;
  model: string | null = null;
  stop: JsonRecord = {};
  readonly usageTold: JsonRecord[] = [];
  messageDeltas = 0;

  read({ data, name }: WireEvent, index: number): Ending | undefined {
    const { body, what } = parse(data);
    const broken = (words: string, row?: string): Ending => ({ kind: 'broken', index, what: words, ...(row === undefined ? {} : { row }) });
    if (body === undefined) {
      if (what !== 'is no JSON') return broken(what ?? '');
      if (name === 'error') return { kind: 'error', type: undefined };
      if (TOLD.has(name)) return broken(what);
      // Nobody reads what a ping holds, and of other names the SDK reads nothing.
      return name === 'ping' || SILENT.has(data.trim()) ? undefined : broken(what, 'N25');
    }
    const type = stringOf(body['type']) ?? name;
    if (type === 'error') return { kind: 'error', type: isObject(body['error']) ? stringOf(body['error']['type']) : undefined };
    if (type === 'message_start') return this.#start(body, broken);
    if (type === 'content_block_delta') return this.#delta(body, broken);
    if (type === 'content_block_stop') return this.#close(body['index']);
    if (!['content_block_start', 'message_delta', 'message_stop'].includes(type)) return undefined;
    if (this.message === undefined) return broken('came before message_start');
    if (type === 'content_block_start') return this.#open(body['index'], body['content_block'], broken);
    if (type === 'message_stop') return { kind: this.stop['stop_reason'] === undefined ? 'without stop_reason' : 'whole' };
    const { delta, usage, type: _type, ...others } = body;
    this.messageDeltas += 1;
    this.stop = merge(merge(this.stop, others), delta);
    if (isObject(usage)) this.usageTold.push(usage);
    return undefined;
  }

  #start({ message }: JsonRecord, broken: (what: string) => Ending): Ending | undefined {
    if (this.message !== undefined) return broken('came twice');
    if (!isObject(message)) return broken('holds no message');
    this.message = message;
    this.model = stringOf(message['model']) ?? null;
    if (isObject(message['usage'])) this.usageTold.push(message['usage']);
    for (const name of ['stop_reason', 'stop_sequence', 'container', 'context_management']) this.stop = merge(this.stop, { [name]: message[name] ?? null });
    for (const [index, block] of listOf(message['content']).entries()) {
      const ending = this.#open(index, block, broken);
      if (ending !== undefined) return ending;
      this.#close(index);
    }
    return undefined;
  }

  #open(index: unknown, start: unknown, broken: (what: string, row?: string) => Ending): Ending | undefined {
    if (typeof index !== 'number') return broken('has no index');
    if (!isObject(start)) return broken('holds no block');
    if (this.blocks.has(index)) return broken(`begins block ${index} again`, 'N26');
    if (start['type'] === 'tool_use') {
      if (!stringOf(start['id']) || !stringOf(start['name'])) return broken('begins a call without id or name');
      const same = [...this.blocks.values()].some((block) => block.start['type'] === 'tool_use' && block.start['id'] === start['id']);
      if (same) return broken('repeats the id of a call', 'M9');
    }
    if (start['type'] === 'fallback' && isObject(start['to'])) this.model = stringOf(start['to']['model']) ?? this.model;
    this.blocks.set(index, { index, start, deltas: [], closed: false });
    return undefined;
  }

  #delta({ index, delta }: JsonRecord, broken: (what: string, row?: string) => Ending): Ending | undefined {
    const block = typeof index === 'number' ? this.blocks.get(index) : undefined;
    if (block === undefined) return broken('belongs to no block that began', 'N27');
    if (block.closed) return broken('belongs to a block that has ended');
    if (!isObject(delta)) return broken('holds no delta');
    block.deltas.push(delta);
    return undefined;
  }

  #close(index: unknown): Ending | undefined {
    const block = typeof index === 'number' ? this.blocks.get(index) : undefined;
    if (block !== undefined) block.closed = true;
    return undefined;
  }
}

/** Reads the wire: `flush` also takes an event that the end of the stream cut off before its empty line. */
export function readWire(bytes: Uint8Array, flush = false): Reading {
  const reader = new Reader();
  let ending: Ending | undefined;
  for (const [index, event] of eventsOf(new TextDecoder().decode(bytes) + (flush ? '\n\n' : '')).entries()) {
    ending = reader.read(event, index);
    if (ending !== undefined) break;
  }
  const arrived = [...reader.blocks.values()];
  const blocks = arrived.toSorted((left, right) => left.index - right.index);
  const wholes = blocks.map(whole);
  const texts = blocks.map(textsOf);
  return {
    ending: ending ?? { kind: 'cut' },
    id: stringOf(reader.message?.['id']) ?? null,
    model: reader.model,
    stop: reader.stop,
    usage: reader.usageTold.reduce(merge, {}),
    usageTold: reader.usageTold,
    messageDeltas: reader.messageDeltas,
    content: wholes.map(({ block }) => block),
    unreadable: new Set(wholes.flatMap(({ readable }, at) => (readable ? [] : [at]))),
    text: texts.map(({ first, rest }) => first + rest).join(''),
    textOfDeltas: texts.map(({ rest }) => rest).join(''),
    inOrder: arrived.every(({ index }, at) => index === at),
  };
}
