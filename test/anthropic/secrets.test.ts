import { inspect } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import { lastValueFrom, toArray } from 'rxjs';
import { agent, retrying } from 'coldstream';
import { anthropic, type AnthropicConfig } from 'coldstream/anthropic';
import { closeAll, EMPTY_TEXT, HELLO, open, outcomeOf, serve, sse, start, text } from './support.js';

const ENVIRONMENT = process.env;
const API_KEY = 'canary-api-key-0123456789';
const AUTH_TOKEN = 'canary-auth-token-0123456789';
const GATEWAY = 'canary-gateway-"/+ <0123456789>';
const DEFAULT = 'canary-default-0123456789';
const QUERY = 'canary-query-0123456789';
const PASSWORD = 'canary-p%40ss-0123456789';

beforeEach(() => {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ANTHROPIC_BASE_URL: _url, ANTHROPIC_PROFILE: _profile, ...rest } = ENVIRONMENT;
  process.env = { ...rest, ANTHROPIC_CONFIG_DIR: '/nonexistent' };
});

afterEach(async () => {
  process.env = ENVIRONMENT;
  jest.restoreAllMocks();
  await closeAll();
});

/** All that is secret says so, however it is written down. */
function hits(shown: string): readonly string[] {
  return [...shown.matchAll(/.{0,20}canary.{0,30}/gis)].map(String);
}

function everythingOf(value: unknown): string {
  const parts = [inspect(value, { showHidden: true, depth: 20 }), JSON.stringify(value) ?? ''];
  if (value instanceof Error) parts.push(String(value), value.stack ?? '', inspect(value.cause, { showHidden: true, depth: 20 }));
  return parts.join('\n');
}

type Echo = (headers: Record<string, string>, whole: string) => readonly [status: number, headers: Record<string, string>, body: string];

const STREAM = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const clean = (text: string): string => text.replace(/[^\x20-\x7e]/g, '');
const error = (message: string, more: object = {}): string => JSON.stringify({ type: 'error', error: { type: 'api_error', message }, ...more });
const begun = sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]);

/** The key by itself. */
const bare = (headers: Record<string, string>): string => headers['authorization']?.split(' ')[1] ?? headers['x-api-key'] ?? '';

/** What a service may do that repeats all it was sent. */
const ECHOES: readonly (readonly [string, Echo])[] = [
  ['a message', (_, all) => [400, JSON_TYPE, error(all)]],
  ['a message that is cut anywhere', (_, all) => [400, JSON_TYPE, error('x'.repeat(470) + all)]],
  ['another message that is cut', (_, all) => [500, JSON_TYPE, error('x'.repeat(485) + all)]],
  ['the type of an error', ({ authorization = '' }) => [401, JSON_TYPE, JSON.stringify({ error: { type: authorization.split(' ')[1] ?? '', message: 'No.' } })]],
  ['its details', (headers) => [401, JSON_TYPE, JSON.stringify({ error: { type: 'x', message: 'No.', details: headers } })]],
  ['the id of the request', (headers) => [500, { ...JSON_TYPE, 'request-id': headers['authorization']?.split(' ')[1] ?? '' }, error('No.', { request_id: headers['x-default'] ?? '' })]],
  ['an error that is text', (_, all) => [500, JSON_TYPE, JSON.stringify({ error: all })]],
  ['JSON of another kind', (headers) => [400, JSON_TYPE, JSON.stringify(headers)]],
  ['JSON of another kind, under a 200', (headers) => [200, JSON_TYPE, JSON.stringify(headers)]],
  ['JSON that is cut', (headers) => [400, JSON_TYPE, JSON.stringify({ pad: 'x'.repeat(130), ...headers })]],
  ['JSON under a 200 that is cut', (headers) => [200, JSON_TYPE, JSON.stringify({ pad: 'x'.repeat(150), ...headers })]],
  ['bare words that are cut', (headers) => [502, { 'content-type': 'text/plain' }, `${'x'.repeat(188)} ${bare(headers)}`]],
  ['bare words under a 200 that are cut', (headers) => [200, { 'content-type': 'application/text' }, `${'x'.repeat(188)} ${bare(headers)}`]],
  ['the bare id of the request', (headers) => [500, JSON_TYPE, error('No.', { request_id: bare(headers) })]],
  ['the bare id of the request in a stream', (headers) => [200, STREAM, `event: error\ndata: ${error('No.', { request_id: bare(headers) })}\n\n`]],
  ['a page', (_, all) => [502, { 'content-type': 'text/html' }, `<html>${all}</html>`]],
  ['text', (_, all) => [502, { 'content-type': 'text/plain' }, all]],
  ['text under a 200', (_, all) => [200, { 'content-type': 'text/html' }, all]],
  ['the kind of its content', (headers) => [200, { 'content-type': `text/html; ${headers['authorization'] ?? ''} ${headers['x-default'] ?? ''}` }, 'No.']],
  ['the kind of an empty stream', (headers) => [200, { 'content-type': `text/event-stream; ${headers['authorization'] ?? ''}` }, '']],
  ['an error event', (_, all) => [200, STREAM, `event: error\ndata: ${error(all)}\n\n`]],
  ['an error event after content', (_, all) => [200, STREAM, `${begun}event: error\ndata: ${error(all)}\n\n`]],
  ['an error event of words', (_, all) => [200, STREAM, `event: error\ndata: ${'x'.repeat(190)}${clean(all)}\n\n`]],
  ['data that is no JSON', (_, all) => [200, STREAM, `data: ${clean(all)}\n\n`]],
  ['the name of an event', (_, all) => [200, STREAM, `event: ${clean(all)}\ndata: {"half\n\n`]],
  ['the id of a call, twice', (headers) => {
    const call = { type: 'tool_use', id: headers['authorization']?.split(' ')[1] ?? '', name: 'n', input: {} };
    return [200, STREAM, sse([start(), open(0, call), open(1, call)])];
  }],
  ['members of an event that is refused', (headers) => [200, STREAM, sse([start(), { type: 'content_block_start', index: 0, content_block: { ...headers, __proto__x: 1 } }]).replace('__proto__x', '__proto__')]],
  ['a redirect', (headers) => [302, { location: `http://127.0.0.1:1/?${encodeURIComponent(headers['authorization'] ?? '')}` }, '']],
];

/** How a key comes to a provider. */
const CLIENTS: readonly (readonly [string, (baseURL: string) => Partial<AnthropicConfig>])[] = [
  ['apiKey and headers', (baseURL) => ({ baseURL, apiKey: API_KEY, headers: { 'x-gateway': GATEWAY, 'x-default': DEFAULT } })],
  ['the environment', (baseURL) => {
    process.env['ANTHROPIC_API_KEY'] = API_KEY;
    process.env['ANTHROPIC_CUSTOM_HEADERS'] = `x-gateway: ${GATEWAY}\nx-default: ${DEFAULT}`;
    return { baseURL };
  }],
  ['a client with a key and headers of its own', (baseURL) => ({ client: new Anthropic({ baseURL, apiKey: API_KEY, defaultHeaders: { 'x-default': DEFAULT, 'X-Gateway': GATEWAY } }) })],
  ['a client with a token and Headers', (baseURL) => ({ client: new Anthropic({ baseURL, authToken: AUTH_TOKEN, defaultHeaders: new Headers({ 'x-default': DEFAULT }) }), headers: { 'x-gateway': GATEWAY } })],
  ['a client with a key in a list of headers', (baseURL) => ({ client: new Anthropic({ baseURL, apiKey: API_KEY, defaultHeaders: [['x-default', DEFAULT], ['x-gateway', GATEWAY]] }) })],
  ['a client with a function for a key', (baseURL) => ({ client: new Anthropic({ baseURL, apiKey: () => Promise.resolve(API_KEY), defaultHeaders: { 'x-default': DEFAULT } }) })],
  ['a client with a key in its query', (baseURL) => ({ client: new Anthropic({ baseURL, apiKey: API_KEY, defaultQuery: { key: QUERY }, defaultHeaders: { 'x-default': DEFAULT } }) })],
];

/** A server that repeats every header in the way of the echo. */
async function hostile(echo: Echo): Promise<string> {
  const { url } = await serve((response, request) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const all = [request.url, ...Object.entries(headers).filter(([name]) => /auth|key|^x-(?:gateway|default)/.test(name)).map(([name, value]) => `${name}: ${value}`)].join(', ');
    const [status, answered, body] = echo(headers, all);
    response.writeHead(status, answered).end(body);
  });
  return url;
}

describe('D5: no error and no event tells a secret to anybody', () => {
  describe.each(CLIENTS)('%s', (name, configure) => {
    // Of a key that only a function knows nothing can be taken out by its value.
    const echoes = ECHOES.filter(([how]) => !(name.includes('function') && /^bare|id of the request/.test(how)));
    it.each(echoes)('repeated in %s', async (_how, echo) => {
      const provider = anthropic({ model: 'claude-test', ...configure(await hostile(echo)) });
      const outcome = await outcomeOf(provider(HELLO));
      expect(outcome.error).toBeInstanceOf(Error);
      expect(hits(everythingOf(outcome.error))).toEqual([]);
      // What is begun of a call is the answer itself.
      expect(hits(everythingOf(outcome.events.filter(({ type }) => type !== 'tool_input_start')))).toEqual([]);
      expect(hits(everythingOf(provider))).toEqual([]);
    });

    it('in the events of a run that tries again and fails', async () => {
      const provider = anthropic({ model: 'claude-test', ...configure(await hostile((_, all) => [529, { ...JSON_TYPE, 'retry-after-ms': '1' }, error(all)])) });
      const events = await lastValueFrom(agent({ provider: retrying({ attempts: 2 })(provider), resilience: false })('Hello').pipe(toArray()));
      expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['retry', 'error']));
      expect(hits(everythingOf(events))).toEqual([]);
    });
  });

  it('a password in the address of a client', async () => {
    for (const baseURL of [`http://user:${PASSWORD}@127.0.0.1:9`, `http://${PASSWORD}@127.0.0.1:9`]) {
      const { error: failed } = await outcomeOf(anthropic({ model: 'x', client: new Anthropic({ baseURL, apiKey: API_KEY }) })(HELLO));
      expect(failed).toBeInstanceOf(Error);
      expect(hits(everythingOf(failed))).toEqual([]);
    }
  });

  it('a client of another kind, which fails with all that it knows', async () => {
    const client = {
      awsSecretKey: 'canary-aws-0123456789',
      messages: {
        create: (body: object, options: object) => ({
          asResponse: () => Promise.reject(Object.assign(new Error(`No: canary-aws-0123456789, Authorization: Bearer canary.0123456789`), { body, options, request: { headers: { authorization: API_KEY } } })),
        }),
      },
    };
    const { error: failed } = await outcomeOf(anthropic({ model: 'x', client })(HELLO));
    expect(failed).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining('No: [redacted]') });
    expect(hits(everythingOf(failed))).toEqual([]);
  });

  it('what the SDK logs when it is asked to', async () => {
    process.env['ANTHROPIC_LOG'] = 'debug';
    const logged: unknown[] = [];
    for (const level of ['debug', 'info', 'warn', 'error'] as const) jest.spyOn(console, level).mockImplementation((...said) => logged.push(said));
    const url = await hostile((_, all) => [400, JSON_TYPE, error(all)]);
    await outcomeOf(anthropic({ model: 'x', baseURL: url, apiKey: API_KEY, headers: { 'x-gateway': GATEWAY } })(HELLO));
    expect(everythingOf(logged)).toContain('/v1/messages');
    expect(hits(everythingOf(logged))).toEqual([]);
  });

  it('what is no secret stays readable', async () => {
    for (const message of ['max_tokens: 5 > 4, which is the maximum', 'Bearer authentication is required', 'on the basic plan', 'tools.0.custom.input_schema: Field required', 'api key invalid', 'prompt is too long: 208310 tokens > 200000 maximum']) {
      const url = await hostile(() => [400, JSON_TYPE, error(message)]);
      const { error: failed } = await outcomeOf(anthropic({ model: 'x', baseURL: url, apiKey: API_KEY })(HELLO));
      expect(String(failed)).toContain(message);
    }
  });
});
