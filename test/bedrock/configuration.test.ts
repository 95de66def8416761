import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { BedrockRuntime, BedrockRuntimeClient, ThrottlingException, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { bedrock, type BedrockClient, type BedrockConfig } from 'coldstream/bedrock';
import type { JsonObject } from '../../src/events/json.js';
import { modelOf } from '../../src/provider.js';
import {
  ask,
  closeAll,
  CREDENTIALS,
  exception,
  failure,
  frame,
  GREETING,
  HALF,
  HANDLERS,
  HELLO,
  joined,
  outcomeOf,
  provider,
  serve,
  serveTcp,
  STREAM,
  textOf,
  type Loopback,
  type Outcome,
  type Reply,
} from './support.js';

const ENVIRONMENT = process.env;

beforeEach(() => {
  // No key, region or profile of whoever runs the tests, and nobody on the network is asked for any.
  const kept = Object.entries(ENVIRONMENT).filter(([name]) => !name.startsWith('AWS_'));
  process.env = {
    ...Object.fromEntries(kept),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  };
});

afterEach(async () => {
  process.env = ENVIRONMENT;
  jest.dontMock('@aws-sdk/client-bedrock-runtime');
  jest.dontMock('@smithy/node-http-handler');
  await closeAll();
});

const whole = (reply: Reply): void => reply.answer(200, STREAM, joined(GREETING));

/** A client as an application makes it: with the SDK's own retries. */
function clientOf(url: string, config: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ region: 'us-east-1', endpoint: url, credentials: { ...CREDENTIALS }, ...config });
}

describe('what is missing', () => {
  const packages = ['@aws-sdk/client-bedrock-runtime', '@smithy/node-http-handler'] as const;

  it.each(packages.flatMap((name) => [
    [name, 'is not installed', Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })] as const,
    [name, 'could not be loaded', new Error('broken')] as const,
  ]))('%s, if it %s, is named with what to run, and may come later', async (name, what, missing) => {
    jest.doMock(name, () => {
      throw missing;
    });
    const server = await serve('http1', whole);
    const asked = provider(server.url, { handler: 'http1' });
    const { error } = await outcomeOf(asked(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringContaining(`npm install ${name}`) });
    expect(String(error)).toContain(what);
    jest.dontMock(name);
    jest.resetModules();
    expect(await outcomeOf(asked(HELLO))).toMatchObject({ completed: true });
  });

  it('without a region it says where one goes, and sends nothing', async () => {
    const server = await serve('http2', whole);
    const { error } = await outcomeOf(bedrock({ model: 'test', endpoint: server.url, credentials: CREDENTIALS })(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringMatching(/AWS_REGION.*region/) });
    expect(server.connections).toBe(0);
  });

  it('without credentials it says where they go, and sends nothing', async () => {
    const server = await serve('http2', whole);
    const { error } = await outcomeOf(bedrock({ model: 'test', region: 'us-east-1', endpoint: server.url })(HELLO));
    for (const word of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_BEARER_TOKEN_BEDROCK', 'credentials']) expect(String(error)).toContain(word);
    expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false });
    expect(server.connections).toBe(0);
  });

  it('a session of a profile that has ended says what to run', async () => {
    const expired = Object.assign(new Error('Token is expired. To refresh this SSO session run aws sso login with the corresponding profile.'), { name: 'CredentialsProviderError' });
    const { error } = await ask('http://127.0.0.1:9', { credentials: () => Promise.reject(expired) });
    expect(error).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining('aws sso login') });
  });

  it.each(['not a url', '', 'ftp://api.invalid', 'file:///etc', 'http://127.0.0.1:99999', 'http://user:canary@127.0.0.1:1', '127.0.0.1:8080'])(
    'an address that nothing can be sent to is a ConfigurationError: %j',
    async (endpoint) => {
      const { error } = await ask(endpoint);
      expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringContaining('endpoint') });
      expect(String(error)).not.toContain('canary');
    },
  );

  it('an address of the environment that nothing can be sent to as well', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'ftp://127.0.0.1:9';
    const { error } = await outcomeOf(bedrock({ model: 'test', region: 'us-east-1', credentials: CREDENTIALS })(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', retryable: false, message: expect.stringContaining('AWS_ENDPOINT_URL') });
  });
});

describe('credentials', () => {
  const authorization = (server: Loopback): unknown => server.replies.at(-1)?.headers['authorization'];

  it('are taken from the environment when it is subscribed', async () => {
    const server = await serve('http2', whole);
    const asked = bedrock({ model: 'test', endpoint: server.url });
    process.env['AWS_REGION'] = 'eu-central-1';
    process.env['AWS_ACCESS_KEY_ID'] = CREDENTIALS.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = CREDENTIALS.secretAccessKey;
    expect(await outcomeOf(asked(HELLO))).toMatchObject({ completed: true });
    expect(authorization(server)).toMatch(new RegExp(`${CREDENTIALS.accessKeyId}/\\d+/eu-central-1/bedrock/`));
  });

  it('may be a token of the environment, unless keys are given', async () => {
    const server = await serve('http2', whole);
    process.env['AWS_BEARER_TOKEN_BEDROCK'] = 'canary-bearer';
    expect(await outcomeOf(bedrock({ model: 'test', region: 'us-east-1', endpoint: server.url })(HELLO))).toMatchObject({ completed: true });
    expect(authorization(server)).toBe('Bearer canary-bearer');
    await ask(server.url);
    expect(authorization(server)).toMatch(/^AWS4-HMAC-SHA256 /);
  });

  it('may be a function, which is asked once for all turns while they are good', async () => {
    const server = await serve('http2', whole);
    let asked = 0;
    const credentials = (): Promise<typeof CREDENTIALS> => {
      asked += 1;
      return Promise.resolve(CREDENTIALS);
    };
    const source = provider(server.url, { credentials })(HELLO);
    expect([await outcomeOf(source), await outcomeOf(source)]).toMatchObject([{ completed: true }, { completed: true }]);
    expect([asked, server.replies.length]).toEqual([1, 2]);
    expect(server.replies[0]?.headers['x-amz-security-token']).toBe(CREDENTIALS.sessionToken);
  });
});

describe('what is sent', () => {
  const odd: JsonObject = { brandNew: { deep: [1, null, { a: '😀' }] }, inferenceConfig: { topP: 0.5, later: true } };
  const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } } as const;
  const request = { ...HELLO, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello 😀' }, image] }] } as const;

  it.each(HANDLERS)('over %s: the body as it was built, what no schema knows included, with its length and its signature', async (handler) => {
    const server = await serve(handler, whole);
    await ask(server.url, { handler, extra: odd, headers: { 'X-Team': 'blue', 'User-Agent': 'ours' } }, request);
    const [reply] = server.replies;
    expect(reply?.url).toBe('/model/test.model-v1%3A0/converse-stream');
    expect(JSON.parse(reply?.body ?? '')).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hello 😀' }, { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }] }],
      ...odd,
    });
    expect(reply?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(reply?.body ?? '')),
      'x-amz-content-sha256': createHash('sha256').update(reply?.body ?? '').digest('hex'),
      'x-team': 'blue',
      'user-agent': 'ours',
    });
    expect(reply?.headers['authorization']).toMatch(/SignedHeaders=(?::authority;)?content-length;content-type;.*x-amz-content-sha256;.*x-team, /);
  });

  it('is the whole input to whoever looks at the command, and a success to whoever logs', async () => {
    const server = await serve('http2', whole);
    const [inputs, logged]: [unknown[], unknown[]] = [[], []];
    const log = (...entry: unknown[]): unknown => logged.push(...entry);
    const client = clientOf(server.url, { logger: { debug: () => undefined, trace: () => undefined, info: log, warn: log, error: log } });
    client.middlewareStack.add((next) => (args) => (inputs.push(args.input), next(args)), { step: 'initialize', priority: 'high' });
    expect(await outcomeOf(bedrock({ model: 'test', client, extra: odd })(request))).toMatchObject({ completed: true });
    expect(inputs).toMatchObject([{ modelId: 'test', messages: [{ role: 'user' }], ...odd }]);
    expect(logged).toMatchObject([{ commandName: 'ConverseStreamCommand', input: { modelId: 'test' }, metadata: { httpStatusCode: 200, requestId: 'req_1' } }]);
  });

  it('goes to a provider that is known by its model', () => {
    expect(modelOf(provider('http://127.0.0.1'))).toBe('test.model-v1:0');
  });

  it('and the answer: the watchdog hears of its headers, before any event', async () => {
    for (const [status, frames] of [[200, HALF], [500, []]] as const) {
      const server = await serve('http2', (reply) => reply.answer(status, STREAM, joined(frames)));
      const heard: string[] = [];
      await new Promise<void>((resolve) => {
        provider(server.url)({ ...HELLO, onAnswer: () => heard.push('answer') }).subscribe({
          next: ({ type }) => heard.push(type),
          error: () => resolve(),
        });
      });
      expect(heard).toEqual(status === 200 ? ['answer', 'text_delta'] : ['answer']);
    }
  });
});

describe('a client of the caller', () => {
  const kinds = [
    ['BedrockRuntimeClient', BedrockRuntimeClient],
    ['BedrockRuntime', BedrockRuntime],
  ] as const;
  const json = { 'content-type': 'application/json' };

  describe.each(kinds)('%s', (_kind, Client) => {
    const make = (url: string): BedrockRuntimeClient => new Client({ region: 'us-east-1', endpoint: url, credentials: { ...CREDENTIALS } });

    it.each([
      ['a 429', 'RateLimitError', (reply: Reply) => reply.answer(429, { ...json, 'x-amzn-errortype': 'ThrottlingException' }, '{}')],
      ['a 503', 'OverloadedError', (reply: Reply) => reply.answer(503, json, '{}')],
      ['a 500', 'ServerError', (reply: Reply) => reply.answer(500, json, '{}')],
      ['a page under a 502', 'ServerError', (reply: Reply) => reply.answer(502, { 'content-type': 'text/html' }, '<html>')],
      ['throttling in the first frame', 'RateLimitError', (reply: Reply) => reply.answer(200, STREAM, exception('throttlingException', { message: 'Slow down' }))],
      ['a reset', 'ConnectionError', (reply: Reply) => reply.breakOff('reset')],
    ] as const)('retries nothing for us: %s is one request; and is as it was', async (_title, tag, answer) => {
      const server = await serve('http2', answer);
      const client = make(server.url);
      const before = client.middlewareStack.identify();
      const { error } = await outcomeOf(bedrock({ model: 'test', client })(HELLO));
      expect(error).toMatchObject({ _tag: tag });
      expect([server.replies.length, server.connections]).toEqual([1, 1]);
      expect(client.middlewareStack.identify()).toEqual(before);
    });

    it('retries nothing for us: a refused connection is tried once', async () => {
      const server = await serveTcp(() => undefined);
      await closeAll();
      const client = make(server.url);
      let tried = 0;
      const { requestHandler } = client.config;
      const handle = requestHandler.handle.bind(requestHandler);
      requestHandler.handle = (...args: Parameters<typeof handle>): ReturnType<typeof handle> => {
        tried += 1;
        return handle(...args);
      };
      expect((await outcomeOf(bedrock({ model: 'test', client })(HELLO))).error).toMatchObject({ _tag: 'ConnectionError', cause: { code: 'ECONNREFUSED' } });
      expect(tried).toBe(1);
    });

    it('serves many turns', async () => {
      const server = await serve('http2', whole);
      const asked = bedrock({ model: 'test', client: make(server.url) });
      for (let turn = 0; turn < 3; turn++) expect(await outcomeOf(asked(HELLO))).toMatchObject({ completed: true });
      expect(server.replies).toHaveLength(3);
    });
  });

  it('that is a BedrockRuntime: the SDK is not loaded from here', async () => {
    jest.doMock('@aws-sdk/client-bedrock-runtime', () => {
      throw new Error('loaded');
    });
    const server = await serve('http2', whole);
    const client = new BedrockRuntime({ region: 'us-east-1', endpoint: server.url, credentials: { ...CREDENTIALS } });
    expect(await outcomeOf(bedrock({ model: 'test', client })(HELLO))).toMatchObject({ completed: true });
  });

  it('whose middleware fails tells of it, and of nothing that it held', async () => {
    const client = clientOf('http://127.0.0.1:9');
    client.middlewareStack.add(() => (args) => Promise.reject(Object.assign(new Error('No, says the gateway.'), { args })), { step: 'finalizeRequest' });
    const { error } = await outcomeOf(bedrock({ model: 'test', client })(HELLO));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining('No, says the gateway.') });
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain(CREDENTIALS.accessKeyId);
  });
});

describe('a client that stands in for one', () => {
  async function* streamOf(events: readonly object[], error?: Error): AsyncGenerator<object> {
    yield* events;
    if (error !== undefined) throw error;
  }
  const decoded: readonly object[] = [
    { messageStart: { role: 'assistant' } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { redactedContent: Uint8Array.of(1, 2, 255) } } } },
    { contentBlockStop: { contentBlockIndex: 0 } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Hello 😀', later: undefined } } },
    { contentBlockStop: { contentBlockIndex: 1 } },
    { $unknown: ['weatherReport', { level: 3 }] },
    { contentBlockDelta: { contentBlockIndex: 2, delta: { $unknown: ['hologram', { size: 4 }] } } },
    { messageStop: { stopReason: 'end_turn' } },
    { metadata: { usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17 }, metrics: { latencyMs: 12 } } },
  ];

  const standIns: readonly (readonly [string, (answer: () => Promise<unknown>, seen: unknown[]) => BedrockClient])[] = [
    ['an object with send', (answer, seen) => ({ send: (command) => (seen.push(command), answer()) })],
    [
      'a client of the SDK whose send was replaced',
      (answer, seen) => Object.assign(clientOf('http://127.0.0.1:9'), { send: (command: object) => (seen.push(command), answer()) }),
    ],
  ];

  it.each(standIns)('%s: what it has decoded is read as what came', async (_title, make) => {
    const seen: unknown[] = [];
    const client = make(() => Promise.resolve({ $metadata: { requestId: 'req_1' }, stream: streamOf(decoded) }), seen);
    const { events, completed } = await outcomeOf(bedrock({ model: 'test', client })(HELLO));
    expect(completed).toBe(true);
    expect(textOf(events)).toBe('Hello 😀');
    expect(events.find(({ type }) => type === 'raw')).toMatchObject({ content: { event: { weatherReport: { level: 3 } } } });
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'message', usage: { inputTokens: 10 }, metadata: { metrics: { latencyMs: 12 } } });
    expect(last?.type === 'message' ? last.message.content.slice(0, 2) : []).toMatchObject([{ type: 'redacted_thinking', data: 'AQL/' }, { type: 'text' }]);
    expect(JSON.stringify(last)).toContain('"hologram":{"size":4}');
    expect(seen).toMatchObject([{ input: { modelId: 'test', messages: [{ role: 'user', content: [{ text: 'Hello' }] }] } }]);
  });

  const throttled = new ThrottlingException({ message: 'Slow down', $metadata: { httpStatusCode: 429, requestId: 'req_2' } });

  it.each(standIns)('N43: %s: what it throws is typed, before the answer and in its middle', async (_title, make) => {
    const before = await outcomeOf(bedrock({ model: 'test', client: make(() => Promise.reject(throttled), []) })(HELLO));
    expect(before.error).toMatchObject({ _tag: 'RateLimitError', status: 429, requestId: 'req_2', partial: false, message: expect.stringContaining('Slow down') });
    const middle = await outcomeOf(bedrock({ model: 'test', client: make(() => Promise.resolve({ stream: streamOf(decoded.slice(0, 4), throttled) }), []) })(HELLO));
    expect(middle.error).toMatchObject({ _tag: 'RateLimitError', partial: true });
    const member = await outcomeOf(
      bedrock({ model: 'test', client: make(() => Promise.resolve({ stream: streamOf([...decoded.slice(0, 4), { internalServerException: new Error('Oops') }]) }), []) })(HELLO),
    );
    expect(member.error).toMatchObject({ _tag: 'ServerError', partial: true });
  });

  it('N6 N8: an end without messageStop is truncated, and an answer without a stream is none', async () => {
    const [, make] = standIns[0] ?? [];
    const played = (answer: object): Promise<Outcome> => outcomeOf(bedrock({ model: 'test', client: make?.(() => Promise.resolve(answer), []) ?? clientOf('http://127.0.0.1:9') })(HELLO));
    expect((await played({ stream: streamOf(decoded.slice(0, 4)) })).error).toMatchObject({ _tag: 'TruncatedStreamError', partial: true });
    expect((await played({})).error).toMatchObject({ _tag: 'ProtocolError' });
  });

  it('C1: what it decodes is stopped when the turn is', async () => {
    let stopped = false;
    async function* endless(): AsyncGenerator<object> {
      try {
        yield* decoded.slice(0, 4);
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield { contentBlockDelta: { contentBlockIndex: 5, delta: { text: 'and' } } };
        }
      } finally {
        stopped = true;
      }
    }
    await new Promise<void>((resolve) => {
      const client = { send: () => Promise.resolve({ stream: endless() }) };
      const subscription = bedrock({ model: 'test', client })(HELLO).subscribe(({ type }) => {
        if (type !== 'text_delta') return;
        setImmediate(() => {
          subscription.unsubscribe();
          resolve();
        });
      });
    });
    while (!stopped) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('D5: no error holds a key or a header', () => {
  const SECRET = 'canary-gateway-secret';
  const headers = { 'x-gateway-key': SECRET };

  function expectClean(error: unknown): void {
    expect(error).toBeInstanceOf(Error);
    const { stack = '', cause }: { stack?: string; cause?: unknown } = error instanceof Error ? error : {};
    const shown = [String(error), JSON.stringify(error), JSON.stringify(Object.getOwnPropertyDescriptors(error)), inspect(error, { showHidden: true, depth: 12 }), inspect(cause, { showHidden: true }), stack].join('\n');
    for (const secret of [...Object.values(CREDENTIALS), SECRET, 'canary']) {
      const at = shown.indexOf(secret);
      expect(at === -1 ? '' : shown.slice(Math.max(0, at - 200), at + 200)).toBe('');
    }
    expect(shown).not.toMatch(/Signature=[0-9a-f]{20}/i);
    expect(shown).not.toContain('$response');
  }

  const echoed = (reply: Reply): string => Object.entries(reply.headers).map(([name, value]) => `${name}: ${String(value)}`).join('\n');
  /** What a server may know, and what only a client does, if it is signed with it. */
  const everything = (reply: Reply): string => `${echoed(reply)} ${/AWS4/.test(echoed(reply)) ? CREDENTIALS.secretAccessKey : ''}`;

  const hostile: readonly (readonly [string, (reply: Reply) => void])[] = [
    ['a refusal that repeats them', (reply) => reply.answer(403, { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' }, JSON.stringify({ message: everything(reply) }))],
    ['a refusal whose name repeats them', (reply) => reply.answer(400, { 'content-type': 'application/json' }, JSON.stringify({ __type: SECRET, message: 'x' }))],
    ['a refusal that is no JSON', (reply) => reply.answer(500, { 'content-type': 'text/plain' }, everything(reply))],
    ['a page', (reply) => reply.answer(502, { 'content-type': 'text/html' }, `<html>${everything(reply)}`)],
    ['a page under a 200', (reply) => reply.answer(200, { 'content-type': 'text/html' }, `Hello ${everything(reply)}`)],
    ['JSON under a 200', (reply) => reply.answer(200, { 'content-type': 'application/json' }, JSON.stringify({ seen: everything(reply) }))],
    ['an error in JSON under a 200', (reply) => reply.answer(200, { 'content-type': 'application/json' }, JSON.stringify({ message: everything(reply) }))],
    ['an exception as the first frame', (reply) => reply.answer(200, STREAM, exception('validationException', { message: everything(reply) }))],
    ['an exception in the middle', (reply) => reply.answer(200, STREAM, joined([...HALF, exception('modelStreamErrorException', { message: 'x', originalMessage: everything(reply) })]))],
    ['an error frame', (reply) => reply.answer(200, STREAM, joined([...HALF, failure('InternalFailure', everything(reply))]))],
    ['an exception whose name repeats them', (reply) => reply.answer(200, STREAM, exception(SECRET, { message: 'x' }))],
    ['an event whose name repeats them', (reply) => reply.answer(200, STREAM, frame({ ':message-type': 'event', ':event-type': SECRET }, 'x'))],
    ['a request id that repeats them', (reply) => reply.answer(200, { ...STREAM, 'x-amzn-requestid': SECRET }, joined(HALF))],
    ['a request id that repeats them, under a 500', (reply) => reply.answer(500, { 'x-amzn-requestid': SECRET }, '{}')],
    ['a content type that repeats them', (reply) => reply.answer(200, { 'content-type': `text/html; charset=${SECRET}` }, 'x')],
    ['a broken frame', (reply) => reply.answer(200, STREAM, joined([...HALF, Buffer.from(everything(reply))]))],
    ['a frame that is no JSON', (reply) => reply.answer(200, STREAM, frame({ ':message-type': 'event', ':event-type': 'contentBlockDelta' }, everything(reply)))],
    ['a redirect', (reply) => reply.answer(307, { location: `http://127.0.0.1:1/${SECRET}` }, everything(reply))],
    ['an empty stream', (reply) => reply.answer(200, STREAM, '')],
    ['a connection that is cut', (reply) => reply.breakOff('reset')],
    // Where a text is shortened, it is so after the keys were taken out, or half a key is left.
    ['a refusal that is cut in a key', (reply) => reply.answer(400, { 'content-type': 'text/plain' }, 'x'.repeat(190) + SECRET)],
    ['an answer that is cut in a key', (reply) => reply.answer(200, { 'content-type': 'application/json' }, `["${'x'.repeat(188)}${SECRET}"]`)],
    ['an exception that is cut in a key', (reply) => reply.answer(200, STREAM, frame({ ':message-type': 'exception', ':exception-type': 'validationException' }, 'x'.repeat(490) + SECRET))],
    ['an error frame that is cut in a key', (reply) => reply.answer(200, STREAM, frame({ ':message-type': 'error', ':error-code': 'E' }, 'x'.repeat(490) + SECRET))],
  ];

  describe.each(HANDLERS)('over %s', (handler) => {
    it.each(hostile)('%s', async (_title, answer) => {
      const server = await serve(handler, answer);
      const config: Partial<BedrockConfig> = { handler, headers };
      expectClean((await ask(server.url, config)).error);
      expectClean((await ask(server.url, { ...config, credentials: () => Promise.resolve({ ...CREDENTIALS }) })).error);
      if (handler === 'http2') expectClean((await outcomeOf(bedrock({ model: 'test', client: clientOf(server.url), headers })(HELLO))).error);
      process.env = { ...process.env, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_SESSION_TOKEN: CREDENTIALS.sessionToken };
      expectClean((await outcomeOf(bedrock({ model: 'test', region: 'us-east-1', endpoint: server.url, handler, headers })(HELLO))).error);
    });
  });

  it('a token of the environment', async () => {
    process.env['AWS_BEARER_TOKEN_BEDROCK'] = 'canary-bearer-0123456789';
    for (const [, answer] of hostile) {
      const server = await serve('http2', answer);
      expectClean((await outcomeOf(bedrock({ model: 'test', region: 'us-east-1', endpoint: server.url, headers })(HELLO))).error);
    }
  });

  it('keys and headers that cannot be sent', async () => {
    const server = await serve('http1', whole);
    const faults: readonly Partial<BedrockConfig>[] = [
      { headers: { 'x-other': `${SECRET}\n${SECRET}` } },
      { headers: { 'x other': SECRET } },
      { handler: 'http2', headers: { 'x other': SECRET } },
      { credentials: { ...CREDENTIALS, sessionToken: `${CREDENTIALS.sessionToken}\u2028` } },
    ];
    for (const fault of faults) {
      const { error } = await ask(server.url, { handler: 'http1', ...fault });
      expect(error).toMatchObject({ _tag: 'ConfigurationError', message: expect.stringContaining('a character that HTTP does not allow') });
      expectClean(error);
    }
    expectClean((await ask(`http://user:${SECRET}@127.0.0.1:9`)).error);
  });

  it('a handler that fails with the request in its hands', async () => {
    const requestHandler = {
      handle: (request: object) =>
        Promise.reject(Object.assign(new TypeError(`fetch failed for ${JSON.stringify(request)}`), { request, cause: Object.assign(new Error(`socket of ${SECRET}`), { code: 'EPIPE', request }) })),
    };
    expectClean((await outcomeOf(bedrock({ model: 'test', client: clientOf('http://127.0.0.1:9', { requestHandler }), headers })(HELLO))).error);
  });
});
