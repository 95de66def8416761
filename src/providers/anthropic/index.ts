export { anthropic } from './anthropic.js';
export type { AnthropicClient, AnthropicConfig, AnthropicRequestOptions } from './config.js';
export { fromAnthropic, type AnthropicMessageLike } from './from-anthropic.js';
export { toAnthropic, type AnthropicMessage } from './to-anthropic.js';
