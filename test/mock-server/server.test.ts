import { EventEmitter, once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { firstValueFrom, from, toArray, type Subscription } from 'rxjs';
import { mockModelServer, type MockModelServer, type MockModelServerOptions, type Turn } from '../../src/mock-server/index.js';

let running: Subscription[] = [];

afterEach(() => {
  for (const subscription of running) subscription.unsubscribe();
  running = [];
});

function start(options: MockModelServerOptions = {}): Promise<MockModelServer> {
  return new Promise((resolve, reject) => {
    running.push(mockModelServer({ paceMs: 0, ...options }).subscribe({ next: resolve, error: reject }));
  });
}

const clientOf = (url: string): Anthropic => new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 });

const ask = { model: 'claude-any', max_tokens: 100, messages: [{ role: 'user' as const, content: 'what is 17 plus 25' }] };
const sumTool = {
  name: 'get-sum',
  description: 'Returns the sum of two numbers',
  input_schema: { type: 'object' as const, properties: { a: { type: 'number' }, b: { type: 'number' } } },
};

/** A request by hand, so that headers can be anything. */
async function send(url: string, members: { path?: string; method?: string; headers?: Record<string, string>; body?: string } = {}) {
  const request = httpRequest(new URL(members.path ?? '/v1/messages', url), {
    method: members.method ?? 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'any', ...members.headers },
  });
  request.end(members.body ?? JSON.stringify({ ...ask, stream: true }));
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no response');
  const chunks = await firstValueFrom(from(response).pipe(toArray()));
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') };
}

describe('the embedded model server', () => {
  test('is read by the official SDK, tool call and all', async () => {
    const { url, requests } = await start();
    const message = await clientOf(url).messages.stream({ ...ask, tools: [sumTool] }).finalMessage();
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'claude-any', stop_reason: 'tool_use' });
    expect(message.content).toMatchObject([{ type: 'text' }, { type: 'tool_use', name: 'get-sum', input: { a: 17, b: 25 } }]);
    expect(message.usage.input_tokens).toBeGreaterThan(10);
    expect(message.usage.output_tokens).toBeGreaterThan(10);

    const answered = await clientOf(url).messages.stream({
      ...ask,
      tools: [sumTool],
      messages: [
        ...ask.messages,
        { role: 'assistant', content: message.content },
        { role: 'user', content: message.content.flatMap((block) => (block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'is 42.' }] : [])) },
      ],
    }).finalMessage();
    expect(answered).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: '17 plus 25 is 42.' }] });
    expect(requests().map(({ messages }) => messages.length)).toEqual([1, 3]);
  });

  test('plays the script that it is given', async () => {
    const turn: Turn = {
      content: [
        { type: 'thinking', thinking: 'Let me see.', signature: 'signed' },
        { type: 'text', text: ['a', 'b \u{1F600}'] },
        { type: 'tool_use', id: 'call_1', name: 'anything', input: { deep: [1, { text: '"\u2028' }] } },
      ],
      stopReason: 'max_tokens',
    };
    const { url } = await start({ model: 'scripted', script: () => turn });
    const stream = clientOf(url).messages.stream(ask);
    const deltas: string[] = [];
    stream.on('text', (delta) => deltas.push(delta));
    const message = await stream.finalMessage();
    expect(deltas).toEqual(['a', 'b \u{1F600}']);
    expect(message).toMatchObject({
      model: 'scripted',
      stop_reason: 'max_tokens',
      content: [
        { type: 'thinking', thinking: 'Let me see.', signature: 'signed' },
        { type: 'text', text: 'ab \u{1F600}' },
        { type: 'tool_use', id: 'call_1', name: 'anything', input: { deep: [1, { text: '"\u2028' }] } },
      ],
    });
  });

  test('sends the same bytes for the same seed, from two servers that share nothing', async () => {
    const [one, two, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
    const first = await send(one.url);
    expect((await send(two.url)).text).toBe(first.text);
    expect((await send(other.url)).text).not.toBe(first.text);
    expect(first.headers['content-type']).toContain('text/event-stream');
    expect(first.headers['request-id']).toMatch(/^req_/u);
    expect([one.requests().length, two.requests().length]).toEqual([1, 1]);
  });

  test.each<[string, Parameters<typeof send>[1], number, string]>([
    ['another path', { path: '/v1/models' }, 404, 'not_found_error'],
    ['another method', { method: 'PUT' }, 405, 'invalid_request_error'],
    ['a body that is not JSON', { body: '{' }, 400, 'invalid_request_error'],
    ['stream: false', { body: JSON.stringify(ask) }, 400, 'invalid_request_error'],
    ['a body too large', { headers: { 'content-length': '99999999' }, body: '' }, 413, 'request_too_large'],
    ['another Host (D7)', { headers: { host: 'evil.example' } }, 403, 'permission_error'],
    ['another Host that only looks like loopback (D7)', { headers: { host: '127.0.0.1.evil.example' } }, 403, 'permission_error'],
    ['another Origin (D7)', { headers: { origin: 'https://evil.example' } }, 403, 'permission_error'],
    ['localhost', { headers: { host: 'localhost:1' } }, 200, ''],
    ['a query', { path: '/v1/messages?beta=true' }, 200, ''],
  ])('answers %s as the API would', async (_title, members, status, type) => {
    const { url } = await start();
    const response = await send(url, members);
    expect(response.status).toBe(status);
    if (status !== 200) expect(JSON.parse(response.text)).toMatchObject({ type: 'error', error: { type }, request_id: response.headers['request-id'] });
  });

  test('wants a key, whichever it is', async () => {
    const { url } = await start();
    const refused = await fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { type: 'authentication_error' } });
    const bearer = await fetch(`${url}/v1/messages`, { method: 'POST', headers: { authorization: 'Bearer any' }, body: '{}' });
    expect(bearer.status).toBe(400);
  });

  test('fails as a script asks, and tells of a script that throws', async () => {
    const overloaded = await start({ script: () => ({ error: { status: 529, type: 'overloaded_error', message: 'busy' } }) });
    await expect(clientOf(overloaded.url).messages.stream(ask).finalMessage()).rejects.toMatchObject({ status: 529 });
    const broken = await start({
      script: () => {
        throw new Error('broken script');
      },
    });
    expect(await send(broken.url)).toMatchObject({ status: 500, text: expect.stringContaining('broken script') });
  });

  test('stops for a client that has gone, timer and all', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const asked = new EventEmitter();
    const script = (): Turn => {
      asked.emit('asked');
      return { content: [] };
    };
    const { url } = await start({ paceMs: 3_600_000, script });
    const before = timers();
    const request = httpRequest(new URL('/v1/messages', url), { method: 'POST', headers: { 'x-api-key': 'any' } });
    request.on('error', () => undefined);
    request.end(JSON.stringify({ ...ask, stream: true }));
    await once(asked, 'asked');
    await setImmediate();
    expect(timers()).toBeGreaterThan(before);
    request.destroy();
    for (let turn = 0; turn < 100_000 && timers() > before; turn++) await setImmediate();
    expect(timers()).toBe(before);
  });

  test('destroys every connection when it is unsubscribed', async () => {
    const asked = new EventEmitter();
    const script = (): Turn => {
      asked.emit('asked');
      return { content: [] };
    };
    const { url } = await start({ paceMs: 3_600_000, script });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    const broken = send(url).catch((error: unknown) => error);
    await once(asked, 'asked');
    running[0]?.unsubscribe();
    await once(socket, 'close');
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
    await expect(fetch(url)).rejects.toThrow();
  });

  test('starts nothing before subscribe, and leaves nothing when unsubscribed while starting', async () => {
    const servers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP' || name === 'TCPServerWrap').length;
    const before = servers();
    const server$ = mockModelServer();
    expect(servers()).toBe(before);
    server$.subscribe().unsubscribe();
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
    expect(servers()).toBe(before + 1);
  });
});
