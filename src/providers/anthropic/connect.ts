import { ConfigurationError } from '../../errors/errors.js';
import { messageOf } from '../../errors/describe.js';
import type { AnthropicClient, AnthropicConfig } from './config.js';

function isMissing(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

async function loadSdk() {
  try {
    return await import('@anthropic-ai/sdk');
  } catch (error) {
    const what = isMissing(error) ? 'is not installed' : `could not be loaded (${messageOf(error)})`;
    throw new ConfigurationError(`The package @anthropic-ai/sdk ${what}: run npm install @anthropic-ai/sdk, or pass a client to anthropic()`);
  }
}

/** The caller's client, or one of ours; the SDK is loaded for ours only, and not before it is asked for. */
export async function connect(config: AnthropicConfig): Promise<AnthropicClient> {
  if (config.client !== undefined) return config.client;
  const { Anthropic } = await loadSdk();
  const { baseURL, apiKey, fetch } = config;
  return new Anthropic({
    maxRetries: 0,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(fetch === undefined ? {} : { fetch }),
  });
}
