import type { Json, JsonObject } from '../events/json.js';

/** Members that Coldstream does not model, kept as they came and sent back only to the provider they came from. */
interface Opaque {
  readonly wire?: JsonObject;
}

/** Where an image or a document comes from: the bytes as base64, or an address that the provider fetches. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string };

export interface TextBlock extends Opaque {
  readonly type: 'text';
  readonly text: string;
  /** Citations as the provider sent them. */
  readonly citations?: readonly Json[];
}

export interface ImageBlock extends Opaque {
  readonly type: 'image';
  readonly source: MediaSource;
}

export interface DocumentBlock extends Opaque {
  readonly type: 'document';
  readonly source: MediaSource;
}

/** A tool call that the model asks the application to run. */
export interface ToolUseBlock extends Opaque {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

/** The answer to one tool call; stands in a user message. */
export interface ToolResultBlock extends Opaque {
  readonly type: 'tool_result';
  readonly toolUseId: string;
  readonly content: readonly ContentBlock[];
  readonly isError: boolean;
}

export interface ThinkingBlock extends Opaque {
  readonly type: 'thinking';
  readonly thinking: string;
  /** Opaque proof that the provider checks when the block comes back: never edit it. */
  readonly signature?: string;
}

export interface RedactedThinkingBlock extends Opaque {
  readonly type: 'redacted_thinking';
  readonly data: string;
}

/** Any other block of a provider, kept exactly as it came. */
export interface ProviderBlock {
  readonly type: 'provider';
  /** The provider's name: `anthropic`, `bedrock` … */
  readonly provider: string;
  readonly block: JsonObject;
}

export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ToolUseBlock
  | ToolResultBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ProviderBlock;

/** One turn of a conversation. */
export interface Message extends Opaque {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentBlock[];
  /** The provider that wrote it. Opaque members (`wire`, signatures, provider blocks) travel back to that provider only. */
  readonly origin?: string;
}

/** What a model is told about a tool. */
export interface ToolSpec {
  /** Letters, digits, `_` and `-`, 64 at most: the rule that Anthropic and Bedrock share. */
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of type `object`. */
  readonly inputSchema: JsonObject;
}
