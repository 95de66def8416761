import { filter, map, type Observable } from 'rxjs';
import { decidedBy, type AgentOptions, type Decision, type StreamEvent } from 'coldstream';
import { event, marbles, scriptedTool, textTurn, type ScriptedTool } from 'coldstream/testing';
import { make } from './support.js';

const latencies = { a: 4, b: 2, c: 3, d: 2 };
const calls = Object.keys(latencies).map((id) => ({ type: 'tool_use', id, name: id, input: {} }) as const);
const fourCalls = [...calls.map(({ id, name }) => event.toolUse(id, name)), event.message({ role: 'assistant', content: calls }, { stopReason: 'tool_use' })];

/** One turn that calls four tools at once, some of which must be alone. */
function calling(alone: readonly string[], options: Partial<AgentOptions> = {}) {
  const tools = Object.entries(latencies).map(([name, latency]): ScriptedTool => ({ ...scriptedTool(name, 'done', { latency }), exclusive: alone.includes(name) }));
  const { run$, provider } = make([fourCalls, textTurn('ok')], tools, options);
  return { tools, run$, provider };
}

/** The ids of the calls, as they are answered. */
const answeredIds = (run$: Observable<StreamEvent>): Observable<string> =>
  run$.pipe(
    filter((each) => each.type === 'tool_result'),
    map(({ content: { id } }) => id),
  );

const spans = (tools: readonly ScriptedTool[]) =>
  Object.fromEntries(tools.flatMap((tool) => tool.calls.map(({ id, startedAt, endedAt }) => [id, [startedAt, endedAt]])));

describe('an exclusive tool', () => {
  it('runs alone, after the calls before it and before those after it', marbles((m) => {
    const { run$, tools, provider } = calling(['c']);
    m.expectObservable(answeredIds(run$)).toBe('--b-a--c-(d|)');
    m.flush();
    expect(spans(tools)).toEqual({ a: [0, 4], b: [0, 2], c: [4, 7], d: [7, 9] });
    expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject(calls.map(({ id }) => ({ toolUseId: id })));
  }));

  it.each([
    [['a', 'b', 'c', 'd'], 8, { a: [0, 4], b: [4, 6], c: [6, 9], d: [9, 11] }],
    [['a'], 8, { a: [0, 4], b: [4, 6], c: [4, 7], d: [4, 6] }],
    [['b', 'c'], 2, { a: [0, 4], b: [4, 6], c: [6, 9], d: [9, 11] }],
    [['d'], 2, { a: [0, 4], b: [0, 2], c: [2, 5], d: [5, 7] }],
    [['c'], 1, { a: [0, 4], b: [4, 6], c: [6, 9], d: [9, 11] }],
  ])('keeps the order of the calls: %j alone, %d at once', (alone, toolConcurrency, expected) =>
    marbles((m) => {
      const { run$, tools } = calling(alone, { toolConcurrency });
      m.expectObservable(run$.pipe(filter(({ type }) => type === 'error'))).toBe(`${String(Math.max(...Object.values(expected).flat()))}ms |`);
      m.flush();
      expect(spans(tools)).toEqual(expected);
    })(),
  );

  it('does not hold the others up while it waits for its approval', marbles((m) => {
    const decisions$ = m.hot('-----b---a', { a: decision('a'), b: decision('b') });
    const { run$, tools } = calling(['b'], { approve: decidedBy(decisions$), approval: ({ name }) => (name === 'a' || name === 'b' ? 'ask' : 'allow') });
    m.expectObservable(answeredIds(run$)).toBe('--dc---b-----(a|)');
    m.flush();
    expect(spans(tools)).toEqual({ c: [0, 3], d: [0, 2], b: [5, 7], a: [9, 13] });
  }));

  it('leaves its place when the run is unsubscribed (C1)', marbles((m) => {
    const { run$, tools } = calling(['c']);
    m.expectObservable(answeredIds(run$), '-----!').toBe('--b-a');
    m.flush();
    expect(tools.flatMap((tool) => tool.calls.map(({ id, state }) => [id, state]))).toEqual([
      ['a', 'answered'],
      ['b', 'answered'],
      ['c', 'stopped'],
    ]);
  }));
});

function decision(id: string): Decision {
  return { runId: 'run_1', path: [], id, decision: 'allow' };
}
