import { inspect } from 'node:util';
import { anthropic } from 'coldstream/anthropic';
import type { JsonObject } from '../../src/events/json.js';
import { EMPTY_TEXT, HELLO, KEY, open, outcomeOf, sse, start, text, textOf, type Outcome } from './support.js';

const QUESTION = 'canary question of the application';
const ASKED = { ...HELLO, messages: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }] } as const;

let answer = (): Response => new Response();
const provider = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: 'http://127.0.0.1', fetch: () => Promise.resolve(answer()) });

/** What comes of an answer, over the real SDK. */
function answered(status: number, body: string, headers: Record<string, string> = {}): Promise<Outcome> {
  answer = () => new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
  return outcomeOf(provider(ASKED));
}

const STREAM = { 'content-type': 'text/event-stream', 'request-id': 'req_header' };
const failure = (type: string, details: JsonObject = {}): JsonObject => ({ type: 'error', error: { type, message: 'No, because.', ...details }, request_id: 'req_body' });

/** By the type alone: what it means in a stream, where no status says anything. */
const TYPES: readonly (readonly [type: string, tag: string, retryable: boolean])[] = [
  ['invalid_request_error', 'InvalidRequestError', false],
  ['authentication_error', 'AuthenticationError', false],
  ['billing_error', 'InvalidRequestError', false],
  ['permission_error', 'AuthenticationError', false],
  ['not_found_error', 'InvalidRequestError', false],
  ['request_too_large', 'InvalidRequestError', false],
  ['conflict_error', 'InvalidRequestError', false],
  ['memory_precondition_failed_error', 'InvalidRequestError', false],
  ['memory_path_conflict_error', 'InvalidRequestError', false],
  ['rate_limit_error', 'RateLimitError', true],
  ['timeout_error', 'TimeoutError', true],
  ['api_error', 'ServerError', true],
  ['overloaded_error', 'OverloadedError', true],
  ['error', 'ServerError', true],
  ['future_error', 'InvalidRequestError', false],
];

/** By the status, which has the last word but for an overload. */
const STATUSES: readonly (readonly [status: number, tag: string, retryable: boolean])[] = [
  [301, 'ConfigurationError', false],
  [400, 'InvalidRequestError', false],
  [401, 'AuthenticationError', false],
  [402, 'InvalidRequestError', false],
  [403, 'AuthenticationError', false],
  [404, 'InvalidRequestError', false],
  [408, 'TimeoutError', true],
  [409, 'InvalidRequestError', false],
  [413, 'InvalidRequestError', false],
  [422, 'InvalidRequestError', false],
  [429, 'RateLimitError', true],
  [500, 'ServerError', true],
  [502, 'ServerError', true],
  [503, 'ServerError', true],
  [504, 'ServerError', true],
  [529, 'OverloadedError', true],
];

function expectShort(error: unknown): void {
  const shown = inspect(error, { showHidden: true, depth: 10 });
  expect(String(error).length).toBeLessThan(700);
  expect(String(error)).not.toMatch(/<[a-z!/]/i);
  for (const hidden of [KEY, QUESTION, 'claude-test']) expect(shown).not.toContain(hidden);
}

describe('an error event in the stream', () => {
  const first: readonly JsonObject[] = [];
  const quiet = [start()];
  const later = [start(), open(0, EMPTY_TEXT), text(0, 'Hel')];

  it.each(TYPES.flatMap(([type, tag, retryable]) => [[type, 'first', first, tag, retryable, false] as const, [type, 'before any content', quiet, tag, retryable, false] as const, [type, 'later', later, tag, retryable, true] as const]))(
    'N33: %s, %s',
    async (type, _place, before, tag, retryable, partial) => {
      const { events, error } = await answered(200, sse([...before, failure(type)]), STREAM);
      expect(error).toMatchObject({ _tag: tag, name: tag, retryable, partial, requestId: 'req_body', message: expect.stringContaining('No, because.') });
      expect(error).toMatchObject({ status: undefined, retryAfterMs: undefined });
      expect(textOf(events)).toBe(partial ? 'Hel' : '');
      expectShort(error);
    },
  );

  it('N33: without a request id of its own has that of the headers', async () => {
    const { error } = await answered(200, sse([start(), { type: 'error', error: { type: 'api_error', message: 'No.' } }]), STREAM);
    expect(error).toMatchObject({ requestId: 'req_header' });
  });

  it('N36: a spending limit is not retried there either', async () => {
    const { error } = await answered(200, sse([failure('rate_limit_error', { details: { error_code: 'enforced_spend_limit_reached' } })]), STREAM);
    expect(error).toMatchObject({ _tag: 'RateLimitError', retryable: false });
  });

  it.each([
    ['words', 'upstream gave up', 'upstream gave up'],
    ['a page', '<html><body>Bad Gateway</body></html>', 'a page of markup'],
    ['words and a page', 'upstream gave up: <html><h1>502</h1></html>', 'upstream gave up: …'],
    ['nothing', '', 'without a message'],
    ['a page in its message', JSON.stringify({ error: { type: 'api_error', message: '<!DOCTYPE html><p>No</p>' } }), 'a page of markup'],
    ['a text for an error', JSON.stringify({ error: 'upstream gave up' }), 'upstream gave up'],
    ['no error at all', JSON.stringify({ type: 'error' }), 'without a message'],
    ['a message that is none', JSON.stringify({ error: { message: 5 } }), 'without a message'],
    ['a message without end', JSON.stringify({ error: { message: 'x'.repeat(10_000_000) } }), 'xxx'],
    ['a type without end', JSON.stringify({ error: { type: 'x'.repeat(100_000), message: 'No.' } }), 'No.'],
  ])('N33 N38: that holds %s has a short message', async (_what, data, said) => {
    const { error } = await answered(200, `${sse([start()])}event: error\ndata: ${data}\n\n`, STREAM);
    expect(error).toMatchObject({ _tag: 'ServerError', retryable: true, message: expect.stringContaining(said) });
    expectShort(error);
  });
});

describe('a refusal', () => {
  it.each(STATUSES)('N34 N35 N37: %i is a %s, whatever type it names but an overload', async (status, tag, retryable) => {
    for (const [type] of TYPES) {
      const { events, error } = await answered(status, JSON.stringify(failure(type)), { 'request-id': 'req_header', 'retry-after': '2' });
      // The body of a redirect is not read.
      const [read, overloaded] = [status >= 400, status >= 400 && type === 'overloaded_error'];
      const expected = overloaded ? { _tag: 'OverloadedError', name: 'OverloadedError', retryable: true } : { _tag: tag, name: tag, retryable };
      expect(error).toMatchObject({ ...expected, status, partial: false, requestId: 'req_header', retryAfterMs: 2000 });
      if (read) expect(error).toMatchObject({ message: expect.stringContaining(`${type}): No, because.`) });
      expect(events).toEqual([]);
      expectShort(error);
    }
  });

  it.each(STATUSES.filter(([status]) => status >= 400))('N38: %i with a page, nothing, or words behind it is as short', async (status, tag, retryable) => {
    for (const body of [`<html><h1>No</h1>${'x'.repeat(5000)}</html>`, `\n<!doctype html>${'<p>x'.repeat(500)}`, '', `Bad gateway <html>${'x'.repeat(5000)}`, 'no such route', JSON.stringify({ error: `<html>${'x'.repeat(5000)}` }), '{"half":', '[]', 'null']) {
      const { error } = await answered(status, body, { 'content-type': 'text/html' });
      expect(error).toMatchObject({ _tag: tag, retryable, status, partial: false });
      expect(String(error).length).toBeLessThan(350);
      expectShort(error);
    }
  });

  it('N34: a request id that is no name is none', async () => {
    for (const headers of [{ 'request-id': 'x'.repeat(5000) }, {}]) {
      expect((await answered(400, JSON.stringify({ error: { message: 'No.' } }), headers)).error).not.toHaveProperty('requestId', expect.anything());
    }
    expect((await answered(400, '{}', { 'x-request-id': 'gateway_1' })).error).toMatchObject({ requestId: 'gateway_1' });
  });

  it('N10: a 200 whose JSON tells of a failure is that failure', async () => {
    for (const [type, tag, retryable] of TYPES) {
      const { error } = await answered(200, JSON.stringify(failure(type)), { 'request-id': 'req_header' });
      expect(error).toMatchObject({ _tag: tag, retryable, status: 200, requestId: 'req_header', partial: false });
      expectShort(error);
    }
  });
});

describe('events that say nothing', () => {
  const before = [start(), open(0, EMPTY_TEXT), text(0, 'Hel')];
  const after: readonly JsonObject[] = [{ type: 'content_block_stop', index: 0 }, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }];
  const stop = sse([{ type: 'message_stop' }]);
  const read = async (odd: string, last = stop): Promise<Outcome & { readonly pings: number }> => {
    let pings = 0;
    answer = () => new Response(sse(before) + odd + sse(after) + last, { headers: STREAM });
    const outcome = await outcomeOf(provider({ ...HELLO, onPing: () => (pings += 1) }));
    return { ...outcome, pings };
  };

  it.each(['data:\n\n', 'data: \n\n', 'data:    \n\n', 'data\n\n', 'event: ping\ndata:\n\n', 'event: ping\ndata: still here\n\n', 'event: keepalive\ndata:\n\n', 'data: [DONE]\n\n', 'event: done\ndata: [DONE]\n\n'])('N15 N25: %j is passed over, and tells the watchdog', async (odd) => {
    const { events, completed, pings } = await read(odd);
    expect([completed, textOf(events), pings]).toEqual([true, 'Hel', 1]);
    expect(events.map(({ type }) => type)).toEqual(['usage', 'text_delta', 'message']);
  });

  it('N6: what gateways add to the end of a stream is no end of a turn', async () => {
    for (const last of ['', 'data: [DONE]\n\n', 'data:\n\n']) {
      expect((await read('', last)).error).toMatchObject({ _tag: 'TruncatedStreamError', partial: true });
    }
  });

  it.each(['content_block_delta', 'content_block_start', 'content_block_stop', 'message_start', 'message_delta', 'message_stop'])('N25: a %s that has lost its data breaks the stream', async (name) => {
    for (const data of ['', '[DONE]']) {
      expect((await read(`event: ${name}\ndata: ${data}\n\n`)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 3, partial: true });
    }
  });

  it('N25: other data that is no JSON breaks the stream', async () => {
    for (const odd of ['data: done\n\n', 'event: odd\ndata: {"half":\n\n', 'data: [DONE\n\n', 'data: 5\n\n', 'data: []\n\n']) {
      expect((await read(odd)).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 3 });
    }
  });
});
