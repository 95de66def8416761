import { createHash, createHmac } from 'node:crypto';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { userText } from '../../src/agent/options.js';
import type { ModelRequest } from '../../src/provider.js';
import { closeAll, CREDENTIALS, GREETING, HANDLERS, HELLO, joined, outcomeOf, provider, serve, STREAM, type Reply } from './support.js';

const whole = (reply: Reply): void => reply.answer(200, STREAM, joined(GREETING));
const saying = (text: string): ModelRequest => ({ messages: [userText(text)] });

/** How often the SDK was asked to send, with all of its steps. */
let sends: jest.SpyInstance;

beforeEach(() => {
  sends = jest.spyOn(BedrockRuntimeClient.prototype, 'send');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeAll();
});

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** The signature that a request must have, by AWS's own description of Signature Version 4. */
function signatureOf({ url, headers, body }: Reply): string {
  const given = String(headers['authorization']);
  const [, scope = '', signed = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), /.exec(given) ?? [];
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ['POST', url.replaceAll('%', '%25'), '', canonicalHeaders.join(''), signed, sha256(body)].join('\n');
  const date = String(headers['x-amz-date']);
  const key = scope.split('/').reduce<string | Buffer>((so, part) => hmac(so, part), `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
}

const given = ({ headers }: Reply): string => String(headers['authorization']).replace(/.*Signature=/, '');

describe('requests after the first', () => {
  it.each(HANDLERS)('over %s: are made like it, each with a body, a length and a signature of its own', async (handler) => {
    const server = await serve(handler, whole);
    const asked = provider(server.url, { handler, headers: { 'X-Team': 'blue' } });
    for (const text of ['one', 'zwei 😀', 'three and more']) expect(await outcomeOf(asked(saying(text)))).toMatchObject({ completed: true });
    expect(sends).toHaveBeenCalledTimes(1);
    const [first, second, third] = server.replies;
    for (const reply of server.replies) {
      expect(given(reply)).toBe(signatureOf(reply));
      expect(reply.headers).toMatchObject({
        'content-length': String(Buffer.byteLength(reply.body)),
        'x-amz-content-sha256': sha256(reply.body),
        'x-amz-security-token': CREDENTIALS.sessionToken,
        'x-team': 'blue',
        'user-agent': first?.headers['user-agent'],
      });
    }
    expect(second?.body).toContain('zwei 😀');
    expect(third?.body).toContain('three and more');
    expect(Object.keys(second?.headers ?? {}).sort()).toEqual(Object.keys(first?.headers ?? {}).sort());
  });

  it('may be under way together', async () => {
    const server = await serve('http2', whole);
    const asked = provider(server.url);
    await outcomeOf(asked(HELLO));
    const texts = Array.from({ length: 8 }, (_, index) => `question ${String(index)}`);
    await Promise.all(texts.map((text) => outcomeOf(asked(saying(text)))));
    expect(sends).toHaveBeenCalledTimes(1);
    for (const reply of server.replies) expect(given(reply)).toBe(signatureOf(reply));
    expect(server.replies.slice(1).map(({ body }) => /question \d/.exec(body)?.[0]).sort()).toEqual(texts);
  });

  it('are the SDK’s to make again after a refusal', async () => {
    const server = await serve('http2', (reply, count) => (count === 2 ? reply.answer(403, {}, '{"message":"no"}') : whole(reply)));
    const asked = provider(server.url);
    await outcomeOf(asked(HELLO));
    expect(await outcomeOf(asked(HELLO))).toMatchObject({ error: { code: 'authentication' } });
    expect(sends).toHaveBeenCalledTimes(1);
    await outcomeOf(asked(HELLO));
    expect(sends).toHaveBeenCalledTimes(2);
  });

  it('and after one that was not answered', async () => {
    const server = await serve('http1', (reply, count) => (count === 2 ? reply.breakOff('reset') : whole(reply)));
    const asked = provider(server.url, { handler: 'http1' });
    await outcomeOf(asked(HELLO));
    expect(await outcomeOf(asked(HELLO))).toMatchObject({ error: { code: 'connection', retryable: true } });
    await outcomeOf(asked(HELLO));
    expect(sends).toHaveBeenCalledTimes(2);
  });

  it('and after a minute', async () => {
    const server = await serve('http2', whole);
    const asked = provider(server.url);
    await outcomeOf(asked(HELLO));
    const real = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 61_000);
    await outcomeOf(asked(HELLO));
    expect(sends).toHaveBeenCalledTimes(2);
    await outcomeOf(asked(HELLO));
    expect(sends).toHaveBeenCalledTimes(2);
  });

  it('and where the keys end soon', async () => {
    const server = await serve('http2', whole);
    let asked = 0;
    const credentials = (): Promise<typeof CREDENTIALS & { expiration: Date }> => {
      asked += 1;
      return Promise.resolve({ ...CREDENTIALS, expiration: new Date(Date.now() + 60_000) });
    };
    const source = provider(server.url, { credentials })(HELLO);
    await outcomeOf(source);
    await outcomeOf(source);
    expect(sends).toHaveBeenCalledTimes(2);
    expect(asked).toBeGreaterThanOrEqual(2);
  });

  it('and where each belongs to an invocation of its own', async () => {
    const server = await serve('http2', whole);
    const environment = process.env;
    process.env = { ...environment, AWS_LAMBDA_FUNCTION_NAME: 'test' };
    try {
      const asked = provider(server.url);
      for (const trace of ['Root=1', 'Root=2']) {
        process.env['_X_AMZN_TRACE_ID'] = trace;
        await outcomeOf(asked(HELLO));
      }
    } finally {
      process.env = environment;
    }
    expect(server.replies.map(({ headers }) => headers['x-amzn-trace-id'])).toEqual(['Root=1', 'Root=2']);
  });

  it('and always by a client that was given: others may have added steps to it', async () => {
    const server = await serve('http2', whole);
    const client = new BedrockRuntimeClient({ region: 'us-east-1', endpoint: server.url, credentials: { ...CREDENTIALS } });
    const asked = provider(server.url, { client });
    await outcomeOf(asked(HELLO));
    await outcomeOf(asked(HELLO));
    expect(sends).toHaveBeenCalledTimes(2);
    client.destroy();
  });

  it('D5: tell no key when they fail', async () => {
    const server = await serve('http2', (reply, count) =>
      count === 1 ? whole(reply) : reply.answer(400, {}, JSON.stringify({ message: `${CREDENTIALS.secretAccessKey} ${CREDENTIALS.sessionToken} ${given(reply)}` })),
    );
    const asked = provider(server.url);
    await outcomeOf(asked(HELLO));
    const { error } = await outcomeOf(asked(HELLO));
    expect(error).toMatchObject({ message: expect.stringContaining('[redacted] [redacted] [redacted]') });
  });
});
