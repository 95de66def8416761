import * as fc from 'fast-check';
import { lineSplitter, type LongLine } from '../../src/tools/mcp/stdio/lines.js';
import { readLine } from '../../src/tools/mcp/stdio/messages.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The text in chunks cut after each of the positions. */
function cut(bytes: Uint8Array, positions: readonly number[]): readonly Uint8Array[] {
  const cuts = [0, ...positions.map((position) => position % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

function split(chunks: readonly Uint8Array[], maxBytes: number): readonly (string | LongLine)[] {
  const splitter = lineSplitter(maxBytes);
  return chunks.flatMap((chunk) => splitter.push(chunk));
}

const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\n\uFEFF]/g, ''));

describe('lineSplitter', () => {
  it('gives the same lines wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, positions) => {
        const bytes = encode(lines.map((text) => `${text}\n`).join(''));
        expect(split(cut(bytes, positions), 1_000_000)).toEqual(lines);
      }),
    );
  });

  it('T15 keeps the ends of a line over the limit, and every other line, wherever the chunks are cut', () => {
    const long = `<${'ab'.repeat(2_000)}>`;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (positions) => {
        const [before, found, after, ...more] = split(cut(encode(`before\n${long}\nafter\n`), positions), 3_000);
        expect([before, after, more]).toEqual(['before', 'after', []]);
        expect(found).toEqual({ head: long.slice(0, 512), tail: long.slice(-512), bytes: long.length });
      }),
    );
  });

  it('T15 holds the limit to the byte', () => {
    expect(split([encode('12345\n123456\n')], 5)).toEqual(['12345', { head: '123456', tail: '123456', bytes: 6 }]);
    expect(split([encode('123'), encode('45\n12'), encode('3456\n')], 5)).toEqual(['12345', { head: '123456', tail: '123456', bytes: 6 }]);
  });

  it('waits for the end of a line', () => {
    const splitter = lineSplitter(100);
    expect(splitter.push(encode('no end yet'))).toEqual([]);
    expect(splitter.push(encode('\n'))).toEqual(['no end yet']);
  });
});

describe('readLine', () => {
  const long = (head: string, tail: string): LongLine => ({ head, tail, bytes: 99_999 });
  const answers = (reading: ReturnType<typeof readLine>): unknown => (reading !== undefined && 'message' in reading ? reading.message : reading);

  it('reads a message, and nothing from an empty line', () => {
    expect(readLine('{"jsonrpc":"2.0","id":1,"result":{}}\r')).toEqual({ message: { jsonrpc: '2.0', id: 1, result: {} } });
    expect(readLine('\r')).toBeUndefined();
  });

  it.each(['hello', '[]', 'null', '5', '{"id":1}', '{"jsonrpc":"1.0","id":1,"result":{}}', '{"jsonrpc":"2.0"'])('T16 warns of %s', (text) => {
    expect(readLine(text)).toEqual({ warning: expect.stringContaining('not a message') });
  });

  it.each([
    ['{"jsonrpc":"2.0","id":7,"result":{"content":[', 'x"}]}}', 7],
    ['{ "id" : "a\\"b" , "jsonrpc" : "2.0" , "error" : {', '}}', 'a"b'],
    ['{"result":{"content":[', 'x"}]},"jsonrpc":"2.0","id":12}', 12],
    ['{"jsonrpc":"2.0","result":{"content":[', 'x"}]},"id":"one"}\r', 'one'],
    ['{"result":{"content":[', 'x"}]},"id":12,"jsonrpc":"2.0"}', 12],
  ])('T15 tells which call a long answer belongs to: %s … %s', (head, tail, id) => {
    expect(answers(readLine(long(head, tail)))).toMatchObject({ id, error: { message: expect.stringContaining('longer than allowed') } });
  });

  it.each([
    ['{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"', 'x","id":12}}'],
    ['{"jsonrpc":"2.0","id":12,"method":"sampling/createMessage","params":{', '}}'],
    ['{"method":"sampling/createMessage","params":{"', '},"jsonrpc":"2.0","id":12}'],
    ['{"result":{"content":[{"text":"', 'x,\\"id\\":12}"}]}}'],
    ['{"result":{"content":[', 'x","id":12}}'],
    ['xxxxxxxx', 'xxxxxxxxx'],
  ])('T15 blames no call for a long message that is no answer: %s … %s', (head, tail) => {
    expect(readLine(long(head, tail))).toEqual({ warning: expect.stringContaining('99999 bytes') });
  });
});
