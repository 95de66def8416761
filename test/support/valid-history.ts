import type { Message } from '../../src/messages/message.js';

/** What is wrong with a conversation that a provider is asked to continue; undefined if nothing is. */
export function historyFault(messages: readonly Message[]): string | undefined {
  for (const [index, message] of messages.entries()) {
    if (message.content.length === 0) return `message ${String(index)} is empty`;
    const uses = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    if (message.role === 'user' && uses.length > 0) return `message ${String(index)} is the user's and calls tools`;
    const next = messages[index + 1];
    const answers = next?.content.slice(0, uses.length).map((block) => (block.type === 'tool_result' ? block.toolUseId : '?')) ?? [];
    if (message.role === 'assistant' && answers.join() !== uses.join()) return `calls ${uses.join()} of message ${String(index)} are answered by ${answers.join()}`;
    const results = message.content.filter(({ type }) => type === 'tool_result').length;
    const before = messages[index - 1]?.content.filter(({ type }) => type === 'tool_use').length ?? 0;
    if (results !== (message.role === 'user' ? before : 0)) return `message ${String(index)} answers ${String(results)} of ${String(before)} calls`;
  }
  return undefined;
}
