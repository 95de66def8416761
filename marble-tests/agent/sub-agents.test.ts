import { filter, map, NEVER, toArray, type Observable } from 'rxjs';
import { agent, agentTool, decidedBy, type AgentOptions, type Decision, type StreamEvent, type Tool } from 'coldstream';
import { burst, event, marbles, scriptedProvider, scriptedTool, textTurn, tokens, turn, type ScriptedTurn } from 'coldstream/testing';
import { make, shape, turnOf } from './support.js';

const sub = (name: string, turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}): Tool =>
  agentTool({ name, description: '', agent: agent({ provider: scriptedProvider(turns), resilience: false, ...options }), input: { type: 'object' } });

/** One character an event, after the last id of its path. */
const pathed = (run$: Observable<StreamEvent>): Observable<string> => {
  const paths: string[] = [];
  return shape(run$.pipe(map((each) => (paths.push(each.path.map((id) => `${id}/`).join('')), each)))).pipe(map((letter, at) => `${paths[at] ?? ''}${letter}`));
};

describe('a sub-agent', () => {
  it('shows its events in band, under the id of its call, and its text is the result', marbles((m) => {
    const child$ = m.cold('--t-(w|)', turnOf);
    const { run$, provider } = make([m.cold('a(m|)', turnOf), m.cold('t(w|)', turnOf)], [sub('a', [child$])]);
    m.expectObservable(pathed(run$)).toBe(['AM-t-CZ', '------|'], {
      A: burst('s', 'i', 'call a'),
      M: burst('m', 'a/s', 'a/i'),
      t: 'a/t',
      C: burst('a/m', 'a/e', 'a/complete', 'result a', 'end a', 'm', 'e', 'i', 't'),
      Z: burst('m', 'e', 'complete'),
    });
    m.expectSubscriptions(child$.subscriptions).toBe('-^---!');
    m.flush();
    expect(provider.requests[1]?.messages.at(-1)?.content).toEqual([{ type: 'tool_result', toolUseId: 'a', isError: false, content: [{ type: 'text', text: 'text' }] }]);
  }));

  it('mixes with another beside it, and nothing of either is lost', marbles((m) => {
    const run = () => make([m.cold('ab(n|)', turnOf), textTurn('ok')], [sub('a', [m.cold('-t-t-t(w|)', turnOf)]), sub('b', [m.cold('t-t-t-t-(w|)', turnOf)])]).run$;
    const texts$ = run().pipe(filter(({ type, path }) => type === 'text_delta' && path.length > 0), map(({ path }) => path.join('/')));
    m.expectObservable(texts$).toBe('--bababab-|', { a: 'a', b: 'b' });
    m.expectObservable(run().pipe(toArray(), map((events) => events.filter(({ seq }, at) => seq !== at).length))).toBe('----------(n|)', { n: 0 });
  }));

  it('T3 C1 is stopped with the run, down to its request and its tools', marbles((m) => {
    const inner$ = m.cold('--t-------', turnOf);
    const slow = scriptedTool('b', NEVER);
    const withTool = sub('b', [[event.toolUse('b', 'b'), event.message({ role: 'assistant', content: [{ type: 'tool_use', id: 'b', name: 'b', input: {} }] }, { stopReason: 'tool_use' })]], { tools: [slow] });
    const { run$ } = make([m.cold('ab(n|)', turnOf)], [sub('a', [inner$]), withTool]);
    m.expectObservable(run$.pipe(filter(({ type }) => type === 'text_delta'), map(({ path }) => path)), '-----!').toBe('----t', { t: ['a'] });
    m.expectSubscriptions(inner$.subscriptions).toBe('--^--!');
    m.flush();
    expect(slow.calls).toMatchObject([{ state: 'stopped', context: { path: ['b'], signal: { aborted: true } } }]);
  }));

  it('T2 is stopped at its time limit, and what it had cost by then is counted', marbles((m) => {
    const child$ = m.cold('-u--------', turnOf);
    const { run$ } = make([[...turn({ tools: [{ id: 'a', name: 'a' }], usage: tokens(1, 1) })], textTurn('ok')], [sub('a', [child$])], { toolTimeout: 4 });
    m.expectObservable(run$.pipe(filter((each) => each.type === 'complete'), map(({ usage }) => usage))).toBe('----(c|)', { c: tokens(21, 7) });
    m.expectSubscriptions(child$.subscriptions).toBe('^---!');
  }));

  it('waits for approvals of its own, told apart by the path', marbles((m) => {
    const tools = (name: string) => scriptedTool(name, name);
    const inner = turn({ tools: [{ id: 'x', name: 'work' }] });
    const decided = (path: string, decision: Decision['decision']): Decision => ({ runId: 'run_1', path: [path], id: 'x', decision });
    const decisions$ = m.hot('----b--a', { a: decided('a', 'allow'), b: decided('b', 'deny') });
    const work = tools('work');
    const approve = decidedBy(decisions$);
    const child = (name: string) => sub(name, [inner, textTurn(name)], { tools: [work], approve });
    const { run$ } = make([m.cold('ab(n|)', turnOf), textTurn('ok')], [child('a'), child('b')]);
    const told$ = run$.pipe(filter((each) => each.type === 'tool_approval'), map(({ path, content: { id, decision } }) => `${path.join()} ${id} ${decision}`));
    m.expectObservable(told$).toBe('--R-b--(a|)', { R: burst('a x requested', 'b x requested'), a: 'a x granted', b: 'b x denied' });
    m.flush();
    expect(work.calls).toMatchObject([{ context: { path: ['a'] }, startedAt: 7 }]);
  }));
});
