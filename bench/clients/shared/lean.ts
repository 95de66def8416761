import type { Provider } from 'coldstream';
import { nodeFetch } from 'coldstream/node-fetch';
import type { Service } from '../../client.js';
import { provider } from './anthropic.js';

/** The provider over the fetch that stands on undici's dispatcher. */
export function leanProvider(service: Service): Provider {
  return provider(service, { fetch: nodeFetch() });
}
