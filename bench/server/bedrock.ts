import { encodeFrame } from './bedrock-frame.js';
import type { Step } from './script.js';
import type { Wire } from './wire.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The service pads its events, so that their length does not tell what was said: `p` holds the beginning of the alphabet. */
function padded(value: object, said: number): object {
  return { ...value, p: LETTERS.slice(0, 10 + ((said * 7) % 40)) };
}

const delta = (block: number, value: object, said: number): Buffer => encodeFrame('contentBlockDelta', padded({ contentBlockIndex: block, delta: value }, said));

/** The event stream of ConverseStream: a text has no beginning of its own, and the count of tokens comes after the end. */
function encode(step: Step): Buffer {
  switch (step.kind) {
    case 'begin':
      return encodeFrame('messageStart', padded({ role: 'assistant' }, 1));
    case 'text-begin':
      return Buffer.alloc(0);
    case 'text':
      return delta(step.block, { text: step.text }, step.text.length);
    case 'call-begin': {
      const toolUse = { toolUseId: step.id, name: 'lookup' };
      return encodeFrame('contentBlockStart', padded({ contentBlockIndex: step.block, start: { toolUse } }, 2));
    }
    case 'input':
      return delta(step.block, { toolUse: { input: step.json } }, step.json.length);
    case 'block-end':
      return encodeFrame('contentBlockStop', padded({ contentBlockIndex: step.block }, 3));
    case 'end': {
      const usage = { inputTokens: 100, outputTokens: step.deltas, totalTokens: 100 + step.deltas };
      return Buffer.concat([
        encodeFrame('messageStop', padded({ stopReason: step.stop }, 4)),
        encodeFrame('metadata', padded({ usage, metrics: { latencyMs: 1000 } }, 5)),
      ]);
    }
  }
}

/** The event stream of Bedrock's ConverseStream, the same over HTTP/1.1 and HTTP/2. */
export const bedrockWire: Wire = {
  headers: { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'req_bench' },
  encode,
  resultMark: '"toolResult"',
  promptOf: (body) => /"text":\s*"((?:text|input|loop|first|idle|paced)\b[^"]*)"/.exec(body)?.[1] ?? '',
};
