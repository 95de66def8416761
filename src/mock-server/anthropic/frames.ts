import type { JsonObject } from '../../events/json.js';
import { stopReasonOf, type Frame, type Pace, type Wire } from '../frame.js';
import { jsonPieces, textPieces, tokens } from '../pieces.js';
import type { MockRequest } from '../request.js';
import { hashOf, seededId, seededRandom, type Random } from '../seed.js';
import type { Answer, TurnBlock } from '../turn.js';

/** A block's opening and its deltas. */
interface Opened {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function openBlock(block: TurnBlock, random: Random): Opened {
  switch (block.type) {
    case 'text':
      return {
        start: { type: 'text', text: '' },
        deltas: textPieces(block.text, random).map((text) => ({ type: 'text_delta', text })),
      };
    case 'thinking': {
      const deltas = textPieces(block.thinking, random).map((thinking) => ({ type: 'thinking_delta', thinking }));
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
        deltas: jsonPieces(block.input, random).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      };
    }
  }
}

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
export function framesOf(request: MockRequest, model: string, answer: Answer, pace: Pace): Wire {
  const { messages, system = null, tools = null } = request.body;
  const asked = JSON.stringify([messages ?? null, system, tools]);
  const random = seededRandom(hashOf(asked) ^ pace.seed);
  const delay = (): number => Math.round(pace.paceMs * 2 * random());

  const opened = answer.content.map((block) => openBlock(block, random));
  const output = tokens(opened.reduce((sum, block) => sum + JSON.stringify(block.deltas.map((delta) => Object.values(delta)[1] ?? '')).length, 0));
  const input = tokens(asked.length);
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
        delta: { stop_reason: stopReasonOf(answer), stop_sequence: null, stop_details: null },
        usage: usageOf(input, Math.max(output, 1)),
      }),
      frame('message_stop', {}),
    ],
  };
}
