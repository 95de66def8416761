const PER_TABLE = 256;

/** Tables of the reflected polynomial 0xEDB88320 (CRC-32 of IEEE 802.3): of one byte, and of one with one to seven behind it. */
const TABLES = new Int32Array(8 * PER_TABLE);
for (let byte = 0; byte < PER_TABLE; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLES[byte] = value;
}
for (let at = PER_TABLE; at < TABLES.length; at++) {
  const before = TABLES[at - PER_TABLE] ?? 0;
  TABLES[at] = (before >>> 8) ^ (TABLES[before & 0xff] ?? 0);
}

/**
 * The CRC-32 of the bytes `from` … `to`; `before` is that of what stands before them.
 *
 * Eight bytes a step: each frame is summed once, and this is a good part of what a frame costs.
 */
export function crc32(bytes: Uint8Array, before = 0, from = 0, to = bytes.length): number {
  let crc = ~before;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc =
      (TABLES[1792 + (crc & 0xff)] ?? 0) ^
      (TABLES[1536 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (TABLES[1280 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (TABLES[1024 + (crc >>> 24)] ?? 0) ^
      (TABLES[768 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (TABLES[512 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (TABLES[256 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (TABLES[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
