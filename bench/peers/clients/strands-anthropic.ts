import { Anthropic } from '@anthropic-ai/sdk';
import { AnthropicModel } from '@strands-agents/sdk/models/anthropic';
import type { Connect } from '../../client.js';
import { API_KEY, MAX_TOKENS, MODEL } from '../../tool.js';
import { strands } from './shared/strands.js';

/** `fetch` that a signal stops besides its own. */
function stoppedBy(signal: AbortSignal): typeof fetch {
  return (input, init) => fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
}

/**
 * Strands over Anthropic's SDK. Its model for Anthropic does not hand the agent's signal on, and an agent whose stream is
 * quiet would not stop: each run has a model whose `fetch` carries the signal, over the one client of the SDK.
 */
export const connect: Connect = ({ url }) => {
  const sdk = new Anthropic({ baseURL: url, apiKey: API_KEY, maxRetries: 0 });
  return strands((signal) => new AnthropicModel({ modelId: MODEL, maxTokens: MAX_TOKENS, client: sdk.withOptions({ fetch: stoppedBy(signal) }) }));
};
