import fc, { type Arbitrary } from 'fast-check';
import type { ContentBlock, Message } from '../../src/messages/message.js';

const id = fc.constantFrom('a', 'b', 'c', 'a_2');

const block: Arbitrary<ContentBlock> = fc.oneof(
  fc.constantFrom('Hi', 'So', 'a\ud83d').map((text): ContentBlock => ({ type: 'text', text })),
  id.map((one): ContentBlock => ({ type: 'tool_use', id: one, name: 'clock', input: {} })),
  id.map((one): ContentBlock => ({ type: 'tool_result', toolUseId: one, content: [{ type: 'text', text: `of ${one}` }], isError: false })),
  fc.constant<ContentBlock>({ type: 'thinking', thinking: 'hm', signature: 's' }),
);

/** Any messages at all: calls that nobody answers, answers to no call, in every order, under ids that come again. */
export const brokenHistory: Arbitrary<readonly Message[]> = fc.array(
  fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: fc.array(block, { maxLength: 4 }) }),
  { maxLength: 8 },
);
