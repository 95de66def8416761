import { credentialsIn, redacting, secretHeaders, type Redact } from '../../errors/redact.js';
import type { AnthropicConfig } from './config.js';

function member(object: object | undefined, name: string): unknown {
  return object === undefined ? undefined : Object.getOwnPropertyDescriptor(object, name)?.value;
}

/** Knows the keys of a configuration and its client. */
export function redactor(config: AnthropicConfig, client: object | undefined): Redact {
  const addresses = [config.baseURL, member(client, 'baseURL')].flatMap(credentialsIn);
  return redacting([config.apiKey, member(client, 'apiKey'), member(client, 'authToken'), ...addresses, ...secretHeaders(config.headers)]);
}
