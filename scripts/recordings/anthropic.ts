import { createParser } from 'eventsource-parser';
import { lastValueFrom, materialize, toArray, type ObservableNotification } from 'rxjs';
import { anthropic, toAnthropic } from 'coldstream/anthropic';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import { isColdstreamError, messageOf } from '../../src/errors/describe.js';
import { difference } from './difference.js';
import type { Recording } from './find.js';
import type { Answer } from './serve.js';

/** What came of one try. */
export interface Outcome {
  readonly events: readonly StreamEvent[];
  readonly error: unknown;
}

type Expected = Record<string, unknown>;
type Block = Record<string, unknown>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function statusOf(expected: Expected): number {
  return typeof expected['httpStatus'] === 'number' ? expected['httpStatus'] : 200;
}

function contentType(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  if (start.startsWith('{')) return 'application/json';
  return start.startsWith('<') ? 'text/html' : 'text/event-stream; charset=utf-8';
}

/** The recorded answer, in the given pieces. */
export function answerOf({ bytes, expected }: Recording, pieces: readonly Uint8Array[]): Answer {
  const requestId = expected?.['requestId'];
  const headers = { 'content-type': contentType(bytes), ...(typeof requestId === 'string' ? { 'request-id': requestId } : {}) };
  return { status: statusOf(expected ?? {}), headers, pieces };
}

/** Plays an answer through the provider and the SDK: from the address, or from a `fetch` that gives the pieces as they are. */
export async function play(from: { readonly baseURL: string; readonly fetch?: typeof globalThis.fetch }): Promise<Outcome> {
  const provider = anthropic({ model: 'recorded', apiKey: 'recorded', ...from });
  const request = { messages: [{ role: 'user', content: [{ type: 'text', text: 'recorded' }] }], runId: 'run' } as const;
  const notifications: ObservableNotification<StreamEvent>[] = await lastValueFrom(provider(request).pipe(materialize(), toArray()));
  const events = notifications.flatMap((notification) => (notification.kind === 'N' ? [{ ...notification.value, timestamp: 0 }] : []));
  const last = notifications.at(-1);
  return { events, error: last?.kind === 'E' ? last.error : undefined };
}

/** What an independent parser finds on the wire. */
function wireTypes(bytes: Uint8Array): string[] {
  const types: string[] = [];
  const parser = createParser({
    onEvent: ({ data, event }) => {
      const type = /"type"\s*:\s*"(message_stop|error)"/.exec(data.slice(0, 60))?.[1];
      types.push(type ?? event ?? '');
    },
  });
  parser.feed(new TextDecoder().decode(bytes));
  return types;
}

/** Why this recording must end in an error, or undefined where it must succeed. */
function failureExpected({ bytes, expected = {} }: Recording): string | undefined {
  const status = statusOf(expected);
  if (status < 200 || status > 299) return `HTTP ${status}`;
  for (const member of ['sdkError', 'error', 'exception']) {
    if (expected[member] !== undefined && expected[member] !== null) return `${member} ${JSON.stringify(expected[member])}`;
  }
  const types = wireTypes(bytes);
  if (types.includes('error') && types.indexOf('error') < (types.indexOf('message_stop') + 1 || Infinity)) return 'an error event';
  if (!types.includes('message_stop')) return 'no message_stop';
  return 'stop_reason' in expected && expected['stop_reason'] === null ? 'no stop_reason' : undefined;
}

function deliveredText(events: readonly StreamEvent[]): string {
  const blocks: string[] = [];
  for (const event of events) {
    if (event.type === 'text_delta') blocks[event.block] = (blocks[event.block] ?? '') + event.content;
  }
  return blocks.join('');
}

function compareFailure(reason: string, { expected = {}, bytes }: Recording, { events, error }: Outcome): string | undefined {
  if (error === undefined) {
    // The accumulator gives up on a call whose JSON is invalid; here the call carries its error and is never run.
    const invalidCall = events.some((event) => event.type === 'tool_use_start' && event.content.inputError !== undefined);
    return invalidCall && reason.includes('JSON') ? undefined : `expected a failure (${reason}), got success`;
  }
  if (!isColdstreamError(error)) return `expected a typed error (${reason}), got ${messageOf(error)}`;
  const status = statusOf(expected);
  if (status !== 200 && error.status !== status) return `error.status: expected ${status}, got ${error.status}`;
  const text = expected['text'];
  const cutOff = reason === 'no message_stop' && typeof text === 'string' && text !== '' && !expected['rawStartText'];
  const delivered = deliveredText(events);
  const whole = /\n\s*\n$/.test(new TextDecoder().decode(bytes.subarray(-4)));
  return cutOff && !(whole ? text === delivered : text.startsWith(delivered)) ? difference('text', text, delivered) : undefined;
}

const CALLS: ReadonlySet<unknown> = new Set(['server_tool_use', 'mcp_tool_use']);

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function ofType(content: readonly Block[], type: string): Block[] {
  return content.filter((block) => block['type'] === type);
}

/** What `expected.json` says of a turn, taken from the message that the provider made. */
function summary({ message, id, stopReason }: StreamEventOf<'message'>, model: string | null): Record<string, unknown> {
  const content: readonly Block[] = toAnthropic(message).content;
  const thinking = ofType(content, 'thinking');
  return {
    id,
    model,
    stop_reason: stopReason,
    text: ofType(content, 'text').map((block) => block['text']).join(''),
    thinking: thinking.map((block) => block['thinking']).join(''),
    signatures: thinking.map((block) => block['signature']).filter(Boolean),
    redacted: ofType(content, 'redacted_thinking').map((block) => block['data']),
    tool_calls: ofType(content, 'tool_use').map((block) => ({ id: block['id'], name: block['name'], input: block['input'] })),
    server_tool_calls: content.filter((block) => CALLS.has(block['type'])).map((block) => ({ type: block['type'], id: block['id'], name: block['name'], input: block['input'] })),
    citations: ofType(content, 'text').flatMap((block) => listOf(block['citations'])),
    block_types: content.map((block) => block['type']),
    content,
  };
}

function compareUsage(expected: Expected, got: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    const found = difference(`usage.${name}`, value ?? null, got[name] ?? null);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compareMessage(expected: Expected, event: StreamEventOf<'message'>, events: readonly StreamEvent[]): string | undefined {
  const got = summary(event, event.model);
  const startText = expected['rawStartText'];
  for (const [name, value] of Object.entries(got)) {
    if (!(name in expected)) continue;
    const found = difference(name, expected[name], value);
    // Where the text that blocks began with was counted apart, only their content can be compared word by word.
    const apart = name === 'text' && typeof startText === 'string' && startText !== '' && String(value).length === String(expected[name]).length + startText.length;
    if (found !== undefined && !apart) return found;
  }
  for (const name of ['stop_sequence', 'stop_details', 'container', 'context_management']) {
    const found = name in expected ? difference(name, expected[name] ?? null, event.metadata[name] ?? null) : undefined;
    if (found !== undefined) return found;
  }
  const usage = expected['usage'];
  const found = isObject(usage) ? compareUsage(usage, event.usage?.raw ?? {}) : undefined;
  return found ?? difference('the text of all text_delta events', got['text'], deliveredText(events));
}

function describe(error: unknown): string {
  return `${error instanceof Error ? error.name : typeof error}: ${messageOf(error)}`;
}

/** The first difference between what was expected and what came, in words. */
export function compare(recording: Recording, outcome: Outcome): string | undefined {
  const { expected } = recording;
  if (expected === undefined) return 'expected.json is missing or is no JSON object';
  const reason = failureExpected(recording);
  if (reason !== undefined) return compareFailure(reason, recording, outcome);
  if (outcome.error !== undefined) return `expected success, got ${describe(outcome.error)}`;
  if (!('content' in expected) && !('text' in expected)) return 'expected.json says neither content nor text: nothing to compare';
  const last = outcome.events.at(-1);
  if (last?.type !== 'message') return `expected a message as the last event, got ${last?.type ?? 'nothing'}`;
  return compareMessage(expected, last, outcome.events);
}
