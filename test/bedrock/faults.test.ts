import { gzipSync } from 'node:zlib';
import { tap } from 'rxjs';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { bedrock } from 'coldstream/bedrock';
import type { JsonObject } from '../../src/events/json.js';
import {
  ask,
  CLOSE,
  closeAll,
  CREDENTIALS,
  event,
  exception,
  failure,
  frame,
  GREETING,
  HALF,
  HANDLERS,
  HELLO,
  joined,
  METADATA,
  outcomeOf,
  provider,
  said,
  serve,
  serveTcp,
  START,
  STOP,
  STREAM,
  textOf,
  until,
  type Loopback,
  type Outcome,
  type Reply,
} from './support.js';

afterEach(closeAll);

/** A client whose HTTP is a function: the SDK signs and sends, and nothing leaves the process. */
function clientOver(handle: (request: unknown) => Promise<{ response: object }>): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ region: 'us-east-1', credentials: { ...CREDENTIALS }, requestHandler: { handle } });
}

function bodyOf(pieces: readonly Uint8Array[], error?: Error): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces[at++];
      if (piece !== undefined) controller.enqueue(piece);
      else if (error === undefined) controller.close();
      else controller.error(error);
    },
  });
}

/** The provider over a body in memory, each piece one chunk; `error` is how it breaks off. */
function played(pieces: readonly Uint8Array[], error?: Error): Promise<Outcome> {
  const client = clientOver(() => Promise.resolve({ response: { statusCode: 200, headers: { ...STREAM }, body: bodyOf(pieces, error) } }));
  return outcomeOf(bedrock({ model: 'test', client })(HELLO));
}

const RESET = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe.each(HANDLERS)('over %s', (handler) => {
  const asks = (url: string): Promise<Outcome> => ask(url, { handler });

  /** Answers every request like this; tells what came of one subscription and how many requests it took. */
  async function answered(answer: (reply: Reply) => void): Promise<Outcome & { readonly requests: number }> {
    const server = await serve(handler, answer);
    const outcome = await asks(server.url);
    return { ...outcome, requests: server.replies.length };
  }
  const streamed = (...frames: readonly Uint8Array[]): ReturnType<typeof answered> => answered((reply) => reply.answer(200, STREAM, joined(frames)));
  const refused = (status: number, headers: Readonly<Record<string, string>>, body: string): ReturnType<typeof answered> =>
    answered((reply) => reply.answer(status, headers, body));

  describe('a request that gets no answer', () => {
    it('N1: a refused connection is a ConnectionError with the code', async () => {
      const server = await serveTcp(() => undefined);
      await closeAll();
      const { events, error } = await asks(server.url);
      expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: false, cause: { code: 'ECONNREFUSED' }, message: expect.stringContaining('ECONNREFUSED') });
      expect(events).toEqual([]);
      expect(server.connections).toBe(0);
    });

    it.each(['ENOTFOUND', 'EAI_AGAIN'])('N2: %s is a retryable ConnectionError with the code, asked once', async (code) => {
      let requests = 0;
      const client = clientOver(() => {
        requests += 1;
        return Promise.reject(Object.assign(new Error(`getaddrinfo ${code} bedrock.invalid`), { code }));
      });
      const { error } = await outcomeOf(bedrock({ model: 'test', client })(HELLO));
      expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, cause: { code }, message: expect.stringContaining(code) });
      expect(requests).toBe(1);
    });

    it.each(['ERR_HTTP2_ERROR', 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'])('%s, from what does not speak HTTP/2, says what helps', async (code) => {
      const client = clientOver(() => Promise.reject(Object.assign(new Error('alert number 120\n'), { code })));
      const { error } = await outcomeOf(bedrock({ model: 'test', client })(HELLO));
      expect(error).toMatchObject({ _tag: 'ConnectionError', cause: { code }, message: expect.stringMatching(/120 \(.*handler: 'http1' helps\)$/) });
    });

    it.each(['reset', 'fin'] as const)('N3: a %s before the headers is one request and a ConnectionError', async (how) => {
      const { events, error, requests } = await answered((reply) => reply.breakOff(how));
      expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: false });
      expect([events, requests]).toEqual([[], 1]);
    });

    it('says which handler helps where the other side speaks another HTTP', async () => {
      const other = await serve(handler === 'http1' ? 'http2' : 'http1', (reply) => reply.answer(200, STREAM, joined(GREETING)));
      const { error } = await asks(other.url);
      expect(error).toMatchObject({ _tag: 'ConnectionError', message: expect.stringContaining("handler: 'http1'") });
    });
  });

  describe('a connection that breaks while the stream runs', () => {
    it.each([
      ['N4: a reset', 'reset', HALF, true],
      ['N5 N41: a FIN', 'fin', HALF, true],
      ['N4: a reset before any content', 'reset', [START], false],
    ] as const)('%s is an error after what was delivered, retryable, partial only if there was content', async (_title, how, frames, partial) => {
      let reply: Reply | undefined;
      const server = await serve(handler, (asked) => {
        reply = asked;
        asked.answer(200, STREAM);
        asked.write(joined([...frames, said('never whole').subarray(0, 30)]));
      });
      const outcome = outcomeOf(provider(server.url, { handler })(HELLO).pipe(tap(() => reply?.breakOff(how))));
      if (!partial) await until(() => reply !== undefined).then(() => reply?.breakOff(how));
      const { events, error } = await outcome;
      expect(error).toMatchObject({ _tag: expect.stringMatching(/^(?:ConnectionError|TruncatedStreamError)$/), retryable: true, partial });
      expect(textOf(events)).toBe(partial ? 'Hel' : '');
      expect(server.replies).toHaveLength(1);
    });

    it('N6: an end of the body without messageStop is a TruncatedStreamError', async () => {
      const { events, error } = await streamed(...HALF);
      expect(error).toMatchObject({ _tag: 'TruncatedStreamError', retryable: true, partial: true, requestId: 'req_1' });
      expect(textOf(events)).toBe('Hel');
    });

    it('N7 N40: an end inside the last event is a TruncatedStreamError', async () => {
      const { events, error } = await streamed(...HALF, said('lo').subarray(0, -5));
      expect(error).toMatchObject({ _tag: 'TruncatedStreamError', retryable: true, partial: true, requestId: 'req_1' });
      expect(textOf(events)).toBe('Hel');
    });

    it('N40: an end inside the first length is a TruncatedStreamError', async () => {
      const { error } = await streamed(...HALF, said('lo').subarray(0, 3));
      expect(error).toMatchObject({ _tag: 'TruncatedStreamError', partial: true });
    });

    it('N8: an empty answer is a TruncatedStreamError', async () => {
      const { events, error } = await streamed();
      expect(error).toMatchObject({ _tag: 'TruncatedStreamError', partial: false });
      expect(events).toEqual([]);
    });

    it.each([
      ['checksum', -1],
      ['payload', -10],
      ['prelude', 9],
    ])('N40: a frame with a broken %s is a ProtocolError that tells its place', async (_where, at) => {
      const broken = Buffer.from(said('lo'));
      const place = at < 0 ? broken.length + at : at;
      broken[place] = (broken[place] ?? 0) ^ 1;
      const { events, error } = await streamed(...HALF, broken, ...GREETING.slice(3));
      expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 2, partial: true, requestId: 'req_1' });
      expect(textOf(events)).toBe('Hel');
    });

    it('N42: a length of 2 GiB is a ProtocolError, and closes the connection', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, STREAM);
        reply.write(joined([...HALF, Buffer.from('7000000000000000', 'hex'), Buffer.from('deadbeef', 'hex')]));
      });
      expect((await asks(server.url)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 2, partial: true });
      await until(() => server.sockets.size === 0);
    });

    it('N11 N12: a body that is packed is an error', async () => {
      const { error } = await answered((reply) => reply.answer(200, { ...STREAM, 'content-encoding': 'gzip' }, gzipSync(joined(GREETING))));
      expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 0 });
    });

    it('N16: a drip of single bytes tells the same as one piece', async () => {
      const bytes = joined(GREETING);
      const dripped = await answered((reply) => {
        reply.answer(200, STREAM);
        for (let at = 0; at < bytes.length; at++) reply.write(bytes.subarray(at, at + 1));
        reply.end();
      });
      const whole = await streamed(...GREETING);
      const bare = ({ events }: Outcome): readonly object[] => events.map((told) => ({ ...told, timestamp: 0 }));
      expect(bare(dripped)).toEqual(bare(whole));
      expect(textOf(whole.events)).toBe('Hello 😀');
    });
  });

  describe('an answer that is no stream', () => {
    it('N9: a page is an error that names status and content type and shows nothing of the page', async () => {
      const { error } = await refused(200, { 'content-type': 'text/html; charset=utf-8' }, `<html>${'log in '.repeat(1000)}</html>`);
      expect(error).toMatchObject({ _tag: 'ProtocolError', status: 200, message: expect.stringMatching(/HTTP 200, text\/html/) });
      expect(String(error)).not.toContain('log in');
      expect(String(error).length).toBeLessThan(300);
    });

    it('N9: a page that calls itself a stream is an error as well', async () => {
      const { error } = await refused(200, STREAM, `<html>${'log in '.repeat(1000)}</html>`);
      expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 0 });
      expect(String(error)).not.toContain('log in');
    });

    it('N10: an error in JSON under a 200 is the error that it names', async () => {
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/coral/', 'x-amzn-requestid': 'req_2' };
      const { error } = await refused(200, headers, JSON.stringify({ message: 'Slow down, please.' }));
      expect(error).toMatchObject({ _tag: 'RateLimitError', retryable: true, requestId: 'req_2', message: expect.stringContaining('Slow down, please.') });
    });

    it('N10: other JSON under a 200 is an error with its beginning', async () => {
      const { error } = await refused(200, { 'content-type': 'application/json' }, JSON.stringify({ hello: 'x'.repeat(5000) }));
      expect(error).toMatchObject({ _tag: 'ProtocolError' });
      expect(String(error).length).toBeLessThan(400);
    });

    it('N9: a page without end is read as far as is needed, and its connection is closed', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, { 'content-type': 'text/html' });
        reply.write('x'.repeat(100_000));
      });
      expect((await asks(server.url)).error).toMatchObject({ _tag: 'ProtocolError' });
      await until(() => server.sockets.size === 0);
    });
  });

  describe('a refusal', () => {
    const JSON_TYPE = { 'content-type': 'application/json', 'x-amzn-requestid': 'req_1' };
    const named = (type: string): Readonly<Record<string, string>> => ({ ...JSON_TYPE, 'x-amzn-errortype': type });

    it.each([
      [400, 'ValidationException', 'InvalidRequestError', false],
      [400, 'ServiceQuotaExceededException', 'RateLimitError', false],
      [400, 'ExpiredTokenException', 'AuthenticationError', false],
      [401, 'SomethingNew', 'AuthenticationError', false],
      [403, 'AccessDeniedException', 'AuthenticationError', false],
      [403, 'UnrecognizedClientException', 'AuthenticationError', false],
      [403, 'InvalidSignatureException', 'AuthenticationError', false],
      [404, 'ResourceNotFoundException', 'InvalidRequestError', false],
      [408, 'ModelTimeoutException', 'TimeoutError', true],
      [413, 'RequestEntityTooLargeException', 'InvalidRequestError', false],
      [424, 'ModelErrorException', 'ModelError', true],
      [429, 'ThrottlingException', 'RateLimitError', true],
      [429, 'ModelNotReadyException', 'OverloadedError', true],
      [500, 'InternalServerException', 'ServerError', true],
      [503, 'ServiceUnavailableException', 'OverloadedError', true],
      [502, 'SomethingNew', 'ServerError', true],
    ])('N34 N37: %i %s is a %s, asked once', async (status, type, tag, retryable) => {
      const { events, error, requests } = await refused(status, named(type), JSON.stringify({ message: 'No, because.' }));
      expect(error).toMatchObject({ _tag: tag, status, retryable, requestId: 'req_1', partial: false, message: expect.stringMatching(new RegExp(`${status} ${type}.*No, because\\.`)) });
      expect(events).toEqual([]);
      expect(requests).toBe(1);
    });

    it('N34: a refusal for the keys says where keys go', async () => {
      const { error } = await refused(403, named('UnrecognizedClientException'), JSON.stringify({ message: 'The security token included in the request is invalid.' }));
      for (const word of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_BEARER_TOKEN_BEDROCK', 'credentials']) expect(String(error)).toContain(word);
    });

    it.each([
      [400, false],
      [424, true],
      [429, true],
      [500, true],
    ])('N34: whether a model that failed with %i may be asked again: %s', async (originalStatusCode, retryable) => {
      const body = JSON.stringify({ message: 'The model failed.', originalStatusCode, originalMessage: 'because of that' });
      const { error } = await refused(424, named('ModelErrorException'), body);
      expect(error).toMatchObject({ _tag: 'ModelError', retryable, message: expect.stringContaining('because of that') });
    });

    it('N35: retry-after is told in milliseconds', async () => {
      const { error } = await refused(429, { ...named('ThrottlingException'), 'retry-after': '2' }, JSON.stringify({ message: 'Too many requests' }));
      expect(error).toMatchObject({ _tag: 'RateLimitError', retryAfterMs: 2000 });
    });

    it('N36: what is spent for the day is not retryable', async () => {
      const { error } = await refused(429, named('ThrottlingException'), JSON.stringify({ message: 'Too many tokens per day, please wait before trying again.' }));
      expect(error).toMatchObject({ _tag: 'RateLimitError', retryable: false });
    });

    it('N34: the name may stand in the body', async () => {
      const { error } = await refused(400, JSON_TYPE, JSON.stringify({ __type: 'com.amazonaws.bedrock#ThrottlingException', Message: 'Slow down.' }));
      expect(error).toMatchObject({ _tag: 'RateLimitError', message: expect.stringContaining('Slow down.') });
    });

    it('N38: a page under a 502 makes a short message, asked once', async () => {
      const { error, requests } = await refused(502, { 'content-type': 'text/html' }, `<html><h1>Bad Gateway</h1>${'x'.repeat(5000)}</html>`);
      expect(error).toMatchObject({ _tag: 'ServerError', status: 502, retryable: true });
      expect(String(error).length).toBeLessThan(200);
      expect(String(error)).not.toContain('<');
      expect(requests).toBe(1);
    });

    it.each([
      ['N34: a refusal without end is read as far as is needed', 500, 'ServerError', 'x'.repeat(1024 * 1024)],
      ['N39: the body of a redirect is not waited for', 307, 'ConfigurationError', 'moved'],
    ])('%s, and closes its connection', async (_title, status, _tag, piece) => {
      const server = await serve(handler, (reply) => {
        reply.answer(status, { location: 'http://127.0.0.1:1/' });
        reply.write(piece);
      });
      const { error } = await asks(server.url);
      expect(error).toMatchObject({ _tag, status });
      expect(String(error).length).toBeLessThan(400);
      await until(() => server.sockets.size === 0);
    });

    it('N34: a refusal that breaks off keeps what was said of it', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(503, { ...named('ServiceUnavailableException'), 'retry-after': '2', 'content-length': '99' });
        reply.write('{"message":');
        setImmediate(() => reply.breakOff('fin'));
      });
      expect((await asks(server.url)).error).toMatchObject({ _tag: 'OverloadedError', status: 503, retryAfterMs: 2000, requestId: 'req_1' });
    });

    it.each([301, 302, 307, 308])('N39: a %i is refused: no key follows it', async (status) => {
      const other = await serve(handler, (reply) => reply.answer(200, STREAM, joined(GREETING)));
      const { error } = await refused(status, { location: `${other.url}/model` }, '');
      expect(error).toMatchObject({ _tag: 'ConfigurationError', status, retryable: false });
      expect(other.connections).toBe(0);
    });
  });

  describe('an exception in the stream', () => {
    const cases: readonly (readonly [type: string, value: JsonObject, tag: string, retryable: boolean])[] = [
      ['throttlingException', { message: 'Slow down.' }, 'RateLimitError', true],
      ['serviceUnavailableException', { message: 'Come back later.' }, 'OverloadedError', true],
      ['internalServerException', { message: 'Oops.' }, 'ServerError', true],
      ['validationException', { message: 'No.' }, 'InvalidRequestError', false],
      ['modelStreamErrorException', { message: 'It failed.', originalStatusCode: 500, originalMessage: 'why' }, 'ModelError', true],
      ['modelStreamErrorException', { message: 'It failed.', originalStatusCode: 400 }, 'ModelError', false],
      ['modelTimeoutException', { message: 'Too slow.' }, 'TimeoutError', true],
      ['brandNewThrottledException', { message: 'Slow down.' }, 'RateLimitError', true],
      ['somethingElse', {}, 'ServerError', true],
    ];

    it.each(cases)('N33 N43: %s %j as the first frame is a %s, asked once', async (type, value, tag, retryable) => {
      const { events, error, requests } = await streamed(exception(type, value));
      expect(error).toMatchObject({ _tag: tag, retryable, partial: false, requestId: 'req_1', message: expect.stringContaining(String(value['message'] ?? type)) });
      expect([events, requests]).toEqual([[], 1]);
    });

    it.each(cases)('N33 N43: %s %j in the middle is a %s, partial, asked once', async (type, value, tag, retryable) => {
      const { events, error, requests } = await streamed(...HALF, exception(type, value), ...GREETING.slice(2));
      expect(error).toMatchObject({ _tag: tag, retryable, partial: true, requestId: 'req_1' });
      expect([textOf(events), requests]).toEqual(['Hel', 1]);
    });

    it('N43: an :error frame is typed by its code', async () => {
      const { events, error } = await streamed(...HALF, failure('InternalFailure', 'It broke.'));
      expect(error).toMatchObject({ _tag: 'ServerError', retryable: true, partial: true, message: expect.stringMatching(/InternalFailure.*It broke\./) });
      expect(textOf(events)).toBe('Hel');
    });

    it('N43: an exception whose value is no JSON keeps its words', async () => {
      const { error } = await streamed(frame({ ':message-type': 'exception', ':exception-type': 'internalServerException' }, 'upstream gave up'));
      expect(error).toMatchObject({ _tag: 'ServerError', message: expect.stringContaining('upstream gave up') });
    });

    it('N43: a frame that does not say what it is is a ProtocolError', async () => {
      for (const headers of [{}, { ':event-type': 'messageStop' }, { ':message-type': 'event' }, { ':message-type': 'other' }]) {
        expect((await streamed(...HALF, frame(headers, '{}'))).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 2, partial: true });
      }
    });
  });

  describe('the end of the stream', () => {
    it('N30: completes at metadata and closes the connection, though the service keeps it open', async () => {
      const server = await serve(handler, (reply) => {
        reply.answer(200, STREAM);
        reply.write(joined(GREETING));
      });
      expect(await asks(server.url)).toMatchObject({ completed: true });
      await until(() => server.sockets.size === 0);
    });

    it('N31: a connection that breaks after metadata is still a success', async () => {
      const { events, completed } = await answered((reply) => {
        reply.answer(200, STREAM);
        reply.write(joined(GREETING));
        setImmediate(() => reply.breakOff('fin'));
      });
      expect(completed).toBe(true);
      expect(events.at(-1)).toMatchObject({ type: 'message', usage: { inputTokens: 10, outputTokens: 7 }, metadata: { metrics: { latencyMs: 12 } } });
    });

    it.each(['reset', 'fin', 'end'] as const)('N31 N44: a %s after messageStop, before metadata, is a success whose cost is not known', async (how) => {
      let reply: Reply | undefined;
      const server: Loopback = await serve(handler, (asked) => {
        reply = asked;
        asked.answer(200, STREAM);
        asked.write(joined([...GREETING.slice(0, -1), event('later', { known: false })]));
      });
      const { events, completed } = await outcomeOf(
        provider(server.url, { handler })(HELLO).pipe(
          tap(({ type }) => {
            // The last event before the end says that messageStop has come by.
            if (type !== 'text_delta') return;
            if (how === 'end') reply?.end();
            else setImmediate(() => reply?.breakOff(how));
          }),
        ),
      );
      expect(completed).toBe(true);
      expect(events.at(-1)).toMatchObject({ type: 'message', stopReason: 'end_turn', usage: null, metadata: { incomplete: 'metadata' } });
      expect(textOf(events)).toBe('Hello 😀');
    });

    it('N44: an end inside metadata is a success whose cost is not known', async () => {
      const { events, completed } = await streamed(...GREETING.slice(0, -1), METADATA.subarray(0, 50));
      expect(completed).toBe(true);
      expect(events.at(-1)).toMatchObject({ type: 'message', usage: null, metadata: { incomplete: 'metadata' } });
    });

    it('N40: a broken frame after messageStop is an error all the same', async () => {
      const broken = Buffer.from(METADATA);
      broken[40] = (broken[40] ?? 0) ^ 1;
      expect((await streamed(...GREETING.slice(0, -1), broken)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 5, partial: true });
    });

    it('N29: what follows metadata is not looked at', async () => {
      const { events, completed } = await streamed(...GREETING, ...GREETING, Buffer.from('no frame'));
      expect(completed).toBe(true);
      expect(events.filter(({ type }) => type === 'message')).toHaveLength(1);
    });

    it('M19: output that the service calls malformed is a ModelError, after its cost', async () => {
      const { events, error } = await streamed(START, said('{'), CLOSE, event('messageStop', { stopReason: 'malformed_tool_use' }), METADATA);
      expect(error).toMatchObject({ _tag: 'ModelError', retryable: true, partial: true, requestId: 'req_1' });
      expect(events.map(({ type }) => type)).toEqual(['text_delta', 'usage']);
    });
  });

  if (handler === 'http2') {
    it.each([
      ['RST_STREAM CANCEL', 8],
      ['RST_STREAM INTERNAL_ERROR', 2],
      ['RST_STREAM NO_ERROR', 0],
    ])('N41: %s in the middle is an error', async (_title, code) => {
      let reply: Reply | undefined;
      const server = await serve(handler, (asked) => {
        reply = asked;
        asked.answer(200, STREAM);
        asked.write(joined(HALF));
      });
      const { events, error } = await outcomeOf(provider(server.url, { handler })(HELLO).pipe(tap(() => reply?.stream?.close(code))));
      expect(error).toMatchObject({ _tag: expect.stringMatching(/^(?:ConnectionError|TruncatedStreamError)$/), retryable: true, partial: true });
      expect(textOf(events)).toBe('Hel');
    });

    it.each(['destroy', 'goaway'] as const)('N41: a session that ends by %s in the middle is an error', async (how) => {
      let reply: Reply | undefined;
      const server = await serve(handler, (asked) => {
        reply = asked;
        asked.answer(200, STREAM);
        asked.write(joined(HALF));
      });
      const breakOff = (): void => {
        const session = reply?.stream?.session;
        if (how === 'goaway') session?.goaway(2);
        else session?.destroy();
      };
      const { events, error } = await outcomeOf(provider(server.url, { handler })(HELLO).pipe(tap(breakOff)));
      expect(error).toMatchObject({ _tag: 'ConnectionError', retryable: true, partial: true });
      expect(textOf(events)).toBe('Hel');
    });
  }
});

describe('a body of any client', () => {
  it('N7 N40: cut at any byte gives whole events and then a typed error; nothing before messageStop succeeds', async () => {
    const bytes = joined(GREETING);
    const stopped = joined(GREETING.slice(0, -1)).length;
    const bare = ({ events }: Outcome): readonly object[] => events.map((told) => ({ ...told, timestamp: 0 }));
    const told = bare(await played([bytes]));
    expect(told).toHaveLength(4);
    for (let cut = 0; cut <= bytes.length; cut++) {
      for (const error of [undefined, RESET]) {
        const outcome = await played([bytes.subarray(0, cut)], error);
        const partial = textOf(outcome.events) !== '';
        if (cut >= stopped) {
          expect(outcome.completed).toBe(true);
          expect(textOf(outcome.events)).toBe('Hello 😀');
          continue;
        }
        expect(bare(outcome)).toEqual(told.slice(0, outcome.events.length));
        expect(outcome.error).toMatchObject({ _tag: error === undefined ? 'TruncatedStreamError' : 'ConnectionError', retryable: true, partial });
      }
    }
  });

  it('N17: invalid UTF-8 becomes replacement characters', async () => {
    const headers = { ':event-type': 'contentBlockDelta', ':content-type': 'application/json', ':message-type': 'event' };
    const payload = Buffer.concat([Buffer.from('{"contentBlockIndex":0,"delta":{"text":"a'), Buffer.of(0xff), Buffer.from('b"}}')]);
    const { events, completed } = await played([START, frame(headers, payload), CLOSE, STOP, METADATA]);
    expect([completed, textOf(events)]).toEqual([true, 'a\ufffdb']);
  });

  it('N18: a frame of ten mebibytes is read; one above the cap is refused with its prelude', async () => {
    const long = 'x'.repeat(10 * 1024 * 1024);
    const { events, completed } = await played([START, said(long), CLOSE, STOP, METADATA]);
    expect([completed, textOf(events).length]).toEqual([true, long.length]);
    const { error } = await played([START, said('x'.repeat(17 * 1024 * 1024)).subarray(0, 12)]);
    expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 1 });
  });

  it('N25 D1: a payload that is no safe JSON object is a ProtocolError that tells its place and none of it', async () => {
    const headers = { ':event-type': 'contentBlockDelta', ':content-type': 'application/json', ':message-type': 'event' };
    for (const payload of ['{"secret conversation', '[]', '"secret"', '{"contentBlockIndex":0,"delta":{"__proto__":{"admin":true}}}', '{"contentBlockIndex":-1e999}']) {
      const { error } = await played([...HALF, frame(headers, payload)]);
      expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 2, partial: true, requestId: 'req_1' });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('N21: events, deltas and blocks that nobody knows yet are kept as they came', async () => {
    const odd = event('weatherReport', { level: 3, p: 'ab' });
    const { events, completed } = await played([START, odd, said('Hi'), CLOSE, STOP, METADATA]);
    expect(completed).toBe(true);
    expect(events[0]).toMatchObject({ type: 'raw', content: { provider: 'bedrock', event: { weatherReport: { level: 3 } } } });
  });

  it('tells its place in its envelope: run, order, path, iteration, model', async () => {
    const client = clientOver(() => Promise.resolve({ response: { statusCode: 200, headers: { ...STREAM }, body: bodyOf(GREETING) } }));
    const { events } = await outcomeOf(bedrock({ model: 'test', client })({ ...HELLO, path: ['call_1'], iteration: 3 }));
    expect(events.map(({ runId, seq, path, iteration, model }) => ({ runId, seq, path, iteration, model }))).toEqual(
      events.map((_, seq) => ({ runId: 'run', seq, path: ['call_1'], iteration: 3, model: 'test' })),
    );
  });
});
