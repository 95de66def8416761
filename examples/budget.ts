// A budget: a run stops where its tokens, its dollars, its time or its tool calls are used up, in the middle of an answer
// too. It does not fail: it completes, says why, has answered every call, and left a history that can be continued.
import assert from 'node:assert/strict';
import { agent, memoryHistory, tool, type Budget } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { collectRun, type CollectedRun } from 'coldstream/operators';
import { concat, switchMap, take, timer } from 'rxjs';

const input = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] } as const;
const sum = tool({ name: 'sum', description: 'Adds two numbers.', input, execute: ({ a, b }) => a + b });
const slow = tool({ name: 'sum', description: 'Adds two numbers, in a minute.', input, execute: () => timer(60_000) });

const history = memoryHistory();
const runs: CollectedRun[] = [];

mockModelServer()
  .pipe(
    switchMap(({ url }) => {
      const provider = anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'none' });
      const question = 'What is 17 plus 25 plus 8?';
      const within = (budget: Budget, tools = [sum]) => agent({ provider, tools, budget })(question, { history }).pipe(collectRun());
      return concat(within({ toolCalls: 1 }), within({ tokens: 1 }), within({ ms: 1_000 }, [slow]), within({ toolCalls: 9, ms: 60_000 }));
    }),
    take(4),
  )
  .subscribe((run) => {
    runs.push(run);
    const limit = run.events.at(-1)?.metadata['budget'];
    console.log(`${run.stopReason}${limit === undefined ? '' : ` (${JSON.stringify(limit)})`}: ${run.iterations} turns, ${run.toolCalls.length} calls, "${run.text}"`);
  });

process.on('exit', () => {
  const [calls, tokens, time, whole] = runs;
  assert.deepEqual(runs.map(({ stopReason }) => stopReason), ['budget', 'budget', 'budget', 'end_turn']);
  assert.deepEqual(runs.map(({ events }) => events.at(-1)?.metadata['budget']), ['toolCalls', 'tokens', 'ms', undefined]);
  // The second call is answered, so that the conversation can go on, and not run.
  assert.deepEqual(calls?.toolCalls.map(({ isError }) => isError), [false, true]);
  assert.equal(tokens?.iterations, 1);
  assert.deepEqual(time?.toolCalls.map(({ isError }) => isError), [true]);
  // All four runs share one history, and the service goes on with it.
  assert.ok(whole !== undefined && whole.iterations > 1 && whole.error === undefined);
});
