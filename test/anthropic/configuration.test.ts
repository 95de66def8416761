import { inspect } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import { anthropic, type AnthropicConfig } from 'coldstream/anthropic';
import { modelOf } from 'coldstream';
import { closeAll, GREETING, HELLO, KEY, outcomeOf, serve, serveTcp, sse, textOf, until, type Outcome } from './support.js';

const STREAM = { 'content-type': 'text/event-stream' };
const ENVIRONMENT = process.env;

beforeEach(() => {
  // No key, and no profile, of whoever runs the tests.
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ANTHROPIC_BASE_URL: _url, ANTHROPIC_PROFILE: _profile, ...rest } = ENVIRONMENT;
  process.env = { ...rest, ANTHROPIC_CONFIG_DIR: '/nonexistent' };
});

afterEach(async () => {
  process.env = ENVIRONMENT;
  jest.dontMock('@anthropic-ai/sdk');
  jest.resetModules();
  await closeAll();
});

function ask(config: Partial<AnthropicConfig>): Promise<Outcome> {
  return outcomeOf(anthropic({ model: 'claude-test', ...config })(HELLO));
}

describe('configuration', () => {
  it('without a key it says where one goes, and sends nothing', async () => {
    const server = await serve((response) => response.end());
    const { error } = await ask({ baseURL: server.url });
    expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringMatching(/ANTHROPIC_API_KEY.*apiKey/) });
    expect(server.requests).toHaveLength(0);
  });

  it('takes the key from the environment when it is subscribed', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const provider = anthropic({ model: 'claude-test', baseURL: server.url });
    process.env['ANTHROPIC_API_KEY'] = KEY;
    expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
    expect(JSON.stringify(server.requests[0]?.headers)).toContain(KEY);
  });

  it('sends the headers that it was given', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    await ask({ baseURL: server.url, apiKey: KEY, headers: { 'anthropic-beta': 'files-api', 'x-team': 'blue' } });
    expect(server.requests[0]?.headers).toMatchObject({ 'anthropic-beta': 'files-api', 'x-team': 'blue' });
    expect(server.requests[0]?.url).toBe('/v1/messages');
  });

  it.each([
    ['is not installed', Object.assign(new Error("Cannot find module '@anthropic-ai/sdk'"), { code: 'MODULE_NOT_FOUND' })],
    ['could not be loaded', new Error('broken')],
  ])('an SDK that %s is a ConfigurationError at the first subscription that says what to install', async (what, failure) => {
    jest.doMock('@anthropic-ai/sdk', () => {
      throw failure;
    });
    const provider = anthropic({ model: 'claude-test', apiKey: KEY });
    const { error } = await outcomeOf(provider(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining('npm install @anthropic-ai/sdk') });
    expect(String(error)).toContain(what);
  });

  it.each(['not a url', '', 'ftp://api.invalid', 'file:///etc', 'http://127.0.0.1:99999', 'http://user:canary@127.0.0.1:1', 'http://127.0.0.1:9', '127.0.0.1:8080'])(
    'an address that nothing can be sent to is a ConfigurationError: %j',
    async (baseURL) => {
      const { error } = await outcomeOf(anthropic({ model: 'x', apiKey: KEY, baseURL })(HELLO));
      expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringContaining('baseURL') });
      expect(String(error)).not.toContain('canary');
    },
  );

  it('an address of the environment is looked at as well', async () => {
    process.env['ANTHROPIC_BASE_URL'] = 'ftp://api.invalid';
    try {
      const { error } = await outcomeOf(anthropic({ model: 'x', apiKey: KEY })(HELLO));
      expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false });
    } finally {
      delete process.env['ANTHROPIC_BASE_URL'];
    }
  });

  it('betas in extra go into the header, after those that are there already, and not into the body', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const provider = anthropic({ model: 'claude-test', baseURL: server.url, apiKey: KEY, headers: { 'Anthropic-Beta': 'files-api, one', 'x-team': 'blue' }, extra: { betas: ['one', 'two'], top_k: 5 } });
    await outcomeOf(provider(HELLO));
    await outcomeOf(provider({ ...HELLO, extra: { betas: ['three'] } }));
    await outcomeOf(provider({ ...HELLO, extra: { betas: [] } }));
    expect(server.requests.map(({ headers }) => headers['anthropic-beta'])).toEqual(['files-api,one,two', 'files-api,one,three', 'files-api, one']);
    expect(server.requests[0]?.headers).toMatchObject({ 'x-team': 'blue' });
    for (const body of server.bodies) expect(JSON.parse(body)).toMatchObject({ top_k: 5, stream: true });
    expect(server.bodies.join()).not.toContain('betas');
  });

  it('betas that are no list of names are the service\'s to refuse', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    await ask({ baseURL: server.url, apiKey: KEY, extra: { betas: 'one' } });
    expect(server.requests[0]?.headers).not.toHaveProperty('anthropic-beta');
    expect(server.bodies[0]).toContain('"betas":"one"');
  });

  it('any other member of extra goes into the body as it is', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const extra = { mcp_servers: [{ type: 'url', url: 'https://example.org', name: 'demo' }], context_management: { edits: [] }, container: { skills: [] }, service_tier: 'auto' };
    await ask({ baseURL: server.url, apiKey: KEY, extra });
    expect(JSON.parse(server.bodies[0] ?? '')).toMatchObject(extra);
  });

  it('names its model, for what wraps it', () => {
    expect(modelOf(anthropic({ model: 'claude-test' }))).toBe('claude-test');
  });

  it('with a client of the caller the SDK is never loaded', async () => {
    jest.doMock('@anthropic-ai/sdk', () => {
      throw new Error('loaded');
    });
    const client = { messages: { create: () => ({ asResponse: () => Promise.resolve(new Response(sse(GREETING), { headers: STREAM })) }) } };
    expect(await ask({ client })).toMatchObject({ completed: true });
  });

  it('a client of the SDK fits, and does not retry either', async () => {
    const server = await serve((response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{}'));
    const { error } = await ask({ client: new Anthropic({ apiKey: KEY, baseURL: server.url, maxRetries: 5 }) });
    expect(error).toMatchObject({ _tag: 'ServerError', status: 500 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the client that is made here', () => {
  it('serves all requests of a provider, and of one provider only', async () => {
    const made: unknown[] = [];
    const actual: object = jest.requireActual('@anthropic-ai/sdk');
    jest.doMock('@anthropic-ai/sdk', () => ({
      ...actual,
      Anthropic: class extends Anthropic {
        constructor(options: ConstructorParameters<typeof Anthropic>[0]) {
          super(options);
          made.push(this);
        }
      },
    }));
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const provider = anthropic({ model: 'claude-test', baseURL: server.url, apiKey: KEY });
    const source = provider(HELLO);
    expect(made).toHaveLength(0);
    const outcomes = await Promise.all([outcomeOf(source), outcomeOf(source), outcomeOf(provider(HELLO))]);
    outcomes.push(await outcomeOf(source));
    expect(outcomes.map(({ completed }) => completed)).toEqual([true, true, true, true]);
    expect(made).toHaveLength(1);
    expect(await outcomeOf(anthropic({ model: 'claude-test', baseURL: server.url, apiKey: KEY })(HELLO))).toMatchObject({ completed: true });
    expect(made).toHaveLength(2);
  });

  it('is not kept where it could not be made: an SDK that is there later is found', async () => {
    jest.doMock('@anthropic-ai/sdk', () => {
      throw new Error('broken');
    });
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const provider = anthropic({ model: 'claude-test', baseURL: server.url, apiKey: KEY });
    expect((await outcomeOf(provider(HELLO))).error).toMatchObject({ _tag: 'ConfigurationError' });
    jest.dontMock('@anthropic-ai/sdk');
    jest.resetModules();
    expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
  });

  it('is not kept either where nobody waited to hear that it could not be made', async () => {
    let loads = 0;
    jest.doMock('@anthropic-ai/sdk', () => {
      loads += 1;
      throw new Error('broken');
    });
    const server = await serve((response) => response.writeHead(200, STREAM).end(sse(GREETING)));
    const provider = anthropic({ model: 'claude-test', baseURL: server.url, apiKey: KEY });
    provider(HELLO).subscribe().unsubscribe();
    await until(() => loads === 1);
    await new Promise((resolve) => setImmediate(resolve));
    jest.dontMock('@anthropic-ai/sdk');
    jest.resetModules();
    expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
  });

  it('reads the environment anew where it had no key, or one that the service refused', async () => {
    const server = await serve((response, { headers }) => {
      const known = JSON.stringify(headers).includes('second');
      if (known) response.writeHead(200, STREAM).end(sse(GREETING));
      else response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    });
    const provider = anthropic({ model: 'claude-test', baseURL: server.url });
    expect((await outcomeOf(provider(HELLO))).error).toMatchObject({ _tag: 'ConfigurationError' });
    process.env['ANTHROPIC_API_KEY'] = `${KEY}-first`;
    expect((await outcomeOf(provider(HELLO))).error).toMatchObject({ _tag: 'AuthenticationError' });
    process.env['ANTHROPIC_API_KEY'] = `${KEY}-second`;
    expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
    process.env['ANTHROPIC_API_KEY'] = `${KEY}-third`;
    expect(await outcomeOf(provider(HELLO))).toMatchObject({ completed: true });
  });

  it('uses the global fetch of the moment', async () => {
    const before = globalThis.fetch;
    const provider = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: 'http://127.0.0.1' });
    try {
      for (const said of ['one', 'two']) {
        globalThis.fetch = () => Promise.resolve(new Response(sse(GREETING).replace('Hel', said), { headers: STREAM }));
        expect(textOf((await outcomeOf(provider(HELLO))).events)).toBe(`${said}lo 😀`);
      }
    } finally {
      globalThis.fetch = before;
    }
  });
});

describe('D5: no error holds a key or a header', () => {
  const SECRET = 'canary-gateway-secret';

  function expectClean(error: unknown): void {
    expect(error).toBeInstanceOf(Error);
    const shown = [String(error), JSON.stringify(error), inspect(error, { showHidden: true, depth: 10 }), error instanceof Error ? error.stack : ''].join('\n');
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toMatch(/authorization|x-api-key|x-gateway/i);
  }

  const headers = { 'x-gateway': SECRET };

  it.each([
    ['a refusal that repeats them', 401, 'application/json', JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: `bad key ${KEY} for ${SECRET}` } })],
    ['a page that repeats them', 502, 'text/plain', `no route for Bearer ${KEY}`],
    ['JSON under a 200 that repeats them', 200, 'application/json', JSON.stringify({ error: { type: 'api_error', message: KEY } })],
    ['other JSON under a 200', 200, 'application/json', JSON.stringify({ seen: KEY })],
    ['a rate limit', 429, 'application/json', '{}'],
    ['an empty stream', 200, 'text/event-stream', ''],
    ['a broken stream', 200, 'text/event-stream', `data: {"${KEY}\n\n`],
    ['an error event that repeats them', 200, 'text/event-stream', `event: error\ndata: {"error":{"message":"${KEY} ${SECRET}"}}\n\n`],
  ])('%s', async (_title, status, type, body) => {
    const server = await serve((response) => response.writeHead(status, { 'content-type': type }).end(body));
    expectClean((await ask({ baseURL: server.url, apiKey: KEY, headers })).error);
    expectClean((await ask({ client: new Anthropic({ apiKey: KEY, baseURL: server.url }), headers })).error);
    process.env['ANTHROPIC_API_KEY'] = KEY;
    expectClean((await ask({ baseURL: server.url, headers })).error);
  });

  it('a connection that fails', async () => {
    const server = await serveTcp((socket) => socket.resetAndDestroy());
    expectClean((await ask({ baseURL: server.url, apiKey: KEY, headers })).error);
    await closeAll();
    expectClean((await ask({ baseURL: server.url, apiKey: KEY, headers })).error);
  });

  it('a fetch that throws with the request in its hands', async () => {
    const fetch = (_url: unknown, init?: RequestInit): Promise<Response> =>
      Promise.reject(Object.assign(new TypeError(`fetch failed for Bearer ${KEY}`), { init, cause: Object.assign(new Error(`socket of ${SECRET}`), { code: 'EPIPE', init }) }));
    expectClean((await ask({ baseURL: 'http://127.0.0.1', apiKey: KEY, headers, fetch })).error);
  });

  it('a key and an address that cannot be sent', async () => {
    expectClean((await ask({ baseURL: 'http://127.0.0.1:9', apiKey: `${KEY}\n${KEY}` })).error);
    expectClean((await ask({ baseURL: 'http://127.0.0.1:9', apiKey: KEY, headers: { 'x-other': `${SECRET}\u2028` } })).error);
    expectClean((await ask({ baseURL: `http://user:${SECRET}@127.0.0.1:9`, apiKey: KEY })).error);
  });
});
