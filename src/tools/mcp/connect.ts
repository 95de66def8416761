import { catchError, defer, EMPTY, finalize, map, merge, throwError, timeout, type Observable } from 'rxjs';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { isColdstreamError, messageOf } from '../../errors/describe.js';
import { ConnectionError, TimeoutError } from '../../errors/errors.js';
import { noTimeout, type McpClient } from './client.js';
import type { McpClientOptions } from './client-options.js';
import { elicitationCapabilities, eliciting } from './elicitation.js';
import type { Sdk } from './load-sdk.js';
import { listener } from './notices.js';

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
