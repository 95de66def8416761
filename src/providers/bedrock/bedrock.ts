import { defer, type Observable } from 'rxjs';
import { requireCache, requireOneOf, requireText } from '../../errors/require.js';
import type { StreamEvent } from '../../events/events.js';
import { answered } from '../../internal/answered.js';
import { named, type ModelRequest, type Provider } from '../../provider.js';
import { buildRequest, type BuiltRequest } from './build-request.js';
import type { BedrockConfig } from './config.js';
import { connector, type Connection } from './connect.js';
import { readAnswer } from './read-answer.js';
import { requestError } from './request-error.js';
import { secretsOf } from './secrets.js';
import { discard, send, type Answer } from './send.js';

interface Asked {
  readonly answer: Answer;
  readonly built: Pick<BuiltRequest, 'names' | 'metadata'>;
  readonly signal: AbortSignal;
}

function turn(connect: () => Promise<Connection>, config: BedrockConfig, request: ModelRequest): Observable<StreamEvent> {
  const { model, headers = {} } = config;
  return defer(() => {
    const secrets = secretsOf(config);
    const { redact } = secrets;
    /** The body of an answer that has come, until it is read. */
    let unread: unknown;
    const drop = (): void => discard(unread);
    const ask = async (signal: AbortSignal): Promise<Asked> => {
      const onHeaders = (body?: unknown): void => {
        unread = body;
        signal.addEventListener('abort', drop, { once: true });
        request.onAnswer?.();
      };
      try {
        const built = buildRequest(config, request);
        const { body, names, metadata } = built;
        const connection = await connect();
        signal.throwIfAborted();
        return { answer: await send({ connection, model, body, headers, secrets, signal, onHeaders }), built: { names, metadata }, signal };
      } catch (error) {
        drop();
        throw requestError(error, redact);
      }
    };
    return answered(ask, ({ answer, built, signal }, ending) => {
      unread = undefined;
      signal.removeEventListener('abort', drop);
      return readAnswer({ answer, request, built, model, redact, ending });
    });
  });
}

/**
 * The models of Amazon Bedrock through ConverseStream, as a provider: subscribe to send one request, unsubscribe to
 * stop it, down to the socket.
 *
 * The official SDK signs the request and types refusals; it is an optional peer
 * (`npm install @aws-sdk/client-bedrock-runtime`) that is loaded at the first subscription, unless `client` is given.
 * The request's body and the answer's stream are written and read here. Nothing is retried and no time limit is set:
 * wrap the provider in `retrying` and `timingOut`, as an agent does by default. Redirects are refused.
 *
 * Emits the turn's events, `message` last. The service tells what a turn cost after its last word: that is waited for,
 * for 5 seconds at most and not where the connection ends before; the message's `usage` is null then and its metadata
 * say `incomplete: 'metadata'`. Completes then even if the connection stays open.
 *
 * Fails with a `ColdstreamError`: `ConfigurationError` (no SDK, no region, no credentials), `AuthenticationError`,
 * `InvalidRequestError`, `RateLimitError`, `OverloadedError`, `ServerError`, `ModelError`, `TimeoutError`,
 * `ConnectionError`, `TruncatedStreamError` or `ProtocolError`. None of them holds a key, a request or a header.
 *
 * @example
 * ```ts
 * import { bedrock } from 'coldstream/bedrock';
 *
 * const provider = bedrock({ model: 'us.amazon.nova-2-lite-v1:0', region: 'us-east-1' });
 * provider({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }).subscribe({
 *   next: (event) => console.log(event.type),
 *   error: (error) => console.error(error.message),
 * });
 * ```
 * @param config the model, and how to reach it
 * @throws ConfigurationError at once for a configuration that cannot be meant
 */
export function bedrock(config: BedrockConfig): Provider {
  requireText('model', config.model);
  requireCache(config.cache);
  requireOneOf('handler', config.handler, ['http2', 'http1']);
  const connect = connector(config);
  const provider: Provider = (request) => turn(connect, config, request);
  return named(provider, config.model);
}
