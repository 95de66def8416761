// Collecting and analysing: a whole run as one value, with its events, its text, its tool calls and its cost.
import assert from 'node:assert/strict';
import { agent, tool } from 'coldstream';
import { collectRun, type CollectedRun } from 'coldstream/operators';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';

const clock = tool({
  name: 'clock',
  description: 'The time in a city.',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: ({ city }) => `It is noon in ${city}.`,
});
const provider = scriptedProvider([
  toolTurn({ id: 'call_1', name: 'clock', input: { city: 'Lima' } }),
  textTurn('In Lima ', 'it is ', 'noon.'),
]);

let run: CollectedRun | undefined;

agent({ provider, tools: [clock] })('What time is it in Lima?')
  .pipe(collectRun())
  .subscribe((collected) => {
    run = collected;
    const { events, text, toolCalls, usage } = collected;
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    console.log(`Text pieces: ${count('text_delta')}`);
    console.log(`Iterations:  ${count('iteration_start')}`);
    for (const call of toolCalls) console.log(`Tool call:   ${call.name}(${JSON.stringify(call.input)}) took ${call.durationMs} ms`);
    console.log(`Tokens:      ${usage?.inputTokens} in, ${usage?.outputTokens} out`);
    console.log(`Text:        ${text}`);
  });

process.on('exit', () => {
  assert.equal(run?.text, 'In Lima it is noon.');
  assert.equal(run.iterations, 2);
  assert.deepEqual(run.toolCalls.map(({ name, isError }) => [name, isError]), [['clock', false]]);
  assert.equal(run.usage?.inputTokens, 20);
  // Nothing is missing between the first event and the last.
  assert.deepEqual(run.events.map(({ seq }) => seq), run.events.map((_event, index) => index));
  assert.equal(run.events.at(-1)?.type, 'complete');
});
