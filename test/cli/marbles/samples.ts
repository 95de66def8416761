import type { StreamEvent } from '../../../src/events/events.js';
import { event, tokens } from '../../../src/testing/index.js';

/** Events after each other; a number is a wait in milliseconds. */
export function run(...parts: readonly (number | StreamEvent | readonly StreamEvent[])[]): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  let timestamp = 1_700_000_000_000;
  for (const part of parts) {
    if (typeof part === 'number') timestamp += part;
    else for (const one of [part].flat()) events.push({ ...one, timestamp, seq: events.length });
  }
  return events;
}

/** So many pieces of text, a wait before each. */
const streamed = (count: number, waitMs: number, piece: StreamEvent = event.text('x')): readonly (number | StreamEvent)[] =>
  Array.from({ length: count }, () => [waitMs, piece]).flat();

const usage = tokens(812, 94);

/** Three turns, parallel tools of 30 s and 90 s, a retry after 5 s, an approval of 60 s. */
export const longGaps = run(
  event.runStart('Look into the outage of last night, and mend what you can.'),
  event.iterationStart(),
  ...streamed(6, 40, event.thinking('hm')),
  ...streamed(12, 30),
  event.toolUse('a', 'search_logs'),
  20,
  event.toolUse('b', 'run_benchmark'),
  30_000,
  event.toolResult('a', 'search_logs'),
  60_000,
  event.toolResult('b', 'run_benchmark'),
  event.iterationEnd(),
  event.iterationStart({ iteration: 1 }),
  300,
  event.retry({ delayMs: 5_000, discard: false }),
  5_000,
  ...streamed(8, 30),
  event.toolUse('c', 'restart_service'),
  event.toolApproval('c', 'restart_service', 'requested'),
  60_000,
  event.toolApproval('c', 'restart_service', 'granted'),
  800,
  event.toolResult('c', 'restart_service'),
  event.iterationEnd(),
  event.iterationStart({ iteration: 2 }),
  ...streamed(20, 30),
  event.complete({ usage }),
);

const toolNames = ['get-sum', 'mcp1__read_text_file', 'mcp2__create_entities', 'weather', 'mcp1__search_files_and_directories_recursively', 'echo'];

/** Ten calls at a time, of six tools, one of which fails. */
export const tenTools = run(
  event.runStart('Do ten things at once'),
  event.iterationStart(),
  ...streamed(10, 30),
  ...Array.from({ length: 10 }, (_, index) => [15, event.toolInputStart(`c${index}`, toolNames[index % 6] ?? ''), 15, event.toolUse(`c${index}`, toolNames[index % 6] ?? '')]).flat(),
  ...Array.from({ length: 10 }, (_, index) => [120, event.toolProgress(`c${index}`, toolNames[index % 6] ?? '', { progress: 1 })]).flat(),
  ...Array.from({ length: 10 }, (_, index) => [
    70,
    event.toolResult(`c${index}`, toolNames[index % 6] ?? '', index === 4 ? 'no such folder' : 'done', { isError: index === 4 }),
  ]).flat(),
  event.iterationEnd(),
  event.iterationStart({ iteration: 1 }),
  ...streamed(15, 30),
  event.complete({ usage }),
);

/** A sub-agent in one call, and a sub-agent in that. */
export const subAgents = run(
  event.runStart('Write a report on rivers'),
  event.iterationStart(),
  ...streamed(8, 30),
  event.toolUse('r', 'research'),
  event.toolUse('w', 'write'),
  5,
  event.runStart('rivers', { path: ['r'] }),
  event.iterationStart({ path: ['r'] }),
  event.runStart('outline', { path: ['w'] }),
  event.iterationStart({ path: ['w'] }),
  ...streamed(6, 40, event.text('x', { path: ['w'] })),
  ...streamed(5, 30, event.text('x', { path: ['r'] })),
  event.toolUse('r1', 'search_the_web', {}, { path: ['r'] }),
  5,
  event.runStart('deeper', { path: ['r', 'r1'] }),
  event.iterationStart({ path: ['r', 'r1'] }),
  ...streamed(5, 60, event.text('x', { path: ['r', 'r1'] })),
  event.complete({ path: ['r', 'r1'] }),
  event.toolResult('r1', 'search_the_web', 'done', {}, { path: ['r'] }),
  event.iterationStart({ path: ['r'], iteration: 1 }),
  ...streamed(8, 40, event.text('x', { path: ['w'] })),
  event.complete({ path: ['w'] }),
  event.toolResult('w', 'write'),
  ...streamed(8, 30, event.text('x', { path: ['r'] })),
  event.complete({ path: ['r'] }),
  event.toolResult('r', 'research'),
  event.iterationStart({ iteration: 1 }),
  ...streamed(15, 30),
  event.complete({ usage }),
);

/** Retries, then a failure in the middle of a call's input. */
export const failing = run(
  event.runStart('Say it'),
  event.iterationStart(),
  500,
  event.retry({ delayMs: 1_000 }),
  1_000,
  ...streamed(5, 30),
  event.toolInputStart('a', 'get-sum'),
  40,
  event.retry({ attempt: 2, delayMs: 2_000 }),
  2_000,
  ...streamed(4, 30),
  event.toolUse('b', 'rm'),
  event.toolApproval('b', 'rm', 'requested'),
  900,
  event.toolApproval('b', 'rm', 'denied', { reason: 'not today' }),
  event.toolResult('b', 'rm', 'denied', { isError: true }),
  event.iterationStart({ iteration: 1 }),
  200,
  event.error({ error: 'Overloaded', code: 'overloaded' }, { usage }),
);

/** What would break out of a terminal or of a page, if it could. */
export const hostile = `</text><script>alert(1)</script>"'&]]>\u001b[31m\u202e\u0000\uffff\ud800`;
export const hostileRun = run(
  event.runStart(hostile),
  event.iterationStart(),
  100,
  event.toolUse(hostile, hostile),
  event.toolApproval(hostile, hostile, 'denied', { reason: hostile }),
  100,
  event.toolResult(hostile, hostile, hostile, { isError: true }),
  event.text(hostile, { path: [hostile] }),
  event.custom(hostile),
  100,
  event.error({ error: hostile }),
);

export const samples = { longGaps, tenTools, subAgents, failing, hostileRun };
