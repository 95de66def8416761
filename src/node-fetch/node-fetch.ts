import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { loadPackage } from '../internal/load-package.js';
import { Exchange, type Head } from './exchange.js';
import { leanRequest, type LeanRequest } from './request.js';
import { LeanResponse } from './response.js';
import { unpacked } from './unpack.js';

/** How `nodeFetch` sends its requests. */
export interface NodeFetchOptions {
  /**
   * What the requests go through: a `ProxyAgent`, an `EnvHttpProxyAgent` or an `Agent` of `undici` with certificates or
   * limits of its own. Closing it is the caller's business. Default: an `Agent`, whose idle connections do not keep the
   * process alive.
   */
  readonly dispatcher?: Dispatcher;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

function headersOf(received: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) {
    if (typeof value === 'string') headers.append(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  }
  return headers;
}

async function newAgent(): Promise<Dispatcher> {
  const { Agent } = await loadPackage('undici', 'pass a dispatcher to nodeFetch()', () => import('undici'));
  return new Agent();
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function';
}

/** What a request goes through: Node's own `fetch` takes a dispatcher with a request as well. */
function dispatcherOf(init: RequestInit | undefined): Dispatcher | undefined {
  const given: unknown = init !== undefined && 'dispatcher' in init ? init.dispatcher : undefined;
  return isDispatcher(given) ? given : undefined;
}

function failed(what: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(what) });
}

function answer(exchange: Exchange, { status, statusText, headers: received }: Head, { url, redirect }: LeanRequest): LeanResponse {
  const refuse = (what: string): never => {
    const error = failed(what);
    exchange.abort(error);
    throw error;
  };
  if (redirect !== 'manual' && REDIRECTS.includes(status)) refuse(`The answer is a redirect (HTTP ${status}), and none is followed`);
  const headers = headersOf(received);
  const coding = headers.get('content-encoding') ?? '';
  const body = unpacked(exchange, coding) ?? refuse('The answer is packed in a way that cannot be undone: see its content-encoding');
  return new LeanResponse({ url: url.href, status, statusText: statusText.replace(/[^\t -~\x80-\xff]/g, ''), headers, body });
}

/**
 * A `fetch` for Node that does less: requests on the dispatcher of `undici`, an optional peer (`npm install undici`), and
 * answers whose bodies a provider takes as they come from the connection, with no stream and no promise in between.
 * Handed to `anthropic`, or to an SDK client of one's own, it saves a good part of what a streamed answer costs.
 *
 * It is called and answers as `fetch` does, with these differences. A body to send is a string or a `Uint8Array`; the
 * address is a string or a `URL`. No redirect is followed: with `redirect: 'manual'` it is the answer, otherwise it is a
 * failure. No compressed answer is asked for; one that comes (gzip, deflate, Brotli) is unpacked. There is no limit of
 * time but the dispatcher's own for connecting: limits belong to `timingOut`. An answer whose body is neither read nor
 * cancelled keeps its connection.
 *
 * Fails as `fetch` does: with a `TypeError` that has its `cause`, or with the signal's reason.
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { nodeFetch } from 'coldstream/node-fetch';
 *
 * const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5', fetch: nodeFetch() }) });
 * ask('Hello').subscribe((event) => console.log(event.type));
 * ```
 * @param options what the requests go through
 * @returns the function; its connections are its own, so keep one for all requests
 */
export function nodeFetch(options: NodeFetchOptions = {}): typeof globalThis.fetch {
  let usual: Promise<Dispatcher> | undefined;
  // A failure to load is not kept: the next request tries again.
  const ownAgent = (): Promise<Dispatcher> => {
    usual ??= newAgent().catch((error: unknown) => {
      usual = undefined;
      throw error;
    });
    return usual;
  };
  return async (input, init) => {
    const request = leanRequest(input, init);
    const dispatcher = dispatcherOf(init) ?? options.dispatcher ?? (await ownAgent());
    const exchange = new Exchange(request.signal);
    try {
      if (request.signal?.aborted !== true) dispatcher.dispatch(request.options, exchange);
    } catch (cause) {
      exchange.abort(new TypeError('fetch failed', { cause }));
    }
    return answer(exchange, await exchange.head, request);
  };
}
