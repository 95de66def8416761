import { agent } from 'coldstream';
import { event, marbles, scriptedProvider, scriptedTool } from 'coldstream/testing';

it('waits for both tools', marbles((m) => {
  const weather = scriptedTool('weather', 'sunny', { latency: 30_000 });
  const traffic = scriptedTool('traffic', new Error('no data'), { latency: 90_000 });
  const provider = scriptedProvider([
    m.turn('1s (wt|)', { w: { id: 'call_1', name: 'weather' }, t: { id: 'call_2', name: 'traffic' } }),
    m.turn('a-b|', { a: 'Go ', b: 'out.' }),
  ]);

  m.expectRun(agent({ provider, tools: [weather, traffic] })('Shall I go out?')).toBe({
    run: '    (si)                    @91s (Mei)  @91.003s (ec|)',
    model: '       @1s (ododum)       @91s a-t(um)',
    weather: '     @1s b     @31s (rz)',
    traffic: '     @1s b               @91s (Rz)',
  }, { a: event.text('Go ') });
  m.flush();
  provider.assertConsumed();
}));
