import { defer, map, type Observable, type Subscription } from 'rxjs';
import { anthropicDialect } from './anthropic/dialect.js';
import { bedrockDialect } from './bedrock/dialect.js';
import type { Dialect } from './dialect.js';
import { answer, refuse, type Exchange } from './exchange.js';
import { refusalOf } from './guard.js';
import { listen, type Incoming, type Outgoing } from './listen.js';
import type { MockRequest } from './request.js';
import { defaultScript, type Script } from './script.js';
import { hashOf, seededRandom } from './seed.js';
import { failure } from './turn.js';

/** How the stand-in behaves. */
export interface MockModelServerOptions {
  /** Decides ids, the cut into deltas and their pace. The same seed and request give the same stream. Default: 1. */
  readonly seed?: number;
  /** The mean time between deltas, in milliseconds; 0 sends each answer at once. Default: 15. */
  readonly paceMs?: number;
  /** The model that answers claim to come from; on the Bedrock wire they name none. Default: the one that the request names. */
  readonly model?: string;
  /** What to answer. Default: a script that uses the tools it is offered to add numbers and to run long operations. */
  readonly script?: Script;
}

/** A running stand-in. */
export interface MockModelServer {
  /** Where it listens, for a client's base URL or endpoint: `http://127.0.0.1:…`. */
  readonly url: string;
  /** The valid requests that it has received so far, over either wire, oldest first. */
  readonly requests: () => readonly MockRequest[];
}

const ignore = (): void => undefined;

const routes = [anthropicDialect, bedrockDialect].map(({ route }) => route).join(' and ');

/** Whose API was meant, if only by the beginning of the path. */
const dialectOf = (path: string): Dialect => (path.startsWith('/model/') ? bedrockDialect : anthropicDialect);

function serve(exchange: Exchange): Subscription | undefined {
  const refusal = refusalOf(exchange.request, exchange.path, exchange.dialect, routes);
  if (refusal !== null) {
    refuse(exchange, refusal);
    return undefined;
  }
  return answer(exchange).subscribe({
    error: (error: unknown) => {
      // A script that throws, or a connection that broke: the first is told to the client, the second cannot be.
      if (exchange.response.headersSent) exchange.response.destroy();
      else refuse(exchange, failure(500, 'api_error', error instanceof Error ? error.message : 'the script failed'));
    },
  });
}

/**
 * A model server for tests and demos, on loopback. It is a scripted stand-in and says so: it reads the request and
 * answers by rule, and never pretends to be a model. It speaks two wires, on one port:
 *
 * - Anthropic's: `POST /v1/messages`, streaming;
 * - Bedrock's: `POST /model/{id}/converse-stream`.
 *
 * Either comes over HTTP/1.1 or over HTTP/2 (cleartext, with prior knowledge, as the AWS SDK speaks to an `http:`
 * endpoint). The same scripts serve both. Any key, or any signature, will do.
 *
 * Subscribing starts a server on a free port of 127.0.0.1 and emits its address; it does not complete. Unsubscribing
 * stops it and destroys every connection. Two subscriptions are two servers that share nothing.
 *
 * @example
 * ```ts
 * import { switchMap } from 'rxjs';
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { mockModelServer } from 'coldstream/mock-server';
 *
 * mockModelServer({ paceMs: 0, script: () => ({ content: [{ type: 'text', text: 'Hello.' }] }) })
 *   .pipe(switchMap(({ url }) => agent({ provider: anthropic({ model: 'any', baseURL: url, apiKey: 'any' }) })('Hi')))
 *   .subscribe((event) => console.log(event.type));
 * ```
 *
 * @param options - seed, pace in milliseconds, model name and script.
 * @returns a cold Observable of the running server.
 * @throws on the error channel: what Node reports when it cannot listen.
 */
export function mockModelServer(options: MockModelServerOptions = {}): Observable<MockModelServer> {
  return defer(() => {
    const { seed = 1, paceMs = 15, model = null, script = defaultScript } = options;
    const requests: MockRequest[] = [];
    let count = 0;
    const onRequest = (request: MockRequest): void => void requests.push(request);
    return listen((request: Incoming, response: Outgoing) => {
      const path = request.url?.split('?')[0] ?? '/';
      const dialect = dialectOf(path);
      const requestId = dialect.requestId(seededRandom(hashOf(`${seed}:${count++}`)));
      const work = serve({ request, response, path, dialect, requestId, script, pace: { seed, paceMs }, model, onRequest });
      response.on('close', () => work?.unsubscribe());
      response.on('error', ignore);
    }).pipe(map((port) => ({ url: `http://127.0.0.1:${port}`, requests: () => [...requests] })));
  });
}
