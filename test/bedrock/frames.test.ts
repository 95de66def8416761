import fc from 'fast-check';
import { crc32 as nodeCrc32 } from 'node:zlib';
import { crc32 } from '../../src/providers/bedrock/crc32.js';
import { createFrameDecoder, type FrameDecoder } from '../../src/providers/bedrock/frames.js';
import { checksum, encode, event, frame, GREETING, joined, sized, START, STOP } from './support.js';

interface Told {
  readonly headers: object;
  readonly payload: string;
  readonly position: number;
}

interface Read {
  readonly told: readonly Told[];
  readonly error: unknown;
  readonly unfinished: boolean;
}

function read(pieces: readonly Uint8Array[], decoder: FrameDecoder = createFrameDecoder()): Read {
  const told: Told[] = [];
  try {
    for (const piece of pieces) {
      decoder.push(piece, ({ headers, payload, position }) => {
        told.push({ headers: Object.fromEntries(headers), payload: Buffer.from(payload).toString(), position });
        return false;
      });
    }
    return { told, error: undefined, unfinished: decoder.unfinished };
  } catch (error) {
    return { told, error, unfinished: decoder.unfinished };
  }
}

function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).sort((left, right) => left - right), bytes.length];
  return ends.map((to, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], to));
}

const WIRE = joined(GREETING);
const WHOLE = read([WIRE]);

const anyFrame = fc
  .record({
    names: fc.uniqueArray(fc.stringMatching(/^:?[a-z-]{1,20}$/), { maxLength: 4 }),
    value: fc.string({ maxLength: 300 }),
    payload: fc.uint8Array({ maxLength: 5000 }),
  })
  .map(({ names, value, payload }) => frame(Object.fromEntries(names.map((name) => [name, value])), payload));

describe('crc32', () => {
  it('is the one of everybody', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => crc32(bytes) === nodeCrc32(bytes)));
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });

  it('goes on from what stands before, and sums a part', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
        const both = Buffer.concat([left, right]);
        return crc32(right, crc32(left)) === nodeCrc32(both) && crc32(both, 0, left.length) === nodeCrc32(right) && crc32(both, 0, 0, left.length) === nodeCrc32(left);
      }),
    );
  });
});

describe('frames', () => {
  it('tell their headers, their payload and their place', () => {
    expect(WHOLE.error).toBeUndefined();
    expect(WHOLE.unfinished).toBe(false);
    expect(WHOLE.told.map(({ position }) => position)).toEqual(GREETING.map((_, position) => position));
    expect(WHOLE.told.at(0)).toEqual({
      headers: { ':event-type': 'messageStart', ':content-type': 'application/json', ':message-type': 'event' },
      payload: '{"role":"assistant","p":"abc"}',
      position: 0,
    });
  });

  it('N16: are the same however the bytes are cut', () => {
    expect(read([...WIRE].map((byte) => Uint8Array.of(byte)))).toEqual(WHOLE);
    fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => expect(read(cut(WIRE, places))).toEqual(WHOLE)));
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, places) => {
        expect(read(cut(joined(frames), places))).toEqual(read([joined(frames)]));
        expect(read(frames).told).toHaveLength(frames.length);
      }),
    );
  });

  it('N40: a byte that was changed anywhere is an error, and what stands before it is told as it was', () => {
    const expectRefused = (at: number, change: number, places: readonly number[]): void => {
      const broken = Uint8Array.from(WIRE);
      broken[at] = (broken[at] ?? 0) ^ change;
      const { told, error } = read(cut(broken, places));
      expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: told.length });
      expect(told).toEqual(WHOLE.told.slice(0, told.length));
      // The frame that holds the byte is not among them.
      expect(joined(GREETING.slice(0, told.length + 1)).length).toBeGreaterThan(at);
      expect(joined(GREETING.slice(0, told.length)).length).toBeLessThanOrEqual(at);
    };
    for (let at = 0; at < WIRE.length; at++) expectRefused(at, 1 << at % 8, []);
    fc.assert(fc.property(fc.nat({ max: WIRE.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.array(fc.nat(), { maxLength: 4 }), expectRefused));
  });

  it('N40: a stream cut at any byte is unfinished, but between frames', () => {
    const ends = new Set(GREETING.map((_, at) => joined(GREETING.slice(0, at)).length));
    for (let at = 0; at < WIRE.length; at++) {
      const { told, error, unfinished } = read([WIRE.subarray(0, at)]);
      expect([error, unfinished]).toEqual([undefined, !ends.has(at)]);
      expect(told).toEqual(WHOLE.told.slice(0, told.length));
    }
  });

  it('are not looked at once enough was told', () => {
    const decoder = createFrameDecoder();
    const positions: number[] = [];
    decoder.push(Buffer.concat([START, STOP, Buffer.from('no frame at all')]), ({ position }) => positions.push(position) === 2);
    expect(positions).toEqual([0, 1]);
  });

  it('lie where they came, without a copy, and are copied where they were cut', () => {
    const bytes = Uint8Array.from(event('x', { a: 1 }));
    const buffers: unknown[] = [];
    createFrameDecoder().push(bytes, ({ payload }) => {
      buffers.push(payload.buffer);
      return false;
    });
    expect(buffers).toEqual([bytes.buffer]);
    expect(buffers[0]).toBe(bytes.buffer);
  });
});

/** A prelude with a right checksum. */
function prelude(total: number, headers: number): Buffer {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(total, 0);
  lengths.writeUInt32BE(headers, 4);
  return Buffer.concat([lengths, checksum(lengths)]);
}

describe('lengths', () => {
  it.each([
    ['N42: of 0x70000000', 0x70000000, 0],
    ['N42: of 2 GiB', 0x80000000, 0],
    ['N42: of 4 GiB', 0xffffffff, 0xffffffff],
    ['N18: of one byte more than 16 MiB', 16 * 1024 * 1024 + 1, 0],
    ['of no frame', 0, 0],
    ['of less than a frame', 15, 0],
    ['of more headers than frame', 100, 85],
  ])('%s are refused with the prelude, and nothing is made of them', (_title, total, headers) => {
    const before = process.memoryUsage().arrayBuffers;
    const { error } = read([Buffer.concat([START, prelude(total, headers)])]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
    expect(error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 1 });
    expect(read([...prelude(total, headers)].map((byte) => Uint8Array.of(byte))).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 0 });
  });

  it('N42: a length without its checksum is refused as well', () => {
    expect(read([Buffer.from('7000000000000000deadbeef', 'hex')]).error).toMatchObject({ _tag: 'ProtocolError', message: expect.stringContaining('checksum') });
  });

  it('N18: what is announced is not set aside before it comes', () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 64 }, () => createFrameDecoder());
    for (const decoder of decoders) expect(read([prelude(16 * 1024 * 1024, 0), Buffer.from('only the beginning')], decoder)).toMatchObject({ error: undefined, unfinished: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('N18: the cap is a frame that still passes', () => {
    const bytes = frame({}, 'x'.repeat(84));
    expect(bytes).toHaveLength(100);
    expect(read([bytes], createFrameDecoder({ maxFrameSize: 100 })).told).toHaveLength(1);
    expect(read([bytes], createFrameDecoder({ maxFrameSize: 99 })).error).toMatchObject({ _tag: 'ProtocolError', message: expect.stringMatching(/100 bytes.*99/) });
  });

  it('N16 N18: a frame of a mebibyte that comes byte by byte is whole', () => {
    const bytes = frame({ ':event-type': 'x' }, 'y'.repeat(1024 * 1024));
    const decoder = createFrameDecoder();
    let size = 0;
    for (let at = 0; at < bytes.length; at++) decoder.push(bytes.subarray(at, at + 1), ({ payload }) => (size = payload.length) < 0);
    expect(size).toBe(1024 * 1024);
  });
});

describe('headers', () => {
  const int = (size: number, value: bigint): Buffer => Buffer.from(BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, '0'), 'hex');
  const headersOf = (...headers: Parameters<typeof encode>[0]): object | undefined => read([encode(headers, Buffer.of())]).told[0]?.headers;

  it('are read in all ten types', () => {
    expect(
      headersOf(
        ['yes', 0, Buffer.of()],
        ['no', 1, Buffer.of()],
        ['byte', 2, int(1, -5n)],
        ['short', 3, int(2, -300n)],
        ['integer', 4, int(4, -70_000n)],
        ['long', 5, int(8, -(2n ** 60n))],
        ['bytes', 6, sized(Buffer.of(1, 2, 3))],
        ['text', 7, sized(Buffer.from('ü😀'))],
        ['time', 8, int(8, 1_700_000_000_123n)],
        ['uuid', 9, Buffer.from('0123456789abcdef0123456789abcdef', 'hex')],
      ),
    ).toEqual({
      yes: true,
      no: false,
      byte: -5,
      short: -300,
      integer: -70_000,
      long: -(2n ** 60n),
      bytes: Uint8Array.of(1, 2, 3),
      text: 'ü😀',
      time: 1_700_000_000_123,
      uuid: '01234567-89ab-cdef-0123-456789abcdef',
    });
  });

  it.each([
    ['a type that nobody knows', Buffer.from([1, 97, 10])],
    ['a name without a letter', Buffer.from([0, 0])],
    ['a name that is cut off', Buffer.from([5, 97])],
    ['no type', Buffer.from([1, 97])],
    ['a number that is cut off', Buffer.from([1, 97, 4, 0, 0])],
    ['a text that is cut off', Buffer.from([1, 97, 7, 0, 9, 98])],
    ['a length that is cut off', Buffer.from([1, 97, 7, 0])],
    ['an id that is cut off', Buffer.from([1, 97, 9, 1, 2, 3])],
  ])('%s is an error', (_title, headers) => {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(16 + headers.length, 0);
    lengths.writeUInt32BE(headers.length, 4);
    const start = Buffer.concat([lengths, checksum(lengths), headers]);
    expect(read([START, Buffer.concat([start, checksum(start)])]).error).toMatchObject({ _tag: 'ProtocolError', eventIndex: 1 });
  });

  it('that came before are not mistaken for others of their length', () => {
    const types = Array.from({ length: 40 }, (_, at) => `type-${String(at).padStart(2, '0')}`);
    const told = read([...types, ...types].map((type) => event(type, {}))).told.map(({ headers }) => Object.entries<unknown>({ ...headers })[0]?.[1]);
    expect(told).toEqual([...types, ...types]);
  });
});

