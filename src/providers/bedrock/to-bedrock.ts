import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { Message } from '../../messages/message.js';
import { isOwn } from '../../messages/outgoing.js';
import { bytesOf } from './base64.js';
import { serviceForm } from './content-to-wire.js';

/** A message as `ConverseCommand` and `ConverseStreamCommand` of the SDK take it. */
export interface BedrockMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly object[];
}

/** Members that the SDK holds as bytes. */
const BYTES: ReadonlySet<string> = new Set(['bytes', 'redactedContent']);
/** Members that are the application's own documents, where no name means anything to the service. */
const DOCUMENTS: ReadonlySet<string> = new Set(['input', 'json']);

function sdkMember(name: string, value: Json): unknown {
  if (typeof value === 'string' && BYTES.has(name)) return bytesOf(value) ?? value;
  return DOCUMENTS.has(name) ? value : sdkValue(value);
}

function sdkValue(value: Json): unknown {
  if (isObject(value)) return sdkObject(value);
  return Array.isArray(value) ? value.map(sdkValue) : value;
}

function sdkObject(object: JsonObject): object {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, sdkMember(name, value)]));
}

/**
 * A message as the Converse API's SDK has it: bytes are `Uint8Array`. Of a message that came from there, every member
 * goes back as it was; of a message from another service, what only that service understands (signatures, opaque blocks
 * and members) is left out. An image or a document that Bedrock cannot load becomes a text that names it.
 */
export function toBedrock(message: Message): BedrockMessage {
  const form = serviceForm();
  const ours = isOwn(message, form.service);
  return { role: message.role, content: message.content.flatMap<JsonObject>((block) => form.write(block, ours) ?? []).map(sdkObject) };
}
