import { requireCache, requireText } from '../../errors/require.js';
import { answered } from '../../internal/answered.js';
import { named, type Provider } from '../../provider.js';
import type { ColdstreamError } from '../../errors/errors.js';
import { buildRequest, type BuiltRequest } from './build-request.js';
import type { AnthropicClient, AnthropicConfig } from './config.js';
import { connector } from './connect.js';
import { readAnswer } from './read-answer.js';
import { redactor } from './redact.js';
import { requestError } from './request-error.js';

/** Longer than any turn: limits of time belong to the decorators, where they can be seen. */
const NO_TIMEOUT_MS = 24 * 60 * 60 * 1000;

function send(client: AnthropicClient, { body, headers: given }: BuiltRequest, signal: AbortSignal): Promise<Response> {
  const headers = { ...given };
  return client.messages.create(body, { signal, maxRetries: 0, timeout: NO_TIMEOUT_MS, headers, fetchOptions: { redirect: 'manual' } }).asResponse();
}

/** Whether the failure speaks of what the client was made of, so that the next one is made anew. */
function isOfClient({ code }: ColdstreamError): boolean {
  return code === 'configuration' || code === 'authentication';
}

/**
 * Claude through Anthropic's Messages API, as a provider: subscribe to send one request, unsubscribe to stop it, down
 * to the socket.
 *
 * The request goes through the official SDK, an optional peer (`npm install @anthropic-ai/sdk`) that is loaded at the
 * first subscription, unless `client` is given. The client that is made then reads the environment and serves all
 * requests of the provider, until the service refuses its key. Nothing is retried and no time limit is set here: wrap the provider in
 * `retrying` and `timingOut`, as an agent does by default. Redirects are refused.
 *
 * Emits the turn's events, `message` last, and completes at the stream's terminal event even if the connection stays
 * open. Fails with a `ColdstreamError`: `ConfigurationError` (no SDK, no key), `AuthenticationError`,
 * `InvalidRequestError`, `RateLimitError`, `OverloadedError`, `ServerError`, `ConnectionError`, `TruncatedStreamError`
 * or `ProtocolError`. None of them holds a key, a request or a header.
 *
 * @example
 * ```ts
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const provider = anthropic({ model: 'claude-sonnet-5', maxTokens: 1024 });
 * provider({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }).subscribe({
 *   next: (event) => console.log(event.type),
 *   error: (error) => console.error(error.message),
 * });
 * ```
 * @param config the model, and how to reach it
 * @throws ConfigurationError at once for a configuration that cannot be meant
 */
export function anthropic(config: AnthropicConfig): Provider {
  requireText('model', config.model);
  requireCache(config.cache);
  const { connect, forget } = connector(config);
  const onFailure = (failure: ColdstreamError): void => {
    if (isOfClient(failure)) forget();
  };
  const provider: Provider = (request) =>
    answered(
      async (signal) => {
        let client: AnthropicClient | undefined;
        try {
          client = await connect();
          // Unsubscribed while the SDK was loaded: nothing is sent, whatever the client makes of such a signal.
          signal.throwIfAborted();
          const built = buildRequest(config, request);
          const { names, metadata } = built;
          return { client, built: { names, metadata }, response: await send(client, built, signal) };
        } catch (error) {
          const failure = requestError(error, redactor(config, client));
          onFailure(failure);
          throw failure;
        }
      },
      ({ client, built, response }, ending) => readAnswer({ response, request, built, model: config.model, redact: redactor(config, client), ending, onFailure }),
    );
  return named(provider, config.model);
}
