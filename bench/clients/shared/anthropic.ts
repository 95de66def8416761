import type { Provider } from 'coldstream';
import { anthropic, type AnthropicConfig } from 'coldstream/anthropic';
import type { Service } from '../../client.js';
import { API_KEY, MAX_TOKENS, MODEL } from '../../tool.js';

/** The provider of the bench. */
export function provider({ url }: Service, config: Partial<AnthropicConfig> = {}): Provider {
  return anthropic({ model: MODEL, baseURL: url, apiKey: API_KEY, maxTokens: MAX_TOKENS, ...config });
}
