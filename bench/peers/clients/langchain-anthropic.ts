import { ChatAnthropic } from '@langchain/anthropic';
import type { Connect } from '../../client.js';
import { API_KEY, MAX_TOKENS, MODEL } from '../../tool.js';
import { langchain } from './shared/langchain.js';

/** LangChain over Anthropic's SDK. */
export const connect: Connect = ({ url }) =>
  langchain(new ChatAnthropic({ model: MODEL, maxTokens: MAX_TOKENS, apiKey: API_KEY, anthropicApiUrl: url, maxRetries: 0 }));
