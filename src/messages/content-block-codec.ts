import * as t from 'io-ts';
import { guarded, jsonObjectPart, jsonPart } from '../events/json-codec.js';
import { heldTo, list, optional, struct } from '../events/struct-codec.js';
import { tagged } from '../events/tagged-codec.js';
import type {
  ContentBlock as ContentBlockType,
  DocumentBlock,
  ImageBlock,
  MediaSource,
  ProviderBlock,
  RedactedThinkingBlock,
  TextBlock,
  ThinkingBlock,
  ToolResultBlock,
  ToolUseBlock,
} from './message.js';

/** One block of a message. */
export type ContentBlock = ContentBlockType;

const wire = optional(jsonObjectPart);

const mediaSource = tagged<MediaSource>('MediaSource', {
  base64: heldTo<Extract<MediaSource, { readonly type: 'base64' }>>()(
    struct('Base64Source', { type: t.literal('base64'), mediaType: t.string, data: t.string }),
  ),
  url: heldTo<Extract<MediaSource, { readonly type: 'url' }>>()(struct('UrlSource', { type: t.literal('url'), url: t.string })),
});

/** {@link ContentBlock} as a part of another codec. */
export const contentBlockPart: t.Type<ContentBlockType> = t.recursion('ContentBlock', (self: t.Type<ContentBlockType>) =>
  tagged<ContentBlockType>(
    'ContentBlock',
    {
      text: heldTo<TextBlock>()(
        struct('TextBlock', { type: t.literal('text'), text: t.string, citations: optional(list(jsonPart)), wire }),
      ),
      image: heldTo<ImageBlock>()(struct('ImageBlock', { type: t.literal('image'), source: mediaSource, wire })),
      document: heldTo<DocumentBlock>()(struct('DocumentBlock', { type: t.literal('document'), source: mediaSource, wire })),
      tool_use: heldTo<ToolUseBlock>()(
        struct('ToolUseBlock', { type: t.literal('tool_use'), id: t.string, name: t.string, input: jsonPart, wire }),
      ),
      tool_result: heldTo<ToolResultBlock>()(
        struct('ToolResultBlock', {
          type: t.literal('tool_result'),
          toolUseId: t.string,
          content: list(self),
          isError: t.boolean,
          wire,
        }),
      ),
      thinking: heldTo<ThinkingBlock>()(
        struct('ThinkingBlock', { type: t.literal('thinking'), thinking: t.string, signature: optional(t.string), wire }),
      ),
      redacted_thinking: heldTo<RedactedThinkingBlock>()(
        struct('RedactedThinkingBlock', { type: t.literal('redacted_thinking'), data: t.string, wire }),
      ),
      provider: heldTo<ProviderBlock>()(
        struct('ProviderBlock', { type: t.literal('provider'), provider: t.string, block: jsonObjectPart }),
      ),
    },
    (block) => ({ type: 'provider', provider: 'unknown', block: jsonObjectPart.is(block) ? block : {} }),
  ),
);

/**
 * Decodes one block of a message; members that it does not have are kept. A block of a type that Coldstream does not
 * know (a newer version wrote it) becomes a `provider` block of the provider `unknown`, which no provider is sent.
 */
export const ContentBlock: t.Type<ContentBlockType> = guarded(contentBlockPart);
