import { AnthropicModel } from '@strands-agents/sdk/models/anthropic';
import type { Connect } from '../../client.js';
import { API_KEY, MAX_TOKENS, MODEL } from '../../tool.js';
import { strands } from './shared/strands.js';

/** Strands over Anthropic's SDK. */
export const connect: Connect = ({ url }) =>
  strands(new AnthropicModel({ modelId: MODEL, maxTokens: MAX_TOKENS, apiKey: API_KEY, clientConfig: { baseURL: url, maxRetries: 0 } }));
