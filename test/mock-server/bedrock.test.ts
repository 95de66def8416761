import { EventEmitter, once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  type ContentBlock,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { firstValueFrom, from, toArray, type Subscription } from 'rxjs';
import { mockModelServer, type MockModelServer, type MockModelServerOptions, type Turn } from '../../src/mock-server/index.js';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

let running: Subscription[] = [];
let clients: { destroy(): void }[] = [];

afterEach(() => {
  for (const client of clients) client.destroy();
  for (const subscription of running) subscription.unsubscribe();
  running = [];
  clients = [];
});

function start(options: MockModelServerOptions = {}): Promise<MockModelServer> {
  return new Promise((resolve, reject) => {
    running.push(mockModelServer({ paceMs: 0, ...options }).subscribe({ next: resolve, error: reject }));
  });
}

type Version = 'HTTP/2' | 'HTTP/1.1';
const versions: readonly Version[] = ['HTTP/2', 'HTTP/1.1'];

/** The official client; its own default is HTTP/2. */
function clientOf(endpoint: string, version: Version = 'HTTP/2'): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    ...(version === 'HTTP/1.1' && { requestHandler: new NodeHttpHandler() }),
  });
  clients.push(client);
  return client;
}

async function converse(client: BedrockRuntimeClient, input: ConverseStreamCommandInput): Promise<readonly ConverseStreamOutput[]> {
  const { stream } = await client.send(new ConverseStreamCommand(input));
  return stream === undefined ? [] : firstValueFrom(from(stream).pipe(toArray()));
}

const modelId = 'arn:aws:bedrock:us-east-1:0:inference-profile/us.amazon.nova-2-lite-v1:0';
const question = { role: 'user' as const, content: [{ text: 'what is 17 plus 25' }] };
const inputSchema = { json: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } } };
const ask: ConverseStreamCommandInput = {
  modelId,
  messages: [question],
  toolConfig: { tools: [{ toolSpec: { name: 'get-sum', description: 'Returns the sum of two numbers', inputSchema } }] },
};

/** The assistant's message of some events, put together by hand. */
function contentOf(events: readonly ConverseStreamOutput[]): readonly ContentBlock[] {
  const texts = new Map<number, string>();
  const calls = new Map<number, { toolUseId: string | undefined; name: string | undefined }>();
  for (const { contentBlockStart: opened, contentBlockDelta: delta } of events) {
    if (opened?.start?.toolUse !== undefined) calls.set(opened.contentBlockIndex ?? -1, { toolUseId: opened.start.toolUse.toolUseId, name: opened.start.toolUse.name });
    const index = delta?.contentBlockIndex ?? -1;
    texts.set(index, (texts.get(index) ?? '') + (delta?.delta?.text ?? delta?.delta?.toolUse?.input ?? ''));
  }
  return [...texts].filter(([index]) => index >= 0).map(([index, text]) => {
    const call = calls.get(index);
    return call === undefined ? { text } : { toolUse: { ...call, input: JSON.parse(text) } };
  });
}

describe.each(versions)('the embedded model server, over %s', (version) => {
  test('is read by the official SDK, tool call and all', async () => {
    const { url, requests } = await start();
    const client = clientOf(url, version);
    const events = await converse(client, ask);
    const content = contentOf(events);
    expect(content).toMatchObject([{ text: 'I will have get-sum add 17 and 25.' }, { toolUse: { name: 'get-sum', input: { a: 17, b: 25 } } }]);
    expect(events.at(-2)).toEqual({ messageStop: { stopReason: 'tool_use' } });
    expect(events.at(-1)?.metadata?.usage?.totalTokens).toBeGreaterThan(10);

    const toolUseId = content[1]?.toolUse?.toolUseId;
    const results = { role: 'user' as const, content: [{ toolResult: { toolUseId, content: [{ json: { sum: 42 } }] } }] };
    const answered = await converse(client, { ...ask, messages: [question, { role: 'assistant', content: [...content] }, results] });
    expect(contentOf(answered)).toEqual([{ text: '17 plus 25 is 42.' }]);
    expect(requests()).toMatchObject([
      { wire: 'bedrock', model: modelId, messages: [{}] },
      { wire: 'bedrock', messages: [{}, {}, {}] },
    ]);
  });

  test('sends the same events for the same seed, from two servers that share nothing', async () => {
    const [one, two, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
    const first = await converse(clientOf(one.url, version), ask);
    expect(await converse(clientOf(two.url, version), ask)).toEqual(first);
    expect(await converse(clientOf(other.url, version), ask)).not.toEqual(first);
  });

  test('complains as the service does, with an id of the request', async () => {
    const { url } = await start();
    const refused = converse(clientOf(url, version), { modelId, messages: [{ role: 'user', content: [{ text: '' }] }] });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('blank'),
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[\da-f-]{36}$/u) },
    });
  });

  test.each([
    ['overloaded_error', 529, 'ServiceUnavailableException', 503],
    ['rate_limit_error', 429, 'ThrottlingException', 429],
    ['authentication_error', 401, 'UnrecognizedClientException', 403],
    ['ModelErrorException', 424, 'ModelErrorException', 424],
  ])('fails as a script asks: %s', async (type, status, name, sent) => {
    const { url } = await start({ script: () => ({ error: { status, type, message: 'as asked' } }) });
    const failed = converse(clientOf(url, version), ask);
    await expect(failed).rejects.toMatchObject({ name, message: expect.stringContaining('as asked'), $metadata: { httpStatusCode: sent } });
  });

  test('tells of a script that throws', async () => {
    const script = (): Turn => {
      throw new Error('broken script');
    };
    const { url } = await start({ script });
    const failed = converse(clientOf(url, version), ask);
    await expect(failed).rejects.toMatchObject({ name: 'InternalServerException', message: 'broken script' });
  });

  test('sends all of an answer that no buffer holds', async () => {
    const piece = 'x'.repeat(100_000);
    const { url } = await start({ script: () => ({ content: [{ type: 'text', text: Array.from({ length: 60 }, () => piece) }] }) });
    const [content] = contentOf(await converse(clientOf(url, version), ask));
    expect(content?.text).toHaveLength(6_000_000);
  });
});

/** A request by hand over HTTP/2, so that headers can be anything. */
async function send2(url: string, headers: Record<string, string>): Promise<{ readonly status: unknown; readonly type: unknown; readonly text: string }> {
  const session = connectHttp2(url);
  clients.push(session);
  const stream = session.request({ ':method': 'POST', ':path': '/model/any/converse-stream', ...headers });
  stream.end('{}');
  const [head]: Record<string, unknown>[] = await once(stream, 'response');
  const chunks = await firstValueFrom(from(stream).pipe(toArray()));
  return { status: head?.[':status'], type: head?.['x-amzn-errortype'], text: Buffer.concat(chunks).toString('utf8') };
}

const signed = { authorization: 'any' };

describe('the embedded model server', () => {
  test('speaks both wires on one port, to one client after the other', async () => {
    const { url, requests } = await start();
    const anthropic = { model: 'any', max_tokens: 1, stream: true, messages: [{ role: 'user', content: 'Hi' }] };
    const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'any' }, body: JSON.stringify(anthropic) });
    expect(await response.text()).toContain('message_stop');
    await converse(clientOf(url), ask);
    await converse(clientOf(url, 'HTTP/1.1'), ask);
    expect(requests().map(({ wire }) => wire)).toEqual(['anthropic', 'bedrock', 'bedrock']);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['no signature', {}, 403, 'MissingAuthenticationTokenException'],
    ['a body that breaks the rules', { ...signed }, 400, 'ValidationException'],
    ['another path', { ...signed, ':path': '/model/any/converse' }, 404, 'ResourceNotFoundException'],
    ['a model that is badly encoded', { ...signed, ':path': '/model/%E0%A4%A/converse-stream' }, 400, 'ValidationException'],
    ['another method', { ...signed, ':method': 'PUT' }, 400, 'ValidationException'],
    ['another authority (D7)', { ...signed, ':authority': 'evil.example' }, 403, 'AccessDeniedException'],
    ['another Host beside the authority (D7)', { ...signed, ':authority': 'localhost', host: 'evil.example' }, 403, 'AccessDeniedException'],
    ['another Origin (D7)', { ...signed, origin: 'https://evil.example' }, 403, 'AccessDeniedException'],
  ])('answers %s as the service would, over HTTP/2', async (_title, headers, status, type) => {
    const { url } = await start();
    const refused = await send2(url, headers);
    expect(refused).toMatchObject({ status, type });
    expect(JSON.parse(refused.text)).toEqual({ message: expect.any(String) });
  });

  test('tells HTTP/2 from HTTP/1.1 byte by byte', async () => {
    const { url } = await start();
    const answers = ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'PROPFIND / HTTP/1.1\r\nHost: localhost\r\n\r\n'].map(async (opening) => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true });
      clients.push(socket);
      await once(socket, 'connect');
      for (const byte of Buffer.from(opening, 'latin1')) {
        socket.write(Buffer.of(byte));
        // Time enough for the server to see the byte alone.
        for (let turn = 0; turn < 5; turn++) await setImmediate();
      }
      const [first]: Buffer[] = await once(socket, 'data');
      return first;
    });
    const [two, one] = await Promise.all(answers);
    // A frame of settings, and a line of status.
    expect(two?.[3]).toBe(4);
    expect(one?.toString('latin1')).toContain('HTTP/1.1 404');
  });

  /** A script whose first answer never comes to an end, and when it is asked. */
  function endless(): { readonly script: () => Turn; readonly asked: Promise<unknown> } {
    const emitter = new EventEmitter();
    const script = (): Turn => {
      emitter.emit('asked');
      return { content: [] };
    };
    return { script, asked: once(emitter, 'asked') };
  }

  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  function opened(url: string): { readonly session: ClientHttp2Session; readonly ended: Promise<unknown>; readonly close: () => void } {
    const session = connectHttp2(url);
    clients.push(session);
    session.on('error', () => undefined);
    const stream = session.request({ ':method': 'POST', ':path': '/model/any/converse-stream', authorization: 'any' });
    stream.on('error', () => undefined);
    stream.end(JSON.stringify({ messages: [question] }));
    return { session, ended: once(session, 'close'), close: () => stream.close(8) };
  }

  test.each(['resets its stream', 'destroys its session'])('stops for a client that %s, timer and all', async (how) => {
    const { script, asked } = endless();
    const { url } = await start({ paceMs: 3_600_000, script });
    const before = timers();
    const { session, close } = opened(url);
    await asked;
    await setImmediate();
    expect(timers()).toBeGreaterThan(before);
    if (how === 'resets its stream') close();
    else session.destroy();
    for (let turn = 0; turn < 100_000 && timers() > before; turn++) await setImmediate();
    expect(timers()).toBe(before);
  });

  test('destroys sessions of HTTP/2, and connections that have not said what they are, when it is unsubscribed', async () => {
    const { script, asked } = endless();
    const { url } = await start({ paceMs: 3_600_000, script });
    const before = timers();
    const undecided = connect(Number(new URL(url).port), '127.0.0.1');
    clients.push(undecided);
    await once(undecided, 'connect');
    undecided.write('PRI * ');
    const gone = once(undecided, 'close');
    const { ended } = opened(url);
    await asked;
    running[0]?.unsubscribe();
    await Promise.all([gone, ended]);
    await expect(fetch(url)).rejects.toThrow();
    for (let turn = 0; turn < 100_000 && timers() > before; turn++) await setImmediate();
    expect(timers()).toBe(before);
  });

  test('reads a body that comes after its head (HTTP/1.1)', async () => {
    const { url } = await start();
    const request = httpRequest(new URL('/model/any/converse-stream', url), { method: 'POST', headers: { authorization: 'any' } });
    const body = JSON.stringify({ messages: [question] });
    request.write(body.slice(0, 10));
    await setImmediate();
    request.end(body.slice(10));
    const [response]: IncomingMessage[] = await once(request, 'response');
    expect(response).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' } });
    response?.resume();
  });
});
