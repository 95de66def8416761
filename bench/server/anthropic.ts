import { MODEL } from '../tool.js';
import type { Step } from './script.js';
import type { Wire } from './wire.js';

const usage = { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };

/** The events of the Messages API that say a step. */
function eventsOf(step: Step): readonly { readonly type: string }[] {
  switch (step.kind) {
    case 'begin': {
      const message = { id: `msg_bench_${String(step.message)}`, type: 'message', role: 'assistant', model: MODEL, content: [], stop_reason: null, stop_sequence: null, usage };
      return [{ type: 'message_start', ...{ message } }];
    }
    case 'text-begin':
      return [{ type: 'content_block_start', ...{ index: step.block, content_block: { type: 'text', text: '' } } }, { type: 'ping' }];
    case 'text':
      return [{ type: 'content_block_delta', ...{ index: step.block, delta: { type: 'text_delta', text: step.text } } }];
    case 'call-begin':
      return [{ type: 'content_block_start', ...{ index: step.block, content_block: { type: 'tool_use', id: step.id, name: 'lookup', input: {} } } }];
    case 'input':
      return [{ type: 'content_block_delta', ...{ index: step.block, delta: { type: 'input_json_delta', partial_json: step.json } } }];
    case 'block-end':
      return [{ type: 'content_block_stop', ...{ index: step.block } }];
    case 'end':
      return [
        { type: 'message_delta', ...{ delta: { stop_reason: step.stop, stop_sequence: null }, usage: { output_tokens: step.deltas } } },
        { type: 'message_stop' },
      ];
  }
}

/** The Messages API's event stream. */
export const anthropicWire: Wire = {
  headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'request-id': 'req_bench' },
  encode: (step) =>
    Buffer.from(
      eventsOf(step)
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join(''),
    ),
  resultMark: '"tool_result"',
  promptOf: (body) => /"(?:text|content)":\s*"((?:text|input|loop|first|idle|paced)\b[^"]*)"/.exec(body)?.[1] ?? '',
};
