// The services that all clients are measured against, in a process of their own. Prints where they are as one JSON line
// and ends when its input does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { anthropicWire } from './anthropic.js';
import { Answers } from './answer.js';
import { bedrockWire } from './bedrock.js';

const anthropic = new Answers(anthropicWire);
const bedrock = new Answers(bedrockWire);

function listener(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  const answers = request.url?.startsWith('/v1/messages') === true ? anthropic : bedrock;
  answers.answer(request, response).catch((error: unknown) => {
    // A client that left in the middle of its request is no failure of the service.
    if (!request.destroyed) console.error(error);
    response.destroy();
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${String(isAddress(address) ? address.port : 0)}`;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

async function main(): Promise<void> {
  const http1 = createServer({ keepAliveTimeout: 60_000, noDelay: true }, listener);
  const http2 = createHttp2Server(listener);
  for (const server of [http1, http2]) server.on('clientError', () => undefined);
  console.log(JSON.stringify({ http1: await listen(http1), http2: await listen(http2) }));
  process.stdin.on('end', () => process.exit(0)).resume();
}

void main();
