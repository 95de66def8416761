import { createServer, type Server } from 'node:http';
import { anthropic } from 'coldstream/anthropic';
import { lastValueFrom } from 'rxjs';

const refusal = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } });
const answers = {
  'a status': [401, 'application/json', refusal],
  'an event of the stream': [200, 'text/event-stream', `event: error\ndata: ${refusal}\n\n`],
  'a body that is no stream': [200, 'application/json', refusal],
} as const;

describe('a key that the service has refused', () => {
  const known = process.env['ANTHROPIC_API_KEY'];
  let server: Server | undefined;

  afterEach(() => {
    if (known === undefined) delete process.env['ANTHROPIC_API_KEY'];
    else process.env['ANTHROPIC_API_KEY'] = known;
    server?.close();
    server?.closeAllConnections();
  });

  it.each(Object.entries(answers))('by %s is read anew from the environment for the next request', async (_, [status, type, body]) => {
    const keys: unknown[] = [];
    const service = createServer((request, response) => {
      keys.push(request.headers.authorization);
      request.resume();
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    server = service;
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const address = service.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const provider = anthropic({ model: 'claude-sonnet-5', baseURL: `http://127.0.0.1:${port}` });
    for (const key of ['old', 'new']) {
      process.env['ANTHROPIC_API_KEY'] = key;
      const turn$ = provider({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] });
      await expect(lastValueFrom(turn$)).rejects.toMatchObject({ code: 'authentication' });
    }
    expect(keys).toEqual(['Bearer old', 'Bearer new']);
  });
});
