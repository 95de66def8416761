import fc from 'fast-check';
import { createParser } from 'eventsource-parser';
import { createSseDecoder, type SseDecoderOptions } from '../../src/internal/sse-decoder.js';
import { ProtocolError } from '../../src/errors/errors.js';

interface Heard {
  readonly events: { data: string; name: string; id: string | undefined }[];
  readonly retries: number[];
  comments: number;
}

function ours(chunks: readonly Uint8Array[], options?: SseDecoderOptions): Heard {
  const heard: Heard = { events: [], retries: [], comments: 0 };
  const decoder = createSseDecoder(
    {
      onEvent: (data, name, id) => {
        heard.events.push({ data, name, id });
        return false;
      },
      onRetry: (milliseconds) => heard.retries.push(milliseconds),
      onComment: () => {
        heard.comments += 1;
      },
    },
    options,
  );
  for (const chunk of chunks) decoder.push(chunk);
  return heard;
}

function theirs(bytes: Uint8Array): Heard {
  const heard: Heard = { events: [], retries: [], comments: 0 };
  const parser = createParser({
    onEvent: ({ data, event, id }) => heard.events.push({ data, name: event ?? '', id }),
    onRetry: (milliseconds) => heard.retries.push(milliseconds),
    onComment: () => {
      heard.comments += 1;
    },
  });
  parser.feed(new TextDecoder().decode(bytes));
  return heard;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
}

const value = fc.string({ unit: fc.oneof(fc.constantFrom(' ', ':', '\0', 'data', 'é', '漢', '😀', '\u2028'), fc.string({ minLength: 1, maxLength: 1 })), maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ''));
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('data:', 'data: ', 'data', 'event:', 'event: ', 'id:', 'id: '), value).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('data', 'event', 'id', 'retry: 100', 'retry:x', ':', ': ping', 'dat', 'Data: x', 'other: field', '') },
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: value },
);
const anyLine = fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n', '\r')).map((parts) => parts.join(''));
const usualEvent = fc.tuple(value, value).map(([name, data]) => `event: ${name}\ndata: ${data}\n\n`);
const stream = fc.array(fc.oneof({ weight: 4, arbitrary: anyLine }, { weight: 1, arbitrary: usualEvent }), { maxLength: 25 }).map((lines) => lines.join(''));
// The last line is whole for both: what they do with a lone CR at the very end is theirs.
const bytes = fc
  .tuple(stream, fc.boolean(), fc.array(fc.tuple(fc.nat(), fc.constantFrom(0xff, 0xc3, 0xe2, 0xf0, 0x80)), { maxLength: 3 }))
  .map(([text, mark, junk]) => {
    const all = [...bytesOf(`${mark ? '\uFEFF' : ''}${text}`)];
    for (const [at, byte] of junk) all.splice(3 + (at % (all.length + 1)), 0, byte);
    return Uint8Array.from([...all, ...bytesOf('\n:end\n')]);
  });

describe('createSseDecoder', () => {
  it('N16 N17 N19: hears in any bytes, cut anywhere, what eventsource-parser hears in the whole text', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 12 }), (all, places) => {
        expect(ours(cut(all, places))).toEqual(theirs(all));
      }),
      { numRuns: 4000 },
    );
  });

  it('N16: hears the same byte by byte', () => {
    fc.assert(
      fc.property(bytes, (all) => {
        expect(ours([...all].map((byte) => Uint8Array.of(byte)))).toEqual(theirs(all));
      }),
      { numRuns: 1000 },
    );
  });

  it('N19: LF, CR and CRLF, a byte order mark, comments, ids and retry times make the same events', () => {
    const lines = ['event: one', 'data: a', ': comment', 'data: b', 'id: 7', 'retry: 10', '', 'data: c', '', ''];
    const expected = [
      { data: 'a\nb', name: 'one', id: '7' },
      { data: 'c', name: '', id: undefined },
    ];
    for (const end of ['\n', '\r', '\r\n']) {
      expect(ours([bytesOf(`\uFEFF${lines.join(end)}`)])).toEqual({ events: expected, retries: [10], comments: 1 });
    }
  });

  it('N16 N17: puts U+FFFD for invalid UTF-8 and joins characters that were cut', () => {
    const all = Uint8Array.from([...bytesOf('data: '), 0xff, 0xf0, 0x9f, 0x98, 0x80, ...bytesOf('\n\n')]);
    for (let at = 0; at <= all.length; at++) {
      expect(ours([all.subarray(0, at), all.subarray(at)]).events).toEqual([{ data: '\uFFFD😀', name: '', id: undefined }]);
    }
  });

  it('reports no event that the end of the stream cuts off', () => {
    expect(ours([bytesOf('data: a\n')]).events).toEqual([]);
    expect(ours([bytesOf('data: a\n\ndata: b')]).events).toHaveLength(1);
  });

  it('stops inside a chunk once the handler says so', () => {
    const seen: string[] = [];
    const decoder = createSseDecoder({ onEvent: (data) => seen.push(data) === 2 });
    decoder.push(bytesOf('data: 1\n\ndata: 2\n\ndata: 3\n\n'));
    decoder.push(bytesOf('data: 4\n\n'));
    expect(seen).toEqual(['1', '2']);
    const named: string[] = [];
    const other = createSseDecoder({ onEvent: (data) => named.push(data) === 2 });
    other.push(bytesOf('event: a\ndata: 1\n\nevent: a\ndata: 2\n\nevent: a\ndata: 3\n\n'));
    other.push(bytesOf('event: a\ndata: 4\n\n'));
    expect(named).toEqual(['1', '2']);
  });

  it('N18: takes a line of 10 MiB, and refuses one beyond the cap whether or not it ever ends', () => {
    const mebibyte = new Uint8Array(1024 * 1024).fill(0x61);
    const large = [bytesOf('data: '), ...Array.from({ length: 10 }, () => mebibyte), bytesOf('\n\n')];
    expect(ours(large).events[0]?.data).toHaveLength(10 * 1024 * 1024);

    let pushed = 0;
    const unbounded = createSseDecoder({ onEvent: () => false });
    expect(() => {
      for (; pushed < 64; pushed++) unbounded.push(mebibyte);
    }).toThrow(ProtocolError);
    expect(pushed).toBe(16);
  });

  it('N18: the cap is configurable, counts the lines of one event together, and bounds a drip', () => {
    const options = { maxEventSize: 10 };
    expect(ours([bytesOf('data: 1234\n\n')], options).events).toHaveLength(1);
    expect(() => ours([bytesOf('data: 123456\ndata: 78901\n\n')], options)).toThrow(ProtocolError);
    expect(() => ours([bytesOf('data: 12345678901\n\n')], options)).toThrow(ProtocolError);
    expect(ours([bytesOf('event: a\ndata: 1234567890\n\n')], options).events).toHaveLength(1);
    expect(() => ours([bytesOf('event: a\ndata: 12345678901\n\n')], options)).toThrow(ProtocolError);
    expect(() => ours([...bytesOf(':23456789012')].map((byte) => Uint8Array.of(byte)), options)).toThrow(ProtocolError);
  });
});
