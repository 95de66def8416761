// Sub-agents: an agent is a tool of another. Two of them work side by side; their events are events of the same run.
import assert from 'node:assert/strict';
import { agent, agentTool } from 'coldstream';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';

// Each researcher is an agent of its own, with a model, tools and rules of its own.
const researcher = (answer: readonly string[]) => agent({ provider: scriptedProvider([textTurn(...answer)], { pace: 5 }), instructions: 'Find one fact.' });
const rivers = agentTool({ name: 'rivers', description: 'Looks up rivers.', agent: researcher(['The Rímac ', 'is short.']) });
const hills = agentTool({ name: 'hills', description: 'Looks up hills.', agent: researcher(['San Cristóbal ', 'is 400 m.']) });

const provider = scriptedProvider([
  toolTurn({ id: 'call_1', name: 'rivers', input: { prompt: 'Which river?' } }, { id: 'call_2', name: 'hills', input: { prompt: 'Which hill?' } }),
  textTurn('A short river and a hill of 400 m.'),
]);
const ask = agent({ provider, tools: [rivers, hills] });

const log: string[] = [];
ask('Tell me about Lima').subscribe((event) => {
  const where = event.path.length === 0 ? 'run' : event.path.join('/');
  if (event.type === 'text_delta') log.push(`${where}: ${event.content}`);
  if (event.type === 'complete') log.push(`${where}: done, ${event.usage?.inputTokens} tokens in`);
});

process.on('exit', () => {
  console.log(log.join('\n'));
  const of = (where: string): readonly string[] => log.filter((line) => line.startsWith(`${where}: `)).map((line) => line.slice(where.length + 2));
  assert.deepEqual(of('call_1'), ['The Rímac ', 'is short.', 'done, 10 tokens in']);
  assert.deepEqual(of('call_2'), ['San Cristóbal ', 'is 400 m.', 'done, 10 tokens in']);
  // Both worked at once: each had begun before the other was done.
  assert.ok(log.indexOf('call_2: San Cristóbal ') < log.indexOf('call_1: done, 10 tokens in'));
  // The run's total has the sub-agents' tokens in it: two turns of its own, and one of each.
  assert.deepEqual(of('run'), ['A short river and a hill of 400 m.', 'done, 40 tokens in']);
});
