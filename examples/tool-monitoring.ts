// Monitoring tools: what the agent does in each iteration, which tools it calls, and how that went.
import assert from 'node:assert/strict';
import { agent, tool } from 'coldstream';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';

const weather = tool({
  name: 'weather',
  description: 'The weather in a city.',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: ({ city }) => {
    if (city === 'Atlantis') throw new Error('There is no weather station in Atlantis.');
    return { city, degrees: 21 };
  },
});

// The model asks for two calls at once. One of them fails, and the run goes on: the model reads why.
const provider = scriptedProvider(
  [
    toolTurn({ id: 'call_1', name: 'weather', input: { city: 'Lima' } }, { id: 'call_2', name: 'weather', input: { city: 'Atlantis' } }),
    textTurn('It is 21 degrees ', 'in Lima. ', 'Atlantis I could not reach.'),
  ],
  { pace: 10 },
);
const log: string[] = [];
const say = (line: string): void => {
  log.push(line);
  console.log(line);
};

agent({ provider, tools: [weather] })('How warm is it in Lima and in Atlantis?').subscribe((event) => {
  if (event.type === 'iteration_start') say(`→ Iteration ${event.iteration + 1}`);
  if (event.type === 'text_delta') say(`  "${event.content}"`);
  if (event.type === 'tool_use_start') say(`  ⚙ Calling ${event.content.name}(${JSON.stringify(event.content.input)})`);
  if (event.type === 'tool_result') say(`  ${event.content.isError ? '✗ Error' : '✓ Success'} (${event.content.id})`);
  if (event.type === 'iteration_end') say(`  Tokens: in=${event.usage?.inputTokens}, out=${event.usage?.outputTokens}`);
});

process.on('exit', () => {
  assert.deepEqual(log, [
    '→ Iteration 1',
    '  ⚙ Calling weather({"city":"Lima"})',
    '  ⚙ Calling weather({"city":"Atlantis"})',
    '  ✓ Success (call_1)',
    '  ✗ Error (call_2)',
    '  Tokens: in=10, out=5',
    '→ Iteration 2',
    '  "It is 21 degrees "',
    '  "in Lima. "',
    '  "Atlantis I could not reach."',
    '  Tokens: in=10, out=5',
  ]);
});
