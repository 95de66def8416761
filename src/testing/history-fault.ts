import type { Message } from '../messages/message.js';

/**
 * What is wrong with a conversation that a provider is asked to continue; undefined if nothing is. Stricter than any one
 * service: it begins with the user, nothing is empty, only the model calls, each call has an id of its own, and the very
 * next message is the user's and begins with the results of all calls in their order. Results stand nowhere else.
 */
export function historyFault(messages: readonly Message[]): string | undefined {
  if (messages[0]?.role === 'assistant') return 'it begins with an answer';
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.content.length === 0) return `message ${index} is empty`;
    const uses = callsOf(message);
    if (message.role === 'user' && uses.length > 0) return `message ${index} is the user's and calls tools`;
    const again = uses.find((id) => ids.size === ids.add(id).size);
    if (again !== undefined) return `the call ${again} of message ${index} is not the first of its id`;
    const next = messages[index + 1];
    if (uses.length > 0 && next?.role !== 'user') return `calls ${uses.join()} of message ${index} are followed by no user message`;
    const answers = next?.content.slice(0, uses.length).map((block) => (block.type === 'tool_result' ? block.toolUseId : '?')) ?? [];
    if (message.role === 'assistant' && answers.join() !== uses.join()) return `calls ${uses.join()} of message ${index} are answered by ${answers.join()}`;
    const results = message.content.filter(({ type }) => type === 'tool_result').length;
    const before = messages[index - 1];
    const asked = message.role === 'user' && before !== undefined ? callsOf(before).length : 0;
    if (results !== asked) return `message ${index} answers ${results} of ${asked} calls`;
  }
  return undefined;
}

function callsOf({ content }: Message): readonly string[] {
  return content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
}
