import type { JsonObject } from '../../events/json.js';
import { stopReasonOf, type Frame, type Pace, type Wire } from '../frame.js';
import { jsonPieces, textPieces, tokens } from '../pieces.js';
import type { MockRequest } from '../request.js';
import { hashOf, seededId, seededRandom, seededUuid, type Random } from '../seed.js';
import type { Answer, TurnBlock } from '../turn.js';

/** A block's opening, which only calls have, and its deltas. */
interface Opened {
  readonly start: JsonObject | null;
  readonly deltas: readonly JsonObject[];
}

function openBlock(block: TurnBlock, random: Random): Opened {
  switch (block.type) {
    case 'text':
      return { start: null, deltas: textPieces(block.text, random).map((text) => ({ text })) };
    case 'thinking': {
      const deltas = textPieces(block.thinking, random).map((text) => ({ reasoningContent: { text } }));
      const signature = block.signature ?? seededId('sig', random);
      return { start: null, deltas: [...deltas, { reasoningContent: { signature } }] };
    }
    case 'tool_use': {
      const toolUseId = block.id ?? seededId('tooluse', random);
      return {
        start: { toolUse: { name: block.name, toolUseId } },
        deltas: jsonPieces(block.input, random).map((input) => ({ toolUse: { input } })),
      };
    }
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** The service pads each event, so that its length does not tell what it holds. */
const padding = (random: Random): string => alphabet.slice(0, 3 + Math.floor(random() * (alphabet.length - 2)));

function contentFrames({ start, deltas }: Opened, contentBlockIndex: number, delay: () => number): readonly Frame[] {
  const opening = start === null ? [] : [{ event: 'contentBlockStart', data: { contentBlockIndex, start }, delayMs: 0 }];
  return [
    ...opening,
    ...deltas.map((delta) => ({ event: 'contentBlockDelta', data: { contentBlockIndex, delta }, delayMs: delay() })),
    { event: 'contentBlockStop', data: { contentBlockIndex }, delayMs: 0 },
  ];
}

/**
 * An answer as the events of ConverseStream, from `messageStart` to `metadata`. The same seed, request and answer give
 * the same ids, pieces, padding and delays.
 */
export function framesOf(request: MockRequest, answer: Answer, pace: Pace): Wire {
  const { messages, system = null, toolConfig = null } = request.body;
  const asked = JSON.stringify([messages ?? null, system, toolConfig]);
  const random = seededRandom(hashOf(asked) ^ pace.seed);
  const delay = (): number => Math.round(pace.paceMs * 2 * random());

  const opened = answer.content.map((block) => openBlock(block, random));
  const inputTokens = tokens(asked.length);
  const outputTokens = Math.max(tokens(opened.reduce((sum, { deltas }) => sum + deltas.map(lengthOf).reduce(add, 0), 0)), 1);
  const content = [
    { event: 'messageStart', data: { role: 'assistant' }, delayMs: delay() },
    ...opened.flatMap((block, index) => contentFrames(block, index, delay)),
    { event: 'messageStop', data: { stopReason: stopReasonOf(answer) }, delayMs: 0 },
  ];
  const latencyMs = content.map(({ delayMs }) => delayMs).reduce(add, 0);
  const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
  const frames = [...content, { event: 'metadata', data: { metrics: { latencyMs }, usage }, delayMs: 0 }];
  return {
    requestId: seededUuid(random),
    frames: frames.map(({ data, ...frame }) => ({ ...frame, data: { ...data, p: padding(random) } })),
  };
}

const add = (sum: number, value: number): number => sum + value;

/** The characters of a delta, without the names around them. */
function lengthOf(delta: JsonObject): number {
  return Object.values(delta).flatMap((value) => (typeof value === 'string' ? value : Object.values(value ?? {}))).join('').length;
}
