import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { defer, firstValueFrom, of } from 'rxjs';
import { mcpHttp, type McpHttpOptions } from 'coldstream/mcp';
import { closeServers, http, httpPeer, json, text, type Reply } from './http-support.js';
import { nobodyLeft, outcome, textOf, until, using } from './support.js';

afterEach(async () => {
  await nobodyLeft();
  await closeServers();
});

const echo: Reply = ({ id }, response) => json(response, { id, result: text('echoed') });

/** The failure of connecting; the request itself is never sent. */
async function failureOf(url: string, options: McpHttpOptions = {}): Promise<unknown> {
  const unused = (): Promise<Response> => Promise.reject(new Error('asked'));
  return firstValueFrom(mcpHttp(url, { fetch: unused, ...options })).catch((error: unknown) => error);
}

describe('the address of a server', () => {
  it.each([
    ['http://example.com/mcp', 'https'],
    ['http://127.0.0.1.example.com/mcp', 'https'],
    ['http://localhost.example.com/mcp', 'https'],
    ['file:///etc/passwd', 'https'],
    ['javascript:alert(1)', 'https'],
    ['not a url', 'URL'],
    ['https://user:hunter22@example.com/', 'headers'],
    ['https://10.1.2.3/mcp', 'private'],
    ['https://0xa.1.2.3/mcp', 'private'],
    ['https://167837955/mcp', 'private'],
    ['https://192.168.0.1/', 'private'],
    ['https://172.31.9.9/', 'private'],
    ['https://169.254.169.254/latest/meta-data', 'private'],
    ['https://0.0.0.0/', 'private'],
    ['https://[fd00::1]/', 'private'],
    ['https://[fe80::1]/', 'private'],
    ['https://[::ffff:10.0.0.1]/', 'private'],
    ['https://[::]/', 'private'],
    ['https://[::10.0.0.1]/', 'private'],
    ['https://[::ffff:0:10.0.0.1]/', 'private'],
    ['https://[64:ff9b::10.0.0.1]/', 'private'],
    ['https://[64:ff9b:1::10.0.0.1]/', 'private'],
    ['https://[2002:a00:1::1]/', 'private'],
    ['https://[fec0::1]/', 'private'],
  ])('D12 is refused before anything is asked: %s', async (url, why) => {
    const error = await failureOf(url);
    expect(error).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining(why) });
    expect(inspect(error)).not.toContain('hunter22');
  });

  it.each([
    ['https://example.com/mcp', {}],
    ['http://localhost:9/mcp', {}],
    ['http://127.8.8.8:9/mcp', {}],
    ['http://[::1]:9/mcp', {}],
    ['https://[::1]:9/mcp', {}],
    ['https://[::ffff:8.8.8.8]/mcp', {}],
    ['https://[2606:4700::1111]/mcp', {}],
    ['https://[64:ff9b::10.0.0.1]/mcp', { allowPrivate: true }],
    ['http://example.com/mcp', { allowHttp: true }],
    ['https://10.1.2.3/mcp', { allowPrivate: true }],
    ['http://10.1.2.3/mcp', { allowHttp: true, allowPrivate: true }],
  ])('D12 is asked: %s', async (url, options) => {
    expect(await failureOf(url, options)).toMatchObject({ _tag: 'ConnectionError', message: expect.stringContaining('asked') });
  });
});

describe('a redirect', () => {
  it('D12 is followed within the origin, with the method and the headers', async () => {
    const peer = await httpPeer({
      echo,
      moved: (_message, response) => response.writeHead(307, { location: '/other' }).end(),
    });
    const fetched: string[] = [];
    const watch: typeof fetch = async (input, init) => {
      fetched.push(String(input));
      return fetch(String(input).endsWith('/other') ? peer.url : input, init);
    };
    await using(http(peer, { fetch: watch }), {}, async (find) => {
      expect(await outcome(find('moved'))).toMatchObject({ isError: true });
    });
    expect(fetched.filter((url) => url.endsWith('/other')).length).toBeGreaterThan(0);
    // It leads back to itself, and is not followed for ever.
    expect(peer.asked().filter((name) => name === 'tools/call moved')).toHaveLength(6);
  });

  it.each([
    ['another origin', 307, (port: number) => `http://127.0.0.1:${String(port)}/mcp`],
    ['another name of the same machine', 308, (port: number) => `http://localhost:${String(port)}/mcp`],
    ['the metadata of a cloud', 307, () => 'http://169.254.169.254/latest'],
    ['a GET of the same origin', 302, () => '/mcp'],
  ])('D12 to %s is refused, and no header goes there', async (_what, status, to) => {
    let reached = 0;
    const other = createServer((_request, response) => {
      reached += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const peer = await httpPeer({ moved: (_message, response) => response.writeHead(status, { location: to(port) }).end() });
    await using(http(peer, { headers: { 'x-key': 'sk-canary-3' } }), {}, async (find) => {
      const refused = await outcome(find('moved'));
      expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('redirects are refused') }] });
    });
    expect(reached).toBe(0);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('keys', () => {
  const secrets = ['sk-canary-4', 'sk-canary-5', 'session-1-secret'];

  it('are sent with every request, and stand in no error, notice or warning', async () => {
    const peer = await httpPeer({
      echo,
      // Repeats all that it was sent, as some gateways do.
      nosy: (message, response, { headers }) => response.writeHead(500).end(`failed: ${JSON.stringify(headers)} ${JSON.stringify(message)}`),
      thief: ({ id }, response, { headers }) => json(response, { id, error: { code: -1, message: JSON.stringify(headers) } }),
    });
    const said: unknown[] = [];
    const note = (value: unknown): unknown => said.push(value);
    await using(http(peer, { headers: { 'x-key': 'sk-canary-4' }, token: () => of('sk-canary-5'), onNotice: note, onWarning: note }), {}, async (find) => {
      said.push(await outcome(find('nosy')));
      expect(await textOf(find('echo'))).toBe('echoed');
    });
    const told = inspect(said, { depth: 9, showHidden: true });
    for (const secret of secrets) expect(told).not.toContain(secret);
    expect(told).toContain('failed');
    await until(() => peer.asked().includes('DELETE'));
    for (const { headers } of peer.seen) expect(headers).toMatchObject({ 'x-key': 'sk-canary-4', authorization: 'Bearer sk-canary-5' });
  });

  it('D5 stand in no error that is answered with the status 200, however deep', async () => {
    const nosy: Reply = ({ id }, response, { headers }) => {
      const said = `failed: ${JSON.stringify(headers)}`;
      json(response, { id, error: { code: -32_042, message: said, data: { said, elicitations: [{ url: `https://example.com/?${said}` }] } } });
    };
    const options: McpHttpOptions = { headers: { 'x-key': 'sk-canary-4' }, token: () => of('sk-canary-5') };
    const told: unknown[] = [];
    const listing = await httpPeer({ nosy });
    await using(http(listing, options), {}, async (find) => told.push(await outcome(find('nosy'))));
    const unlisted = await httpPeer({ 'tools/list': nosy });
    await using(http(unlisted, options), {}, () => Promise.resolve()).catch((error: unknown) => told.push(error));
    const closed = await httpPeer({ initialize: nosy });
    await firstValueFrom(http(closed, options)).catch((error: unknown) => told.push(error));
    expect(told).toHaveLength(3);
    for (const one of told) {
      const shown = inspect(one, { depth: 9, showHidden: true });
      expect(shown).toContain('failed');
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });

  it('are asked for once more when the server refuses one', async () => {
    const tokens = ['stale', 'fresh', 'fresh', 'fresh'];
    let asked = 0;
    const token = defer(() => of(tokens[asked++] ?? 'fresh'));
    const peer = await httpPeer({
      echo,
      initialize: ({ id }, response, { headers }) => {
        if (headers.authorization !== 'Bearer fresh') response.writeHead(401).end();
        else json(response, { id, result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'x', version: '1' } } }, { 'mcp-session-id': 'one' });
      },
    });
    peer.admit('one');
    await using(http(peer, { token: () => token }), {}, async (find) => expect(await textOf(find('echo'))).toBe('echoed'));
    expect(peer.asked().slice(0, 2)).toEqual(['initialize', 'initialize']);
  });

  it('that are refused fail with an AuthenticationError', async () => {
    const peer = await httpPeer();
    peer.refuse(401);
    const error: unknown = await firstValueFrom(http(peer, { token: () => ['sk-canary-6'] })).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ _tag: 'AuthenticationError' });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('sk-canary-6');
    expect(peer.seen).toHaveLength(2);
  });
});

describe('a server that is busy', () => {
  it('is asked again after the pause that it asks for, where the request may be repeated', async () => {
    let times = 0;
    const busy = (status: number): Reply => (message, response, seen) => {
      times += 1;
      if (times % 2 === 1) response.writeHead(status, { 'retry-after-ms': '1' }).end();
      else echo(message, response, seen);
    };
    const peer = await httpPeer({ limited: busy(429), unavailable: busy(503), safe: busy(503) });
    const pauses: unknown[] = [];
    await using(http(peer, { isIdempotent: (tool) => tool === 'safe', onNotice: (notice) => pauses.push(notice) }), {}, async (find) => {
      expect(await textOf(find('limited'))).toBe('echoed');
      expect(await textOf(find('safe'))).toBe('echoed');
      expect(await outcome(find('unavailable'))).toMatchObject({ isError: true });
    });
    expect(pauses).toMatchObject([
      { type: 'request_delayed', attempt: 1, delayMs: 1 },
      { type: 'request_delayed', attempt: 1, delayMs: 1 },
    ]);
  });
});
