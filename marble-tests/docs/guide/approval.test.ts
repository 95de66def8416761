import { agent, decidedBy } from 'coldstream';
import { marbles, scriptedProvider, scriptedTool, type Marbles } from 'coldstream/testing';
import { map, NEVER, timer } from 'rxjs';

const turns = (m: Marbles) => [m.turn('(r|)', { r: { id: 'call_1', name: 'remove' } }), m.turn('a|', { a: 'Well.' })];

it('removes nothing before somebody says yes', marbles((m) => {
  const remove = scriptedTool('remove', 'gone', { latency: 2_000, approval: 'ask' });
  const approve = () => timer(45_000).pipe(map(() => 'allow' as const));

  m.expectRun(agent({ provider: scriptedProvider(turns(m)), tools: [remove], approve })('Tidy up')).toBe({
    run: '    (si)          @47s (Mei) (ec|)',
    model: '  (odum)        @47s t     (um)',
    remove: ' (ba) @45s g   @47s (rz)',
  });
}));

it('removes nothing at all if nobody answers within a minute', marbles((m) => {
  const remove = scriptedTool('remove', 'gone', { approval: 'ask' });
  const approve = decidedBy(NEVER, { timeout: 60_000 });

  m.expectRun(agent({ provider: scriptedProvider(turns(m)), tools: [remove], approve })('Tidy up')).toBe({
    run: '    (si)   @60s (Mei) (ec|)',
    model: '  (odum) @60s t     (um)',
    remove: ' (ba)   @60s (fRz)',
  });
  m.flush();
  expect(remove.calls).toEqual([]);
}));
