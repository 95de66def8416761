import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { first, tap } from 'rxjs';
import { anthropic, type AnthropicConfig } from 'coldstream/anthropic';
import { ConnectionError, ProtocolError, TruncatedStreamError } from '../../src/errors/errors.js';
import type { ModelRequest } from '../../src/provider.js';
import { chunk, closeAll, EMPTY_TEXT, GREETING, HEAD, HELLO, KEY, open, outcomeOf, serve, serveTcp, sse, start, STOP, text, textOf, until, type Outcome } from './support.js';

const STREAM = { 'content-type': 'text/event-stream', 'request-id': 'req_1' };
const BODY = sse(GREETING);

function ask(baseURL: string, config: Partial<AnthropicConfig> = {}, request: ModelRequest = HELLO): Promise<Outcome> {
  return outcomeOf(anthropic({ model: 'claude-test', apiKey: KEY, baseURL, ...config })(request));
}

/** Answers every request with this; tells what came of one subscription and how many requests it took. */
async function answered(status: number, headers: Record<string, string>, body: string | Buffer): Promise<Outcome & { readonly requests: number }> {
  const server = await serve((response) => response.writeHead(status, headers).end(body));
  const outcome = await ask(server.url);
  return { ...outcome, requests: server.requests.length };
}

afterEach(closeAll);

describe('a request that gets no answer', () => {
  it('N1: a refused connection is a ConnectionError with the code in its message', async () => {
    const server = await serveTcp(() => undefined);
    await closeAll();
    const { events, error } = await ask(server.url);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: true, partial: false, cause: { code: 'ECONNREFUSED' } });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(events).toEqual([]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('N2: %s is a retryable ConnectionError with the code in its message', async (code) => {
    const cause = Object.assign(new Error(`getaddrinfo ${code} api.invalid`), { code, hostname: 'api.invalid' });
    const { error } = await ask('http://api.invalid', { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
    expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, cause: { code } });
    expect(String(error)).toContain(code);
  });

  it('N3: a connection reset before the headers is one request and a ConnectionError', async () => {
    const server = await serveTcp((socket) => socket.resetAndDestroy());
    const { error } = await ask(server.url);
    expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: false, cause: { code: 'ECONNRESET' } });
    expect(server.count()).toBe(1);
  });
});

describe('a connection that breaks while the stream runs', () => {
  const before = sse([start(), open(0, EMPTY_TEXT)]);
  const half = sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]);

  it.each([
    ['N4: a reset', 'resetAndDestroy', half, true],
    ['N5: an end', 'end', half, true],
    ['N4: a reset before any content', 'resetAndDestroy', before, false],
  ] as const)('%s is an error after what was delivered, retryable, partial only if there was content', async (_title, how, body, partial) => {
    let connection: Socket | undefined;
    const server = await serveTcp((socket) => {
      connection = socket;
      socket.write(`${HEAD}${chunk(body)}${chunk('event: content_block_delta\ndata: {"type":"con')}`);
    });
    const breakOff = (): unknown => connection?.[how]();
    const last = partial ? 'text_delta' : 'usage';
    const source = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: server.url })(HELLO);
    const { events, error } = await outcomeOf(source.pipe(tap(({ type }) => type === last && breakOff())));
    expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial });
    expect(textOf(events)).toBe(partial ? 'Hel' : '');
    expect(server.count()).toBe(1);
  });

  it('N6: an end of the body without message_stop is a TruncatedStreamError', async () => {
    const { events, error } = await answered(200, STREAM, half);
    expect(error).toBeInstanceOf(TruncatedStreamError);
    expect(error).toMatchObject({ retryable: true, partial: true, requestId: 'req_1' });
    expect(textOf(events)).toBe('Hel');
  });

  it('N7: a stream cut at any byte gives whole events and then a typed error; only the whole one succeeds', async () => {
    const bytes = new TextEncoder().encode(BODY);
    const whole = await outcomeOf(played(bytes));
    expect(whole.completed).toBe(true);
    const told = whole.events.map((event) => ({ ...event, timestamp: 0 }));
    let longest = 0;
    for (let cut = 0; cut < bytes.length; cut++) {
      const { events, error } = await outcomeOf(played(bytes.subarray(0, cut)));
      expect(error).toBeInstanceOf(TruncatedStreamError);
      expect(error).toMatchObject({ partial: textOf(events) !== '' });
      expect(events.map((event) => ({ ...event, timestamp: 0 }))).toEqual(told.slice(0, events.length));
      expect(events.length).toBeGreaterThanOrEqual(longest);
      longest = events.length;
    }
    expect(longest).toBe(told.length - 1);
  });

  it('N8: an empty answer is a TruncatedStreamError', async () => {
    const { events, error } = await answered(200, STREAM, '');
    expect(error).toBeInstanceOf(TruncatedStreamError);
    expect(events).toEqual([]);
  });

  it('N11 N12: a compressed body that is cut off or corrupt is an error', async () => {
    const packed = gzipSync(BODY);
    const headers = { ...STREAM, 'content-encoding': 'gzip' };
    expect(await answered(200, headers, packed)).toMatchObject({ completed: true });
    expect((await answered(200, headers, packed.subarray(0, packed.length >> 1))).error).toMatchObject({ _tag: 'TruncatedStreamError', retryable: true });
    const corrupt = Buffer.from(packed).fill(0xff, packed.length >> 2, packed.length >> 1);
    expect((await answered(200, headers, corrupt)).error).toMatchObject({ _tag: 'TruncatedStreamError', retryable: true });
  });
});

/** The provider over a body in memory, each piece one chunk. */
function played(...pieces: readonly Uint8Array[]): ReturnType<ReturnType<typeof anthropic>> {
  const fetch = (): Promise<Response> => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: STREAM }));
  };
  return anthropic({ model: 'claude-test', apiKey: KEY, fetch })(HELLO);
}

describe('an answer that is no stream', () => {
  it('N9: a page is an error that names status and content type and shows nothing of the page', async () => {
    const { error } = await answered(200, { 'content-type': 'text/html; charset=utf-8' }, `<html>${'log in '.repeat(1000)}</html>`);
    expect(error).toMatchObject({ _tag: 'ProtocolError', status: 200, message: expect.stringMatching(/HTTP 200, text\/html/) });
    expect(String(error)).not.toContain('log in');
    expect(String(error).length).toBeLessThan(300);
  });

  it('N10: an error in JSON under a 200 is the error that it names', async () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_9' });
    const { error } = await answered(200, { 'content-type': 'application/json' }, body);
    expect(error).toMatchObject({ _tag: 'OverloadedError', retryable: true, requestId: 'req_9', message: expect.stringContaining('Overloaded') });
  });

  it('N10: an error in JSON that calls itself an event stream is the error that it names', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_9' };
    for (const body of [JSON.stringify(error), JSON.stringify(error, null, 2), `${JSON.stringify(error)}\n\n`]) {
      const { events, error: told } = await answered(200, STREAM, body);
      expect(told).toMatchObject({ _tag: 'OverloadedError', retryable: true, message: expect.stringContaining('Overloaded'), requestId: 'req_1' });
      expect(events).toEqual([]);
    }
    expect((await answered(200, STREAM, JSON.stringify({ error: 'x'.repeat(100_000) }))).error).toMatchObject({ _tag: 'TruncatedStreamError' });
  });

  it('N10: other JSON under a 200 is an error with its beginning', async () => {
    const { error } = await answered(200, { 'content-type': 'application/json' }, JSON.stringify({ hello: 'x'.repeat(5000) }));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(String(error).length).toBeLessThan(400);
  });
});

describe('a refusal', () => {
  const refusal = (type: string, details: object = {}): string => JSON.stringify({ type: 'error', error: { type, message: 'No, because.', ...details }, request_id: 'req_body' });
  const JSON_TYPE = { 'content-type': 'application/json', 'request-id': 'req_1' };

  it.each([
    [400, 'invalid_request_error', 'InvalidRequestError', false],
    [401, 'authentication_error', 'AuthenticationError', false],
    [403, 'permission_error', 'AuthenticationError', false],
    [404, 'not_found_error', 'InvalidRequestError', false],
    [408, 'timeout_error', 'TimeoutError', true],
    [413, 'request_too_large', 'InvalidRequestError', false],
    [429, 'rate_limit_error', 'RateLimitError', true],
    [500, 'api_error', 'ServerError', true],
    [529, 'overloaded_error', 'OverloadedError', true],
  ])('N34 N37: %i %s is a %s, asked once', async (status, type, tag, retryable) => {
    const { events, error, requests } = await answered(status, JSON_TYPE, refusal(type));
    expect(error).toMatchObject({ _tag: tag, status, retryable, requestId: 'req_1', partial: false, message: expect.stringContaining('No, because.') });
    expect(events).toEqual([]);
    expect(requests).toBe(1);
  });

  it.each([
    ['retry-after-ms', '1500', 1500],
    ['retry-after', '2', 2000],
    ['retry-after', '3600', 3_600_000],
  ])('N35: %s: %s is told as milliseconds', async (header, value, retryAfterMs) => {
    const { error } = await answered(429, { ...JSON_TYPE, [header]: value }, refusal('rate_limit_error'));
    expect(error).toMatchObject({ _tag: 'RateLimitError', retryAfterMs });
  });

  it('N35: retry-after may be a date', async () => {
    const inFiveMinutes = new Date(Date.now() + 300_000).toUTCString();
    const { error } = await answered(429, { ...JSON_TYPE, 'retry-after': inFiveMinutes }, refusal('rate_limit_error'));
    expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
  });

  it.each([
    ['retry-after', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['retry-after', '0'],
    ['retry-after', '-5'],
    ['retry-after', ''],
    ['retry-after', 'soon'],
    ['retry-after', 'Infinity'],
    ['retry-after-ms', '0'],
    ['retry-after-ms', '-1'],
  ])('N35: %s: %j asks for no wait, and so for none at once either', async (header, value) => {
    const { error } = await answered(429, { ...JSON_TYPE, [header]: value }, refusal('rate_limit_error'));
    expect(error).toMatchObject({ _tag: 'RateLimitError', retryAfterMs: undefined });
  });

  it('N35: retry-after stands in for a retry-after-ms that says nothing', async () => {
    const { error } = await answered(429, { ...JSON_TYPE, 'retry-after-ms': '0', 'retry-after': '2' }, refusal('rate_limit_error'));
    expect(error).toMatchObject({ retryAfterMs: 2000 });
  });

  it.each(['enforced_spend_limit_reached', 'contract_spend_limit_reached', 'ramp_limit_exceeded'])('N36: %s is not retryable', async (error_code) => {
    const { error } = await answered(429, { ...JSON_TYPE, 'x-should-retry': 'true' }, refusal('rate_limit_error', { details: { error_code } }));
    expect(error).toMatchObject({ _tag: 'RateLimitError', retryable: false });
  });

  it('N37: the service has the last word on whether to retry', async () => {
    expect((await answered(500, { ...JSON_TYPE, 'x-should-retry': 'false' }, refusal('api_error'))).error).toMatchObject({ retryable: false });
    expect((await answered(409, { ...JSON_TYPE, 'x-should-retry': 'true' }, refusal('conflict_error'))).error).toMatchObject({ retryable: true });
  });

  it.each([
    ['N34: a refusal without end is read as far as is needed', 500, 'ServerError', 'x'.repeat(1024 * 1024)],
    ['N39: the body of a redirect is not waited for', 307, 'ConfigurationError', 'moved'],
  ])('%s, and closes its connection', async (_title, status, _tag, piece) => {
    let closed = false;
    const server = await serve((response) => {
      response.once('close', () => (closed = true));
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).write(piece);
    });
    const { error } = await ask(server.url);
    expect(error).toMatchObject({ _tag, status });
    expect(String(error).length).toBeLessThan(400);
    await until(() => closed);
  });

  it('N34: a refusal that breaks off keeps what was said of it', async () => {
    const server = await serveTcp((socket) => socket.end('HTTP/1.1 529 \r\nretry-after: 2\r\ncontent-length: 99\r\n\r\n{"type":'));
    expect((await ask(server.url)).error).toMatchObject({ _tag: 'OverloadedError', status: 529, retryAfterMs: 2000 });
  });

  it('N38: a page under a 502 makes a short message', async () => {
    const { error } = await answered(502, { 'content-type': 'text/html' }, `<html><h1>Bad Gateway</h1>${'x'.repeat(5000)}</html>`);
    expect(error).toMatchObject({ _tag: 'ServerError', status: 502, retryable: true });
    expect(String(error).length).toBeLessThan(200);
    expect(String(error)).not.toContain('<');
  });

  it.each([301, 302, 307, 308])('N39: a %i is refused: no key follows it', async (status) => {
    const other = await serve((response) => response.end());
    const server = await serve((response) => response.writeHead(status, { location: `${other.url}/v1/messages` }).end());
    const { error } = await ask(server.url);
    expect(error).toMatchObject({ _tag: 'ConfigurationError', status, retryable: false });
    expect(other.requests).toHaveLength(0);
  });
});

describe('a stream that breaks its rules', () => {
  it('N20: names that a proxy stripped are not missed', async () => {
    const { events, completed } = await answered(200, STREAM, BODY.replace(/^event: .*\n/gm, ''));
    expect(completed).toBe(true);
    expect(textOf(events)).toBe('Hello 😀');
  });

  it('N25: data that is no JSON is a ProtocolError that tells its place and none of the data', async () => {
    const body = `${sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')])}event: content_block_delta\ndata: {"secret conversation\n\n`;
    const { events, error } = await answered(200, STREAM, body);
    expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 3, partial: true, requestId: 'req_1' });
    expect(String(error)).not.toContain('secret');
    expect(textOf(events)).toBe('Hel');
  });

  it('D1: data with a member called __proto__ is a ProtocolError', async () => {
    for (const name of ['__proto__', '\\u005f_proto__']) {
      const body = `${sse([start()])}data: {"type":"content_block_start","index":0,"content_block":{"type":"x","${name}":{"admin":true}}}\n\n`;
      expect((await answered(200, STREAM, body)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 1 });
    }
  });

  it('D1: data that no event can carry is a ProtocolError', async () => {
    for (const value of ['-1e999', '['.repeat(600) + ']'.repeat(600)]) {
      const body = `${sse([start()])}data: {"type":"weather_report","level":${value}}\n\n`;
      expect((await answered(200, STREAM, body)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 1 });
    }
  });

  it('N18: an event without end is a ProtocolError once it passes the cap', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 'a');
    let written = 0;
    const server = await serve((response) => {
      response.writeHead(200, STREAM).write(`${sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')])}data: `);
      const more = (): void => {
        while (!response.destroyed && written < 64) {
          written += 1;
          if (!response.write(mebibyte)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const { error } = await ask(server.url);
    expect(error).toMatchObject({ _tag: 'ProtocolError', partial: true });
    expect(written).toBeLessThan(64);
  });

  it('N33: an error event in the middle is typed, partial, and asked once', async () => {
    const body = sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel'), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]);
    const { events, error, requests } = await answered(200, STREAM, body);
    expect(error).toMatchObject({ _tag: 'OverloadedError', retryable: true, partial: true });
    expect(textOf(events)).toBe('Hel');
    expect(requests).toBe(1);
  });

  it('N33: an error event that holds words instead of JSON keeps them', async () => {
    const { error } = await answered(200, STREAM, `${sse([start()])}event: error\ndata: upstream gave up\n\n`);
    expect(error).toMatchObject({ _tag: 'ServerError', message: expect.stringContaining('upstream gave up') });
  });
});

describe('the end of the stream', () => {
  it('N29: what follows message_stop is ignored', async () => {
    const { events, completed } = await answered(200, STREAM, BODY + sse([start(), open(0, EMPTY_TEXT), text(0, 'again')]));
    expect(completed).toBe(true);
    expect(textOf(events)).toBe('Hello 😀');
    expect(events.filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  it('N30: completes at message_stop and closes the connection, though the service keeps it open', async () => {
    let closed = false;
    const server = await serve((response) => {
      response.once('close', () => (closed = true));
      response.writeHead(200, STREAM).write(BODY);
    });
    expect(await ask(server.url)).toMatchObject({ completed: true });
    await until(() => closed);
  });

  it('N30: whoever leaves with the message aborts nothing, and the connection is closed', async () => {
    let closed = false;
    const signals: (AbortSignal | null | undefined)[] = [];
    const server = await serve((response) => {
      response.once('close', () => (closed = true));
      response.writeHead(200, STREAM).write(BODY);
    });
    const fetch: typeof globalThis.fetch = (input, init) => {
      signals.push(init?.signal);
      return globalThis.fetch(input, init);
    };
    const provider = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: server.url, fetch });
    const { completed } = await outcomeOf(provider(HELLO).pipe(first(({ type }) => type === 'message')));
    await until(() => closed);
    expect([completed, signals.map((signal) => signal?.aborted)]).toEqual([true, [false]]);
  });

  it('N31: a reset after message_stop is still a success', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(BODY)),
      pull: (controller) => controller.error(Object.assign(new TypeError('terminated'), { cause: { code: 'ECONNRESET' } })),
    });
    const fetch = (): Promise<Response> => Promise.resolve(new Response(broken, { headers: STREAM }));
    expect(await ask('http://127.0.0.1', { fetch })).toMatchObject({ completed: true, error: undefined });
  });

  it('N32: a turn without a stop reason is truncated', async () => {
    const { error } = await answered(200, STREAM, sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel'), STOP]));
    expect(error).toMatchObject({ _tag: 'TruncatedStreamError', partial: true });
  });

  it('N15: keep-alives are told to the watchdog and to nobody else', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(`: hello\n\n${BODY}`));
    let pings = 0;
    const { events } = await ask(server.url, {}, { ...HELLO, onPing: () => (pings += 1) });
    expect(pings).toBe(2);
    expect(events.map(({ type }) => type)).toEqual(['usage', 'text_delta', 'text_delta', 'usage', 'message']);
  });

  it('says where the stream stood in its envelope: run, order, path, iteration and the model that answers', async () => {
    const server = await serve((response) => response.writeHead(200, STREAM).end(BODY));
    const { events } = await ask(server.url, {}, { ...HELLO, path: ['call_1'], iteration: 3 });
    expect(events.map(({ runId, seq, path, iteration, model }) => ({ runId, seq, path, iteration, model }))).toEqual(
      events.map((_, seq) => ({ runId: 'run', seq, path: ['call_1'], iteration: 3, model: 'claude-test' })),
    );
  });
});
