import { catchError, defer, finalize, map, merge, throwError, timeout, type Observable } from 'rxjs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { isColdstreamError, messageOf } from '../../errors/describe.js';
import { ConnectionError, TimeoutError } from '../../errors/errors.js';
import { noTimeout, type McpClient } from './client.js';
import type { Sdk } from './load-sdk.js';

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
}

type SdkTransport = Parameters<Client['connect']>[0];

/** A transport that can be connected, and who it leads to, for people. */
export interface Connection {
  readonly transport: SdkTransport;
  readonly what: string;
  /** Fails when the connection is lost. */
  readonly lost$: Observable<never>;
}

/** A client of the SDK over the transport that is made for each subscription, and closed with it. */
export function connected({ Client }: Sdk, options: McpClientOptions, open: () => Connection): Observable<McpClient> {
  return defer(() => {
    const { connectTimeout = 60_000, onWarning = () => undefined } = options;
    const { transport, what, lost$ } = open();
    const client = new Client({ name: options.name ?? 'coldstream', version: options.version ?? '0.1.0' }, { capabilities: {} });
    client.onerror = (error) => onWarning(messageOf(error));
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
    return merge(lost$, client$).pipe(finalize(() => void transport.close()));
  });
}
