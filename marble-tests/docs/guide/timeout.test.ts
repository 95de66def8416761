import { agent } from 'coldstream';
import { marbles, scriptedProvider, scriptedTool } from 'coldstream/testing';
import { NEVER } from 'rxjs';

it('gives up on a tool after ten seconds, and has the model say so', marbles((m) => {
  const search = scriptedTool('search', NEVER);
  const provider = scriptedProvider([
    m.turn('(s|)', { s: { id: 'call_1', name: 'search', input: { for: 'rills' } } }),
    m.turn('a|', { a: 'The search is down.' }),
  ]);

  m.expectRun(agent({ provider, tools: [search], toolTimeout: 10_000 })('What is a rill?')).toBe({
    run: '    (si)    @10s (Mei) (ec|)',
    model: '  (odum)  @10s t     (um)',
    search: ' b       @10s (Rz)',
  });
  m.flush();
  expect(search.calls[0]?.state).toBe('stopped');
}));
