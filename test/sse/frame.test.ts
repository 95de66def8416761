import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { of } from 'rxjs';
import { StreamEventFromMcpAgent, withEnvelope } from 'coldstream';
import { toSse } from 'coldstream/sse';
import { event } from 'coldstream/testing';
import { heartbeatFrame, sseFrame } from '../../src/transports/sse/frame.js';
import { envelope, streamEvent } from '../support/arbitraries.js';
import { collect } from '../support/collect.js';

interface Heard {
  readonly data: string;
  readonly id: string | undefined;
  readonly event: string | undefined;
}

/** What a client that is not ours hears, after the text has been through UTF-8. */
function hear(text: string): { readonly events: readonly Heard[]; readonly retries: readonly number[]; readonly errors: readonly unknown[] } {
  const [events, retries, errors]: [Heard[], number[], unknown[]] = [[], [], []];
  const parser = createParser({
    onEvent: ({ data, id, event: name }) => events.push({ data, id, event: name }),
    onRetry: (milliseconds) => retries.push(milliseconds),
    onError: (error) => errors.push(error),
  });
  parser.feed(new TextDecoder().decode(new TextEncoder().encode(text)));
  return { events, retries, errors };
}

const asRead = (data: string): string => data.replaceAll(/\r\n|\r/g, '\n').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', '\0', '\u2028', '\u2029', '\uFEFF', '\uD800', ':', ' ', 'data: x', 'id: 1\n', 'event: error', 'retry: 1', '\n\n'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));
const plain = 'run_1:0';

describe('a frame', () => {
  it.each([
    ['one line', 'a', 'data: a\n'],
    ['LF', 'a\nb', 'data: a\ndata: b\n'],
    ['CR', 'a\rb', 'data: a\ndata: b\n'],
    ['CRLF is one line end', 'a\r\nb', 'data: a\ndata: b\n'],
    ['a line end at the end', 'a\n', 'data: a\ndata: \n'],
    ['nothing', '', 'data: \n'],
    ['line separators of other standards', 'a\u2028b\u2029c\u0085d', 'data: a\u2028b\u2029c\u0085d\n'],
    ['what looks like a field', '\n\nid: 7\nretry: 1', 'data: \ndata: \ndata: id: 7\ndata: retry: 1\n'],
  ])('D4: data, %s', (_what, data, lines) => {
    expect(sseFrame(data, plain)).toBe(`id: ${plain}\n${lines}\n`);
  });

  it.each(['run\n1:0', 'run\r1:0', 'run\r\nid: 9:0', 'run\u00001:0', 'run\uD8001:0'])('D4: an id that cannot stand there is left out (%j)', (id) => {
    expect(sseFrame('{}', id)).toBe('data: {}\n\n');
  });

  it('D4: any text arrives as one event, in its own lines, between two others', () => {
    fc.assert(
      fc.property(hostile, hostile, (data, id) => {
        const { events, retries, errors } = hear(`${sseFrame('before', plain)}${sseFrame(data, id)}${heartbeatFrame}${sseFrame('after', plain)}`);
        const [before, own, after, ...more] = events;
        expect([before?.data, own?.data, after?.data, more.length]).toEqual(['before', asRead(data), 'after', 0]);
        expect(own?.event).toBeUndefined();
        // An id that is left out is never another's; what can be sent arrives as it is.
        expect(own?.id).toBe(/[\0\r\n\p{Surrogate}]/u.test(id) ? undefined : id);
        expect([...retries, ...errors]).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('toSse', () => {
  it('D4: any event arrives whole, under the id runId:seq', () => {
    fc.assert(
      fc.property(fc.array(streamEvent, { maxLength: 4 }), (sent) => {
        const { events, errors } = hear(collect(of(...sent).pipe(toSse())).join(''));
        expect(events.map(({ data }): unknown => JSON.parse(data))).toEqual(sent);
        expect(events.map(({ id }) => id)).toEqual(sent.map(({ runId, seq }) => `${runId}:${seq}`));
        expect(errors).toEqual([]);
      }),
    );
  });

  it('D4: hostile texts in an event, its run id included, break nothing', () => {
    fc.assert(
      fc.property(envelope, hostile, hostile, (around, content, runId) => {
        const sent = withEnvelope({ ...around, runId }, { type: 'text_delta', content, block: 0 });
        const { events, errors } = hear(collect(of(sent).pipe(toSse())).join(''));
        expect(events.map(({ data }): unknown => JSON.parse(data))).toEqual([sent]);
        expect(errors).toEqual([]);
      }),
    );
  });

  it('D4: a text of the application that has many lines stays one event', () => {
    const frames = collect(of(event.text('x')).pipe(toSse({ serialize: () => 'a\n\nid: 1\r\rb' })));
    expect(hear(frames.join('')).events.map(({ data }) => data)).toEqual(['a\n\nid: 1\n\nb']);
  });

  it("serves the JSON of mcp-agent's guide where that is asked for", () => {
    const frames = collect(of(event.text('Hello')).pipe(toSse({ serialize: (each) => JSON.stringify(StreamEventFromMcpAgent.encode(each)) })));
    const [heard] = hear(frames.join('')).events;
    expect(JSON.parse(heard?.data ?? '')).toMatchObject({ type: 'text_delta', content: 'Hello', stop_reason: null });
  });

  it.each([0, -1, NaN, Infinity, 2 ** 31])('refuses a heartbeat of %p', (heartbeat) => {
    expect(() => toSse({ heartbeat })).toThrow(expect.objectContaining({ _tag: 'ConfigurationError' }));
  });
});
