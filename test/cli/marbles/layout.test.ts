import fc from 'fast-check';
import { layout, type Picture } from '../../../src/cli/marbles/layout.js';
import type { StreamEvent } from '../../../src/events/events.js';
import { event } from '../../../src/testing/index.js';
import { failing, run, samples, subAgents, tenTools } from './samples.js';

const laneLabels = ({ lanes }: Picture): readonly string[] => lanes.map(({ label, depth }) => `${' '.repeat(depth)}${label}`);

const kindsOn = (picture: Picture, label: string): readonly string[] =>
  picture.lanes.filter((lane) => lane.label === label).flatMap(({ marks }) => marks.map(({ kind }) => kind));

const id = fc.constantFrom('a', 'b', 'c');
const name = fc.constantFrom('sum', 'echo');
const body: fc.Arbitrary<StreamEvent> = fc.oneof(
  fc.constantFrom(event.runStart(), event.iterationStart(), event.text('x'), event.thinking('x'), event.message('x'), event.iterationEnd()),
  fc.constantFrom(event.retry({ discard: true }), event.retry({ discard: false }), event.complete(), event.error(), event.raw(null), event.custom('own'), event.citation(null)),
  fc.tuple(id, name).map(([one, tool]) => event.toolInputStart(one, tool)),
  id.map((one) => event.toolInputDelta(one, '{')),
  fc.tuple(id, name).map(([one, tool]) => event.toolUse(one, tool)),
  fc.tuple(id, name).map(([one, tool]) => event.toolProgress(one, tool, {})),
  fc.tuple(id, name, fc.constantFrom('requested', 'granted', 'denied')).map(([one, tool, decision]) => event.toolApproval(one, tool, decision)),
  fc.tuple(id, name, fc.boolean()).map(([one, tool, isError]) => event.toolResult(one, tool, 'x', { isError })),
  fc.tuple(id, name).map(([one, tool]) => event.toolUseEnd(one, tool)),
  fc.tuple(id, name).map(([one, tool]) => event.serverToolUse(one, tool)),
  fc.tuple(id, name).map(([one, tool]) => event.serverToolResult(one, tool, null)),
);
const anyEvent = fc.record({ body, path: fc.array(id, { maxLength: 3 }), runId: fc.constantFrom('one', 'two'), timestamp: fc.oneof(fc.nat(100), fc.nat(10_000_000)) });
const anyEvents = fc.array(anyEvent.map(({ body: one, ...envelope }) => ({ ...one, ...envelope })), { minLength: 1, maxLength: 120 });

describe('the layout of any events', () => {
  test('loses none and counts none twice', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const counted = layout(events).lanes.flatMap(({ marks }) => marks).reduce((sum, mark) => sum + mark.events, 0);
        expect(counted).toBe(events.length);
      }),
    );
  });

  test('keeps their order on each lane, within the picture', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        for (const { marks } of layout(events).lanes) {
          for (const [index, { from, to, startMs, endMs }] of marks.entries()) {
            expect(from).toBeGreaterThanOrEqual(marks[index - 1]?.from ?? 0);
            expect(to).toBeGreaterThanOrEqual(from);
            expect(to).toBeLessThanOrEqual(1);
            expect(endMs).toBeGreaterThanOrEqual(startMs);
          }
        }
      }),
    );
  });
});

describe('the lanes', () => {
  test('are those of turns, thinking, text, own events and each tool, in the order of their first calls', () => {
    const events = run(event.runStart(), event.iterationStart(), event.toolUse('a', 'z'), event.text('x'), event.toolUse('b', 'y'), event.custom('own'), event.thinking('x'));
    expect(laneLabels(layout(events))).toEqual(['turns', 'thinking', 'text', 'custom', 'z', 'y']);
  });

  test('of a tool are as many as it had calls at a time', () => {
    expect(laneLabels(layout(tenTools)).filter((label) => label.startsWith('weather'))).toEqual(['weather', 'weather #2']);
  });

  test('of a sub-agent are below the call that it answers, however deep', () => {
    expect(laneLabels(layout(subAgents))).toEqual([
      ...['turns', 'text', 'research', ' turns', ' text', ' search_the_web', '  turns', '  text', 'write', ' turns', ' text'],
    ]);
  });

  test('of a sub-agent whose call is missing bear the id of the call', () => {
    expect(laneLabels(layout(run(event.runStart(), event.text('x', { path: ['lost'] }))))).toEqual(['turns', 'lost', ' text']);
  });

  test('of nested agents take no stack', () => {
    const path = Array.from({ length: 3_000 }, (_, index) => `c${index}`);
    const events = path.map((_, depth) => event.text('x', { path: path.slice(0, depth), seq: depth }));
    expect(layout(events).lanes).toHaveLength(2 * path.length);
  });

  test('show one call after the other on one row, and the dropped call of an abandoned attempt as never run', () => {
    const events = run(event.toolUse('a', 'sum'), 10, event.toolResult('a', 'sum'), 10, event.toolUse('b', 'sum'), 10, event.toolResult('b', 'sum', 'x', { isError: true }));
    expect(kindsOn(layout(events), 'sum')).toEqual(['call', 'result', 'call', 'failed']);
    const repeated = run(event.toolInputStart('a', 'sum'), 10, event.retry({ discard: true }), 10, event.toolUse('b', 'sum'), 10, event.toolResult('b', 'sum'));
    expect(kindsOn(layout(repeated), 'sum')).toEqual(['input', 'call', 'result']);
  });

  test('show retries, the waits after them, and how the run ends', () => {
    expect(kindsOn(layout(failing), 'turns')).toEqual(['start', 'turn', 'retry', 'wait', 'retry', 'wait', 'turn', 'error']);
    const [, , , wait] = layout(failing).lanes[0]?.marks ?? [];
    expect(wait).toMatchObject({ kind: 'wait', startMs: 500, endMs: 1_530 });
  });

  test('of a recording that stops run to its end, which is marked', () => {
    const picture = layout(run(event.runStart(), event.iterationStart(), event.toolUse('a', 'sum'), 100, event.usage({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, raw: {} })));
    expect(kindsOn(picture, 'turns')).toEqual(['start', 'turn', 'cut']);
    expect(picture.lanes.flatMap(({ marks }) => marks.filter(({ kind }) => kind === 'call' || kind === 'turn').map(({ endMs }) => endMs))).toEqual([100, 100]);
  });
});

test('a hundred thousand events make no more marks than can be told apart', () => {
  const deltas = Array.from({ length: 100_000 }, (_, index) => event.text('x', { timestamp: index * 20 }));
  const events = [event.runStart(), event.iterationStart(), ...deltas, event.complete({ timestamp: 2_000_000 })];
  const { lanes } = layout(events);
  expect(lanes.flatMap(({ marks }) => marks).length).toBeLessThan(210);
  expect(lanes.flatMap(({ marks }) => marks).reduce((sum, mark) => sum + mark.events, 0)).toBe(100_003);
});

test('what went wrong is told in words: all of it, or the first and the last', () => {
  expect(layout(failing).notes.map(({ kind, atMs }) => [kind, atMs])).toEqual([
    ['retry', 500],
    ['retry', 1_690],
    ['denied', 4_710],
    ['failed', 4_710],
    ['error', 4_910],
  ]);
  const many = run(...Array.from({ length: 50 }, (_, index) => [10, event.retry({ attempt: index + 1 })]).flat(), event.error('the end'));
  expect(layout(many).notes).toHaveLength(12);
  expect(layout(many).notes.at(-1)?.text).toBe('overloaded: the end');
});

test.each(Object.entries(samples))('every text in the picture of %s is printable', (_name, events) => {
  expect(JSON.stringify(layout(events))).not.toMatch(/\\u00|\\u20|\p{Cc}|\u202e/iu);
});
