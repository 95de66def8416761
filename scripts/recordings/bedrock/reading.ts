import { isObject, stringOf, type JsonRecord } from '../json.js';
import { addDelta, beginsAnother, openBlock, textOf, type WireBlock } from './blocks.js';
import { readFrames, type WireFrame } from './frames.js';

/** How a stream ends, as far as it has to be read. `index` counts its frames, from 0. */
export type Ending =
  | { readonly kind: 'whole' }
  /** All of the turn came, and then nothing, or only part of a frame. */
  | { readonly kind: 'without metadata' }
  | { readonly kind: 'cut' }
  /** `type` is the service's name for its failure. */
  | { readonly kind: 'failed'; readonly type: string | undefined }
  | { readonly kind: 'broken'; readonly index: number; readonly what: string };

/** The first thing on the wire that breaks a rule of the protocol although a reader can go on. */
export interface Oddity {
  readonly index: number;
  readonly what: string;
  /** The text before it. */
  readonly text: string;
}

/** What an independent reader finds on the wire, up to its end. */
export interface Reading {
  readonly ending: Ending;
  readonly oddity: Oddity | undefined;
  readonly role: string | null;
  readonly stopReason: string | null;
  readonly additional: unknown;
  /** The members of the `metadata` event. */
  readonly metadata: JsonRecord;
  /** Whether something came after the end that a reader may take for part of the turn. */
  readonly late: boolean;
  /** By index. */
  readonly blocks: readonly WireBlock[];
  /** In the order in which they began. */
  readonly arrived: readonly WireBlock[];
  /** The indexes of blocks of which nothing came but a start that says nothing, or an end. */
  readonly empty: readonly number[];
  /** How many frames of each type the body holds, those after the turn's end included. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Events that make a turn. */
const COUNTED: ReadonlySet<string> = new Set(['messageStart', 'contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']);

function byIndex(blocks: Iterable<WireBlock>): WireBlock[] {
  return [...blocks].sort((left, right) => left.index - right.index);
}

function parse(payload: Uint8Array): { readonly body?: JsonRecord; readonly what?: string } {
  let isProto = false;
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(payload), (name, value: unknown) => {
      isProto ||= name === '__proto__';
      return value;
    });
    if (isProto) return { what: 'has a member called __proto__' };
    return isObject(body) ? { body } : { what: 'is no object' };
  } catch {
    return { what: 'is no JSON' };
  }
}

type Odd = (what: string) => void;

/** Puts a turn together, frame by frame; each step answers with the end, once it has come. */
class Reader {
  /** The blocks that began, each index with its last one. */
  readonly last = new Map<number, WireBlock>();
  readonly empty: number[] = [];
  readonly arrived: WireBlock[] = [];
  oddity: Oddity | undefined;
  role: string | null = null;
  begun = false;
  stopped = false;
  late = false;
  stopReason: string | null = null;
  additional: unknown = null;
  metadata: JsonRecord | undefined;

  read({ headers, payload }: WireFrame, index: number): Ending | undefined {
    const kind = headers.get(':message-type');
    const type = headers.get(kind === 'exception' ? ':exception-type' : kind === 'error' ? ':error-code' : ':event-type');
    if (kind === 'exception' || kind === 'error') return { kind: 'failed', type };
    if (kind !== 'event' || type === undefined) return { kind: 'broken', index, what: `is a message of type ${kind ?? 'nothing'}, ${type ?? 'nothing'}` };
    const { body, what } = parse(payload);
    if (body === undefined) return { kind: 'broken', index, what: what ?? '' };
    const odd = (words: string): void => {
      this.oddity ??= { index, what: words, text: textOf(byIndex(this.arrived)) };
    };
    if (this.stopped && type !== 'metadata') {
      this.late ||= COUNTED.has(type);
      return undefined;
    }
    if (!this.begun && COUNTED.has(type) && type !== 'messageStart') odd('came before messageStart');
    return this.#take(type, body, odd);
  }

  #take(type: string, body: JsonRecord, odd: Odd): Ending | undefined {
    switch (type) {
      case 'messageStart':
        if (this.begun) odd('came twice');
        this.begun = true;
        this.role = stringOf(body['role']) ?? null;
        return undefined;
      case 'contentBlockStart':
      case 'contentBlockDelta':
      case 'contentBlockStop':
        this.#block(type, body, odd);
        return undefined;
      case 'messageStop':
        this.stopReason = stringOf(body['stopReason']) ?? null;
        if (this.stopReason === null) return { kind: 'cut' };
        this.stopped = true;
        this.additional = body['additionalModelResponseFields'] ?? null;
        return this.metadata === undefined ? undefined : { kind: 'whole' };
      case 'metadata':
        this.metadata = { ...this.metadata, ...body };
        return this.stopped ? { kind: 'whole' } : undefined;
      default:
        return undefined;
    }
  }

  #block(type: string, body: JsonRecord, odd: Odd): void {
    const { contentBlockIndex: index, start, delta } = body;
    if (typeof index !== 'number') {
      odd('has no index');
      return;
    }
    const known = this.last.get(index);
    if (type === 'contentBlockStop') {
      if (known === undefined) this.empty.push(index);
      else known.closed = true;
    } else if (type === 'contentBlockStart') {
      if (known !== undefined) odd(`begins block ${index} again (N26)`);
      // A start that says nothing leaves it to the first delta.
      if (isObject(start) && Object.keys(start).length > 0) this.#open(openBlock(index, start, this.arrived, odd));
      else this.empty.push(index);
    } else if (!isObject(delta)) {
      odd('holds no delta');
    } else {
      if (known?.closed) odd('belongs to a block that has ended');
      const block = known === undefined || beginsAnother(known, delta) ? this.#open(openBlock(index, {}, this.arrived, odd)) : known;
      addDelta(block, delta, odd);
    }
  }

  #open(block: WireBlock): WireBlock {
    this.last.set(block.index, block);
    this.arrived.push(block);
    return block;
  }
}

function countTypes(frames: readonly WireFrame[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { headers } of frames) {
    const type = headers.get(':event-type') ?? headers.get(':exception-type') ?? headers.get(':error-code') ?? '';
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** What the end of the frames means, where nothing before it ended the turn. */
function endOf({ stopped }: Reader, { frames, end }: ReturnType<typeof readFrames>): Ending {
  if (end.kind === 'broken') return { kind: 'broken', index: frames.length, what: end.what };
  return { kind: stopped ? 'without metadata' : 'cut' };
}

export function readWire(bytes: Uint8Array): Reading {
  const all = readFrames(bytes);
  const reader = new Reader();
  let ending: Ending | undefined;
  for (const [index, frame] of all.frames.entries()) {
    ending ??= reader.read(frame, index);
    if (ending === undefined) continue;
    reader.late ||= all.frames.slice(index + 1).some(({ headers }) => COUNTED.has(headers.get(':event-type') ?? ''));
    break;
  }
  const { oddity, role, stopReason, additional, metadata = {}, late, arrived, empty } = reader;
  const blocks = byIndex(arrived);
  const nothing = [...new Set(empty)].filter((index) => !reader.last.has(index));
  return { ending: ending ?? endOf(reader, all), oddity, role, stopReason, additional, metadata, late, blocks, arrived, empty: nothing, counts: countTypes(all.frames) };
}
