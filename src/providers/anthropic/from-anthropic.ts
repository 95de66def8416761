import { findJsonFault, isJson, maxJsonDepth } from '../../events/json-guard.js';
import { isObject } from '../../events/json-object.js';
import type { Json } from '../../events/json.js';
import { InvalidRequestError } from '../../errors/errors.js';
import type { ContentBlock, Message } from '../../messages/message.js';
import { contentFromWire } from './content-from-wire.js';

/** A message of the Messages API, as a parameter or as a response: `MessageParam` and `Message` of the SDK fit, beta ones too. */
export interface AnthropicMessageLike {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content?: string | readonly object[];
  /** A response's code execution container; kept, and named in the next request. */
  readonly container?: object | string | null;
}

/** The value without members that are undefined: the SDK's types allow them, JSON does not. */
function withoutUndefined(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maxJsonDepth) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutUndefined(item, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutUndefined(member, depth + 1)]));
}

function jsonOf(given: unknown): Json {
  const value = withoutUndefined(given);
  if (isJson(value)) return value;
  throw new InvalidRequestError(`The message holds what JSON cannot: ${findJsonFault(value)?.reason ?? 'nobody knows what'}`);
}

function blockOf(given: object): ContentBlock {
  const block = jsonOf(given);
  if (isObject(block)) return contentFromWire(block);
  throw new InvalidRequestError('The content of the message holds a list instead of a block');
}

/**
 * A message of the Messages API in our form. `toAnthropic` gives it back, member by member; content that is a string comes
 * back as the one block of text that it stands for.
 *
 * Throws `InvalidRequestError` for a message of the role `system`, whose text belongs into the instructions, and for
 * content that is no JSON or not safe to handle (a member called `__proto__`).
 */
export function fromAnthropic(message: AnthropicMessageLike): Message {
  const { role, content = [], container } = message;
  if (role === 'system') throw new InvalidRequestError('A system message is no turn of the conversation: give its text as instructions');
  const blocks: readonly ContentBlock[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content.map(blockOf);
  const kept = container === undefined || container === null ? {} : { wire: { container: jsonOf(container) } };
  return { role, content: blocks, origin: 'anthropic', ...kept };
}
