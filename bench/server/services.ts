import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { anthropicWire } from './anthropic.js';
import { Answers } from './answer.js';
import { bedrockWire } from './bedrock.js';

/** Where the services listen: Anthropic's by HTTP/1.1, Bedrock's by either. */
export interface Addresses {
  readonly http1: string;
  /** Cleartext, without an upgrade. */
  readonly http2: string;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${String(isAddress(address) ? address.port : 0)}`;
}

/** The services that all clients are measured against. `close` drops all connections. */
export async function startServices(): Promise<{ readonly addresses: Addresses; close(): void }> {
  const anthropic = new Answers(anthropicWire);
  const bedrock = new Answers(bedrockWire);
  const listener = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void => {
    const answers = request.url?.startsWith('/v1/messages') === true ? anthropic : bedrock;
    answers.answer(request, response).catch((error: unknown) => {
      // A client that left in the middle of its request is no failure of the service.
      if (!request.destroyed) console.error(error);
      response.destroy();
    });
  };
  const http1 = createServer({ keepAliveTimeout: 60_000, noDelay: true }, listener);
  const http2 = createHttp2Server(listener);
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session) => sessions.add(session.on('close', () => sessions.delete(session))));
  for (const server of [http1, http2]) server.on('clientError', () => undefined);
  const addresses = { http1: await listen(http1), http2: await listen(http2) };
  const close = (): void => {
    http1.close();
    http1.closeAllConnections();
    http2.close();
    for (const session of sessions) session.destroy();
  };
  return { addresses, close };
}
