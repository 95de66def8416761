import * as t from 'io-ts';
import { guarded, jsonObjectPart } from '../events/json-codec.js';
import { heldTo, list, oneOf, optional, struct } from '../events/struct-codec.js';
import { contentBlockPart } from './content-block-codec.js';
import type { Message as MessageType } from './message.js';

/** One turn of a conversation. */
export type Message = MessageType;

/** {@link Message} as a part of another codec. */
export const messagePart: t.Type<MessageType> = heldTo<MessageType>()(
  struct('Message', {
    role: oneOf<MessageType['role']>({ user: true, assistant: true }),
    content: list(contentBlockPart),
    origin: optional(t.string),
    wire: optional(jsonObjectPart),
  }),
);

/** Decodes one turn of a conversation; members that it does not have are kept. */
export const Message: t.Type<MessageType> = guarded(messagePart);
