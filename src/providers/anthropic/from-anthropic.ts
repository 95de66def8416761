import type { Json, JsonObject } from '../../events/json.js';
import { InvalidRequestError } from '../../errors/errors.js';
import type { Message } from '../../messages/message.js';
import { contentFromWire } from './content-from-wire.js';

/** A message of the Messages API, as a parameter or as a response: `MessageParam` and `Message` of the SDK fit. */
export interface AnthropicMessageLike {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string | readonly object[];
  /** A response's code execution container; kept, and named in the next request. */
  readonly container?: object | string | null;
}

function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'bigint';
}

function isJsonObject(value: object): value is JsonObject {
  return !Array.isArray(value) && Object.values(value).every(isJson);
}

/** The object without members that are undefined: the SDK's types allow them, JSON does not. */
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/**
 * A message of the Messages API in our form; content may be a string. `toAnthropic` gives it back.
 *
 * Throws `InvalidRequestError` for a message of the role `system`: its text belongs into the instructions.
 */
export function fromAnthropic(message: AnthropicMessageLike): Message {
  const { role, content, container } = message;
  if (role === 'system') throw new InvalidRequestError('A system message is no turn of the conversation: give its text as instructions');
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content.map(withoutUndefined).filter(isJsonObject);
  const kept: Json | undefined = isJson(container) && container !== null ? container : undefined;
  return { role, content: blocks.map(contentFromWire), origin: 'anthropic', ...(kept === undefined ? {} : { wire: { container: kept } }) };
}
