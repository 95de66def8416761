import { catchError, defer, EMPTY, finalize, map, merge, throwError, timeout, type Observable } from 'rxjs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { isColdstreamError, messageOf } from '../../errors/describe.js';
import { ConnectionError, TimeoutError } from '../../errors/errors.js';
import { noTimeout, type McpClient } from './client.js';
import { elicitationCapabilities, eliciting, type Elicit } from './elicitation.js';
import type { Sdk } from './load-sdk.js';
import { listener, type OnNotice } from './notices.js';

/** What every client of ours can be told, whatever it is connected by. */
export interface McpClientOptions {
  /** The client's name, as told to the server. Default `coldstream`. */
  readonly name?: string;
  /** The client's version, as told to the server. */
  readonly version?: string;
  /** How long starting and connecting may take, in milliseconds. Default 60,000: `npx` may have to download. */
  readonly connectTimeout?: number;
  /** Told of what the server sent that is no message, and of messages that were dropped. Default: nobody is. */
  readonly onWarning?: (message: string) => void;
  /** Told of what happens outside of any call, see {@link McpNotice}. Default: nobody is. */
  readonly onNotice?: OnNotice;
  /**
   * Asks a person what the server wants to know: turns its questions into answers that carry the same `id`. Without it
   * the server is told that nobody can be asked.
   */
  readonly elicit?: Elicit;
  /** How long a question waits for its answer, in milliseconds; then it is cancelled. Default: for as long as the call. */
  readonly elicitTimeout?: number;
}

type SdkTransport = Parameters<Client['connect']>[0];

/** A transport that can be connected, and who it leads to, for people. */
export interface Connection {
  readonly transport: SdkTransport;
  readonly what: string;
  /** The same, as it is told with each question of the server's. */
  readonly server: string;
  /** Fails when the connection is lost. */
  readonly lost$: Observable<never>;
}

/** A client of the SDK over the transport that is made for each subscription, and closed with it. */
export function connected(sdk: Sdk, options: McpClientOptions, open: () => Connection): Observable<McpClient> {
  return defer(() => {
    const { connectTimeout = 60_000, elicit } = options;
    const { transport, what, server, lost$ } = open();
    const warn = listener(options.onWarning);
    const capabilities = elicit === undefined ? {} : elicitationCapabilities;
    const client = new sdk.Client({ name: options.name ?? 'coldstream', version: options.version ?? '0.1.0' }, { capabilities });
    client.onerror = (error) => warn(messageOf(error));
    const settings = { server, timeout: options.elicitTimeout, warn, notice: listener(options.onNotice) };
    const answers$ = elicit === undefined ? EMPTY : eliciting(sdk, client, { ...settings, elicit });
    const client$ = defer(() => client.connect(transport, { timeout: noTimeout })).pipe(
      map(() => client),
      timeout({
        first: connectTimeout,
        with: () => throwError(() => new TimeoutError(`${what} did not connect within ${connectTimeout} ms.`)),
      }),
      catchError((error: unknown) =>
        throwError(() => (isColdstreamError(error) ? error : new ConnectionError(`${what} could not be connected: ${messageOf(error)}`, { cause: error }))),
      ),
    );
    return merge(lost$, answers$, client$).pipe(finalize(() => void transport.close()));
  });
}
