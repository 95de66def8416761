import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../src/events/json.js';

/** One message of an event stream. */
export function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(Buffer.byteLength(value));
    return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), Buffer.from([7]), size, Buffer.from(value)]);
  });
  const body = Buffer.concat([...lines, Buffer.from(payload)]);
  const whole = Buffer.alloc(12 + body.length + 4);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(body.length - Buffer.byteLength(payload), 4);
  whole.writeUInt32BE(crc32(whole.subarray(0, 8)), 8);
  body.copy(whole, 12);
  whole.writeUInt32BE(crc32(whole.subarray(0, -4)), whole.length - 4);
  return whole;
}

const JSON_TYPE = { ':content-type': 'application/json' };

export function event(type: string, body: JsonObject | string): Buffer {
  return frame({ ':event-type': type, ...JSON_TYPE, ':message-type': 'event' }, typeof body === 'string' ? body : JSON.stringify({ ...body, p: 'abc' }));
}
export function exception(type: string, message: string): Buffer {
  return frame({ ':exception-type': type, ...JSON_TYPE, ':message-type': 'exception' }, JSON.stringify({ message }));
}

export const start = (role = 'assistant'): Buffer => event('messageStart', { role });
export const open = (index: number, block: JsonObject): Buffer => event('contentBlockStart', { contentBlockIndex: index, start: block });
export const delta = (index: number, change: JsonObject): Buffer => event('contentBlockDelta', { contentBlockIndex: index, delta: change });
export const close = (index: number): Buffer => event('contentBlockStop', { contentBlockIndex: index });
export const text = (index: number, piece: string): Buffer => delta(index, { text: piece });
export const input = (index: number, piece: string): Buffer => delta(index, { toolUse: { input: piece } });
export const reasoning = (index: number, change: JsonObject): Buffer => delta(index, { reasoningContent: change });
export const call = (index: number, toolUseId: string, name: string, more: JsonObject = {}): Buffer => open(index, { toolUse: { toolUseId, name, ...more } });
export const stop = (stopReason = 'end_turn', more: JsonObject = {}): Buffer => event('messageStop', { stopReason, ...more });
export const USAGE: JsonObject = { inputTokens: 5, outputTokens: 7, totalTokens: 12 };
export const metadata = (more: JsonObject = {}): Buffer => event('metadata', { usage: USAGE, metrics: { latencyMs: 321 }, ...more });
/** A whole turn that says hello in two pieces, the second one with half of a pair in UTF-16. */
export const GREETING: readonly Buffer[] = [start(), text(0, 'Hel'), text(0, 'lo 😀'), close(0), stop(), metadata()];
