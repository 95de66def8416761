import { ConfigurationError } from '../../errors/errors.js';
import { loadPackage } from '../../internal/load-package.js';
import { withCappedRefusals } from './capped-fetch.js';
import type { AnthropicClient, AnthropicConfig } from './config.js';
import { redactingLogger } from './logger.js';
import { redactor } from './redact.js';

const loadSdk = () => loadPackage('@anthropic-ai/sdk', 'pass a client to anthropic()', () => import('@anthropic-ai/sdk'));

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

async function makeClient(config: AnthropicConfig): Promise<AnthropicClient> {
  const { Anthropic } = await loadSdk();
  const { baseURL, apiKey, fetch } = config;
  const known: { client?: AnthropicClient } = {};
  const client = new Anthropic({
    maxRetries: 0,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(apiKey === undefined ? {} : { apiKey }),
    // The global one is looked up for each request: it may be replaced after the client was made.
    fetch: withCappedRefusals(fetch ?? ((input, init) => globalThis.fetch(input, init))),
    logger: redactingLogger((text) => redactor(config, known.client)(text)),
  });
  known.client = client;
  // What the client took from the environment is looked at too.
  checkAddress(baseURL ?? client.baseURL);
  return client;
}

/** The way to a client. */
export interface Connector {
  /** The caller's client, or one of ours; the SDK is loaded for ours only, and not before it is asked for. */
  readonly connect: () => Promise<AnthropicClient>;
  /** Makes the next client anew: what the last one was made of (a key, the environment) did not serve. */
  readonly forget: () => void;
}

/** Makes one client for all of a provider's requests: it holds nothing of any of them. One that could not be made is not kept. */
export function connector(config: AnthropicConfig): Connector {
  const { client } = config;
  let made: Promise<AnthropicClient> | undefined;
  const forget = (): void => {
    made = undefined;
  };
  if (client !== undefined) return { connect: () => Promise.resolve(client), forget };
  const connect = (): Promise<AnthropicClient> => {
    if (made !== undefined) return made;
    const making = makeClient(config);
    making.catch(() => {
      if (made === making) forget();
    });
    made = making;
    return making;
  };
  return { connect, forget };
}
