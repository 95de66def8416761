import { defer, from, NEVER, switchMap, type Observable, type ObservableInput } from 'rxjs';
import type { McpClient } from '../client.js';
import type { McpClientOptions } from '../client-options.js';
import { connected, type Connection } from '../connect.js';
import { loadSdk } from '../load-sdk.js';
import { listener } from '../notices.js';
import type { ReopeningDelay } from '../reopening.js';
import { serverAddress } from './address.js';
import { HttpTransport } from './http-transport.js';
import type { HttpSettings } from './settings.js';

/** How `mcpHttp` reaches a server. */
export interface McpHttpOptions extends McpClientOptions {
  /** Sent with every request, keys and the like too: they are in no error, and follow no redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the bearer token of each request; asked once more where the server refuses one. */
  readonly token?: () => ObservableInput<string>;
  /** Allows `http:` to other machines than this one. Default false. */
  readonly allowHttp?: boolean;
  /** Allows addresses of private networks (10.0.0.0/8, 169.254.0.0/16, fc00::/7 …). Default false. Names are not looked up. */
  readonly allowPrivate?: boolean;
  /**
   * Whether a tool, by the server's name for it, may be called again with the same input. Such a call is sent again
   * where the server has forgotten the session, or answers 502, 503 or 504. Default: no tool. What a server itself says
   * of its tools is not trusted.
   */
  readonly isIdempotent?: (tool: string) => boolean;
  /** The longest message that is read. Default 10 MiB. A longer one fails only the call that it answers. */
  readonly maxMessageBytes?: number;
  /** The pauses before the stream of notifications is opened again. Default `{ initial: 1000, max: 60_000 }`. */
  readonly reopen?: ReopeningDelay;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

function settingsOf(address: string | URL, options: McpHttpOptions): HttpSettings {
  const { headers = {}, token, allowHttp = false, allowPrivate = false, isIdempotent = () => false, maxMessageBytes = 10_485_760 } = options;
  return {
    url: serverAddress(address, { allowHttp, allowPrivate }),
    headers,
    token,
    isIdempotent,
    maxMessageBytes,
    // Looked up for each request, so that one that is replaced later (by an instrumentation, say) is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    reopen: options.reopen ?? { initial: 1_000, max: 60_000 },
    warn: listener(options.onWarning),
    notice: listener(options.onNotice),
  };
}

/**
 * An MCP server over Streamable HTTP: each subscription begins a session of its own.
 *
 * Emits the connected client and does not complete. Unsubscribing, also while it connects, closes every stream, tells
 * the server of the calls that it need not go on with, and ends the session by `DELETE`: best effort, two seconds at most.
 *
 * ```text
 * server     --initialize---tools/call-----------DELETE
 * mcpHttp    -------------c---------------------!
 * ```
 *
 * A call that is unsubscribed is cancelled, and its stream closed. A stream that ends before the answer fails the call at
 * once, or is opened again where the server has marked how far it had come. A session that the server has forgotten
 * (404) is begun anew, once for all calls that find it gone; then lists are asked for again, and calls of the tools that
 * `isIdempotent` names. The stream of notifications is opened again after pauses that grow. A server that is too busy
 * (429; 502, 503 and 504 where the request may be repeated) is asked twice more, after the pause that it asks for.
 *
 * The address must begin with `https:`, but for this machine, and must not be one of a private network; options allow
 * both. Redirects are followed within the origin only.
 *
 * Fails with `ConfigurationError` for an address that is not allowed or if `@modelcontextprotocol/sdk` is not installed,
 * `AuthenticationError`, `ConnectionError`, `ServerError` … if it cannot be connected, `TimeoutError` if that takes too
 * long. No error repeats a header, a token, or the path of the address. Once connected it does not fail: a server that
 * is away fails the calls, and is there again when it is.
 *
 * @example
 * ```ts
 * import { mcpHttp, mcpTools } from 'coldstream/mcp';
 *
 * const server$ = mcpHttp('https://mcp.example.com/mcp', { token: () => ['a token'] });
 * mcpTools(server$).subscribe((tools) => console.log(tools.length));
 * ```
 *
 * @param url - The server's address.
 * @param options - See {@link McpHttpOptions}.
 * @returns The connected client.
 */
export function mcpHttp(url: string | URL, options: McpHttpOptions = {}): Observable<McpClient> {
  return defer(() => {
    const settings = settingsOf(url, options);
    const open = (): Connection => ({ transport: new HttpTransport(settings), what: `The MCP server at ${settings.url.origin}`, server: settings.url.origin, lost$: NEVER });
    return from(loadSdk()).pipe(switchMap((sdk) => connected(sdk, options, open)));
  });
}
