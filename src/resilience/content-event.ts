import { isEvent } from '../events/construct.js';

/** Whether the event shows part of the answer: after one, a silent second attempt would tell the answer twice. */
export const isContentEvent = isEvent(
  'text_delta',
  'thinking',
  'citation',
  'tool_input_start',
  'tool_input_delta',
  'tool_use_start',
  'server_tool_use',
  'server_tool_result',
  'message',
);
