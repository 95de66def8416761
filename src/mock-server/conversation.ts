import type { Json, JsonObject } from '../events/json.js';
import { isObject } from '../events/json-object.js';
import { stringOf } from './complaint.js';
import type { MockMessage, MockRequest } from './request.js';
import { tasksIn } from './tasks.js';

/** A call that was made since the question, with what came back. */
export interface AnsweredCall {
  readonly name: string;
  readonly input: Json;
  readonly result: string;
  readonly isError: boolean;
}

/** What the conversation is about now. */
export interface Conversation {
  readonly question: string;
  readonly calls: readonly AnsweredCall[];
}

const ofType = (message: MockMessage, type: string): readonly JsonObject[] =>
  message.content.filter((block) => block['type'] === type);

const textOf = (message: MockMessage): string =>
  ofType(message, 'text')
    .map((block) => stringOf(block['text']))
    .join('\n');

/**
 * Whether the message asks something. Text beside tool results, or sent while tools are forbidden, may be a mere
 * demand to come to an end: it asks only if it names a task.
 */
function asks(message: MockMessage, follows: MockMessage | undefined, toolsForbidden: boolean): boolean {
  const text = textOf(message);
  if (message.role !== 'user' || text === '') return false;
  const besideResults = ofType(message, 'tool_result').length > 0;
  const afterResults = toolsForbidden && follows !== undefined && ofType(follows, 'tool_result').length > 0;
  return besideResults || afterResults ? tasksIn(text).length > 0 && !toolsForbidden : true;
}

/** The text of a result's content: a string, or blocks of which the text counts. */
function resultText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const blocks: readonly Json[] = content;
  return blocks
    .filter(isObject)
    .map((block) => stringOf(block['text']))
    .filter((text) => text !== '')
    .join('\n');
}

function answeredCalls(messages: readonly MockMessage[]): readonly AnsweredCall[] {
  const results = new Map(
    messages.flatMap((message) => ofType(message, 'tool_result')).map((block) => [stringOf(block['tool_use_id']), block] as const),
  );
  return messages
    .flatMap((message) => ofType(message, 'tool_use'))
    .flatMap((call) => {
      const result = results.get(stringOf(call['id']));
      if (result === undefined) return [];
      const isError = result['is_error'] === true;
      return [{ name: stringOf(call['name']), input: call['input'] ?? {}, result: resultText(result['content']), isError }];
    });
}

/** The latest question and the calls that were answered since. */
export function readConversation(request: MockRequest): Conversation {
  const { messages } = request;
  const forbidden = request.toolChoice === 'none';
  const index = messages.findLastIndex((message, position) => asks(message, messages[position - 1], forbidden));
  const message = messages[index];
  return { question: message === undefined ? '' : textOf(message), calls: answeredCalls(messages.slice(Math.max(index, 0))) };
}
