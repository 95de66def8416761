import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../src/events/json.js';

export const EVENT_STREAM = 'application/vnd.amazon.eventstream';
const STRING = 7;

function header(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(3);
  length.writeUInt8(STRING);
  length.writeUInt16BE(valueBytes.length, 1);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, length, valueBytes]);
}

function checksum(...bytes: readonly Buffer[]): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat(bytes)));
  return sum;
}

/** One frame of an event stream, written from the format's description and with a checksum of Node's, not ours. */
function frame(headers: Readonly<Record<string, string>>, body: string): Buffer {
  const [head, payload] = [Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value))), Buffer.from(body)];
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(lengths.length + 4 + head.length + payload.length + 4);
  lengths.writeUInt32BE(head.length, 4);
  const most = Buffer.concat([lengths, checksum(lengths), head, payload]);
  return Buffer.concat([most, checksum(most)]);
}

/** A frame that holds an event. */
export function eventFrame(type: string, body: JsonObject): Buffer {
  return frame({ ':message-type': 'event', ':event-type': type }, JSON.stringify(body));
}

