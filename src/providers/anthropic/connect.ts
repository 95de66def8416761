import { ConfigurationError } from '../../errors/errors.js';
import { messageOf } from '../../errors/describe.js';
import { withCappedRefusals } from './capped-fetch.js';
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

/** Refuses an address that no request can be sent to; it is not repeated, since it may hold a password. */
function checkAddress(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ConfigurationError('The baseURL (or ANTHROPIC_BASE_URL) is not an address that begins with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError('The baseURL (or ANTHROPIC_BASE_URL) holds a user name or a password, which is never sent: pass it in headers');
  }
}

/** The caller's client, or one of ours; the SDK is loaded for ours only, and not before it is asked for. */
export async function connect(config: AnthropicConfig): Promise<AnthropicClient> {
  if (config.client !== undefined) return config.client;
  const { Anthropic } = await loadSdk();
  const { baseURL, apiKey, fetch } = config;
  const client = new Anthropic({
    maxRetries: 0,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch: withCappedRefusals(fetch ?? globalThis.fetch),
  });
  // What the client took from the environment is looked at too.
  checkAddress(baseURL ?? client.baseURL);
  return client;
}
