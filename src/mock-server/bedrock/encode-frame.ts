import { crc32 } from '../../providers/bedrock/crc32.js';
import type { Frame } from '../frame.js';

const stringType = 7;

function encodeHeader(name: string, value: string): Uint8Array {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const bytes = Buffer.alloc(4 + nameBytes.length + valueBytes.length);
  bytes.writeUInt8(nameBytes.length);
  bytes.set(nameBytes, 1);
  bytes.writeUInt8(stringType, 1 + nameBytes.length);
  bytes.writeUInt16BE(valueBytes.length, 2 + nameBytes.length);
  bytes.set(valueBytes, 4 + nameBytes.length);
  return bytes;
}

const preludeLength = 8;
const checksumLength = 4;

/** A frame of `application/vnd.amazon.eventstream`: lengths and their checksum, headers, JSON, checksum of it all. */
export function encodeFrame({ event, data }: Frame): Uint8Array {
  const headers = Buffer.concat([
    encodeHeader(':event-type', event),
    encodeHeader(':content-type', 'application/json'),
    encodeHeader(':message-type', 'event'),
  ]);
  const payload = Buffer.from(JSON.stringify(data));
  const headersAt = preludeLength + checksumLength;
  const bytes = Buffer.alloc(headersAt + headers.length + payload.length + checksumLength);
  bytes.writeUInt32BE(bytes.length);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, preludeLength)), preludeLength);
  bytes.set(headers, headersAt);
  bytes.set(payload, headersAt + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -checksumLength)), bytes.length - checksumLength);
  return bytes;
}
