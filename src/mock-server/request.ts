import type { JsonObject } from '../events/json.js';

/**
 * A message as the stand-in reads it. Its blocks have the form of the Messages API whichever wire they came over:
 * string content has become one text block, and Bedrock's `{ toolUse: { toolUseId, … } }` is `{ type: 'tool_use', id, … }`.
 */
export interface MockMessage {
  readonly role: string;
  readonly content: readonly JsonObject[];
}

/** A tool that the request offers. */
export interface MockTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

/** One request of a client, read and found valid. */
export interface MockRequest {
  /** Which service it was meant for: Anthropic's Messages API or Bedrock's ConverseStream. */
  readonly wire: 'anthropic' | 'bedrock';
  readonly model: string;
  readonly messages: readonly MockMessage[];
  /** The tools that carry an input schema; those that a service would run itself are left out. */
  readonly tools: readonly MockTool[];
  /** `auto`, `any`, `tool` or `none`, or null where the request leaves it open. Bedrock has no `none`. */
  readonly toolChoice: string | null;
  /** The whole body as it came. */
  readonly body: JsonObject;
}
