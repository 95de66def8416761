// Final-iteration validation: a run has a limit of iterations, and when tools would go on past it the model is asked
// for a final answer. A model that calls tools even then ends the run with a stop reason; it never loops for ever.
import assert from 'node:assert/strict';
import { agent } from 'coldstream';
import { collectRun, type CollectedRun } from 'coldstream/operators';
import { scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { concat } from 'rxjs';

const search = scriptedTool('search', 'Nothing found.');
const searching = (id: string) => toolTurn({ id, name: 'search', input: { query: 'the answer' } });

const obedient = scriptedProvider([searching('call_1'), searching('call_2'), textTurn('I found nothing.')]);
const stubborn = scriptedProvider([searching('call_1'), searching('call_2'), searching('call_3')]);
const runs: CollectedRun[] = [];

concat(
  agent({ provider: obedient, tools: [search] })('Find the answer.', { maxIterations: 3 }).pipe(collectRun()),
  agent({ provider: stubborn, tools: [search] })('Find the answer.', { maxIterations: 3 }).pipe(collectRun()),
).subscribe((run) => {
  runs.push(run);
  console.log(`${run.iterations} iterations, ${run.toolCalls.length} calls, stop reason ${run.stopReason}, answer "${run.text}"`);
});

process.on('exit', () => {
  const [first, second] = runs;
  // The last request allows no tools, and its last message asks for the answer.
  const last = obedient.requests.at(-1);
  console.log('The model was told:', JSON.stringify(last?.messages.at(-1)?.content));
  assert.deepEqual(obedient.requests.map(({ toolChoice }) => toolChoice), [undefined, undefined, 'none']);
  assert.equal(last?.messages.at(-1)?.role, 'user');
  assert.deepEqual([first?.text, first?.stopReason], ['I found nothing.', 'end_turn']);

  // A call after the limit is answered, so that the conversation stays valid, but not run.
  assert.deepEqual([second?.stopReason, second?.error], ['max_iterations', undefined]);
  assert.deepEqual(second?.toolCalls.map(({ isError }) => isError), [false, false, true]);
  assert.equal(search.calls.length, 4);
});
