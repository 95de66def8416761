import type { Json, JsonObject } from '../events/json.js';
import type { MockRequest } from './request.js';
import { hashOf, seededId, seededRandom, type Random } from './seed.js';
import type { Answer, TurnBlock } from './turn.js';

/** One event of the wire and how long to wait before it. */
export interface Frame {
  readonly event: string;
  readonly data: JsonObject;
  readonly delayMs: number;
}

/** How the stand-in streams. */
export interface Pace {
  readonly seed: number;
  /** The mean time between deltas, in milliseconds; 0 sends everything at once. */
  readonly paceMs: number;
}

/** The stream of one answer. */
export interface Wire {
  readonly requestId: string;
  readonly frames: readonly Frame[];
}

/** What is written in one go, after a wait. */
export interface Burst {
  readonly delayMs: number;
  readonly text: string;
}

function encodeFrame({ event, data }: Frame): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The frames as Server-Sent Events; those without a wait go out with the one before. */
export function burstsOf(frames: readonly Frame[]): readonly Burst[] {
  const bursts: { readonly delayMs: number; readonly parts: string[] }[] = [];
  for (const frame of frames) {
    const last = bursts.at(-1);
    if (last !== undefined && frame.delayMs === 0) last.parts.push(encodeFrame(frame));
    else bursts.push({ delayMs: frame.delayMs, parts: [encodeFrame(frame)] });
  }
  return bursts.map(({ delayMs, parts }) => ({ delayMs, text: parts.join('') }));
}

/** A text in pieces of one to four words, each with the space before it. */
function cutText(text: string, random: Random): readonly string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+|\s+$/gu) ?? [text];
  const pieces: string[] = [];
  for (let index = 0; index < words.length; ) {
    const count = 1 + Math.floor(random() * 4);
    pieces.push(words.slice(index, index + count).join(''));
    index += count;
  }
  return pieces;
}

/** JSON text in pieces of 4 to 19 characters; like the service, nothing but one empty piece for `{}`. */
function cutJson(input: Json, random: Random): readonly string[] {
  const characters = Array.from(JSON.stringify(input));
  if (characters.join('') === '{}') return [''];
  const pieces = [''];
  for (let index = 0; index < characters.length; ) {
    const count = 4 + Math.floor(random() * 16);
    pieces.push(characters.slice(index, index + count).join(''));
    index += count;
  }
  return pieces;
}

/** A block's opening and its deltas. */
interface Opened {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

const piecesOf = (given: string | readonly string[], random: Random): readonly string[] =>
  typeof given === 'string' ? cutText(given, random) : given;

function openBlock(block: TurnBlock, random: Random): Opened {
  switch (block.type) {
    case 'text':
      return {
        start: { type: 'text', text: '' },
        deltas: piecesOf(block.text, random).map((text) => ({ type: 'text_delta', text })),
      };
    case 'thinking': {
      const deltas = piecesOf(block.thinking, random).map((thinking) => ({ type: 'thinking_delta', thinking }));
      const signature = block.signature ?? seededId('sig', random);
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [...deltas, { type: 'signature_delta', signature }],
      };
    }
    case 'tool_use': {
      const id = block.id ?? seededId('toolu', random);
      return {
        start: { type: 'tool_use', id, name: block.name, input: {}, caller: { type: 'direct' } },
        deltas: cutJson(block.input, random).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      };
    }
  }
}

/** A plausible count: four characters a token. */
const tokens = (characters: number): number => Math.ceil(characters / 4);

function usageOf(input: number, output: number): JsonObject {
  return { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: output };
}

const frame = (event: string, data: JsonObject, delayMs = 0): Frame => ({ event, data: { type: event, ...data }, delayMs });

function contentFrames(opened: readonly Opened[], delay: () => number): readonly Frame[] {
  return opened.flatMap(({ start, deltas }, index) => [
    frame('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => frame('content_block_delta', { index, delta }, delay())),
    frame('content_block_stop', { index }),
  ]);
}

/**
 * An answer as the frames of the Messages API, from `message_start` to `message_stop`. The same seed, request and
 * answer give the same ids, pieces and delays.
 */
export function wireOf(request: MockRequest, model: string, answer: Answer, pace: Pace): Wire {
  const { messages, system = null, tools = null } = request.body;
  const asked = JSON.stringify([messages ?? null, system, tools]);
  const random = seededRandom(hashOf(asked) ^ pace.seed);
  const delay = (): number => Math.round(pace.paceMs * 2 * random());

  const opened = answer.content.map((block) => openBlock(block, random));
  const output = tokens(opened.reduce((sum, block) => sum + JSON.stringify(block.deltas.map((delta) => Object.values(delta)[1] ?? '')).length, 0));
  const input = tokens(asked.length);
  const callsTools = answer.content.some((block) => block.type === 'tool_use');
  const stopReason = answer.stopReason ?? (callsTools ? 'tool_use' : 'end_turn');
  const message = {
    model,
    id: seededId('msg', random),
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usageOf(input, 1), service_tier: 'standard' },
  };
  return {
    requestId: seededId('req', random),
    frames: [
      frame('message_start', { message }, delay()),
      frame('ping', {}),
      ...contentFrames(opened, delay),
      frame('message_delta', {
        delta: { stop_reason: stopReason, stop_sequence: null, stop_details: null },
        usage: usageOf(input, Math.max(output, 1)),
      }),
      frame('message_stop', {}),
    ],
  };
}
