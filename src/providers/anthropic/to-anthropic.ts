import type { JsonObject } from '../../events/json.js';
import type { Message } from '../../messages/message.js';
import { isOwn } from '../../messages/outgoing.js';
import { contentToWire, serviceForm, withCallIds } from './content-to-wire.js';

/** A message in the service's own form. */
export interface AnthropicMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}

/**
 * A message as the Messages API has it. Of a message that came from there, every member goes back as it was; of a
 * message from another service, what only that service understands (signatures, opaque blocks and members) is left out,
 * and ids of calls that the API would refuse are mended, in a call as in its result. Tools keep their names.
 */
export function toAnthropic(message: Message): AnthropicMessage {
  const ours = isOwn(message, serviceForm.service);
  return { role: message.role, content: message.content.flatMap<JsonObject>((block) => contentToWire(ours ? block : withCallIds(block), ours) ?? []) };
}
