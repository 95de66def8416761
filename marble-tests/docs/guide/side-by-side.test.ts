import { agent } from 'coldstream';
import { marbles, scriptedProvider, scriptedTool, type Marbles } from 'coldstream/testing';

function parts(m: Marbles) {
  const calls = m.turn('(st|)', { s: { id: 'call_1', name: 'slow' }, t: { id: 'call_2', name: 'fast' } });
  const provider = scriptedProvider([calls, m.turn('a|', { a: 'Both are here.' })]);
  return { provider, tools: [scriptedTool('slow', 1, { latency: 30_000 }), scriptedTool('fast', 2, { latency: 10_000 })] };
}

it('shows the fast one first, and tells the model of both in its order', marbles((m) => {
  const { provider, tools } = parts(m);

  m.expectRun(agent({ provider, tools })('Go')).toBe({
    run: '  (si)                @30s (Mei) (ec|)',
    model: '(ododum)            @30s t     (um)',
    slow: ' b                   @30s (rz)',
    fast: ' b         @10s (rz)',
  });
  m.flush();
  expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([{ toolUseId: 'call_1' }, { toolUseId: 'call_2' }]);
}));

it('runs one after the other if it is told to', marbles((m) => {
  m.expectRun(agent({ ...parts(m), toolConcurrency: 1 })('Go')).toBe({
    run: '  (si)              @40s (Mei) (ec|)',
    model: '(ododum)          @40s t     (um)',
    slow: ' b      @30s (rz)',
    fast: ' b                 @40s (rz)',
  });
}));
