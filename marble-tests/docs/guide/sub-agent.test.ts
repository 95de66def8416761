import { agent, agentTool } from 'coldstream';
import { marbles, scriptedProvider } from 'coldstream/testing';

it('asks the researcher, and answers with what it found', marbles((m) => {
  const inner = scriptedProvider([m.turn('--f|', { f: 'Streams are small.' })]);
  const outer = scriptedProvider([
    m.turn('(r|)', { r: { id: 'call_1', name: 'research', input: { prompt: 'What is a rill?' } } }),
    m.turn('a|', { a: 'A small stream.' }),
  ]);
  const research = agentTool({ name: 'research', description: 'Finds out.', agent: agent({ provider: inner }) });

  m.expectRun(agent({ provider: outer, tools: [research] })('What is a rill?')).toBe({
    run: '             (si)   --(Mei)(ec|)',
    model: '           (odum) --t    (um)',
    research: '        b      --(rz)',
    'research/run': '   (si)   --(ec)',
    'research/model': ' -      -t(um)',
  });
  m.flush();
  inner.assertConsumed();
  outer.assertConsumed();
}));
