import { demand, stringOf } from './complaint.js';
import type { MockMessage } from './request.js';

/** What an API calls a call and its result. */
interface Words {
  readonly call: string;
  readonly result: string;
}

const idsOf = (message: MockMessage | undefined, type: string, member: string): readonly string[] =>
  (message?.content ?? []).filter((block) => block['type'] === type).map((block) => stringOf(block[member]));

/** Every call is answered in the very next message, and only calls are answered: the rule that histories break first. */
export function checkCalls(messages: readonly MockMessage[], { call, result }: Words): void {
  const seen = new Set<string>();
  messages.forEach((message, index) => {
    const before = idsOf(messages[index - 1], 'tool_use', 'id');
    const answered = idsOf(message, 'tool_result', 'tool_use_id');
    const open = before.filter((id) => !answered.includes(id));
    demand(open.length === 0, `messages.${index}: ${call} ids without a ${result} right after them: ${open.join(', ')}`);
    const stray = answered.filter((id) => !before.includes(id));
    demand(stray.length === 0, `messages.${index}: ${result} without a ${call} in the message before: ${stray.join(', ')}`);
    demand(new Set(answered).size === answered.length, `messages.${index}: each ${call} has a single ${result}`);
    for (const id of idsOf(message, 'tool_use', 'id')) {
      demand(!seen.has(id), `messages.${index}: ${call} ids must be unique, and ${id} is not`);
      seen.add(id);
    }
  });
  const left = idsOf(messages.at(-1), 'tool_use', 'id');
  demand(left.length === 0, `messages: ${call} ids without a ${result} right after them: ${left.join(', ')}`);
}
