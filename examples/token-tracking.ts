// Token tracking: what each iteration cost, a running total while the run goes on, and the total at its end.
import assert from 'node:assert/strict';
import { agent, isTerminal, tool, type Usage } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { usageTotals } from 'coldstream/operators';
import { connect, ignoreElements, merge, switchMap, takeWhile, tap } from 'rxjs';

const sum = tool({
  name: 'sum',
  description: 'Adds two numbers.',
  input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  execute: ({ a, b }) => a + b,
});

const iterations: Usage[] = [];
const totals: Usage[] = [];
let total: Usage | null = null;

mockModelServer({ paceMs: 5 })
  .pipe(
    switchMap(({ url }) => {
      const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'none' }), tools: [sum] });
      return ask('What is 17 plus 25 plus 8?');
    }),
    takeWhile((event) => !isTerminal(event), true),
    // One run, looked at twice. The totals grow while the model writes.
    connect((events$) => merge(events$, events$.pipe(usageTotals(), tap((usage) => totals.push(usage)), ignoreElements()))),
  )
  .subscribe((event) => {
    if (event.type === 'iteration_end' && event.usage !== null) {
      iterations.push(event.usage);
      console.log(`Iteration ${event.iteration + 1}: in=${event.usage.inputTokens}, out=${event.usage.outputTokens}`);
    }
    if (event.type === 'complete' && event.usage !== null) {
      total = event.usage;
      console.log(`Total tokens: in=${event.usage.inputTokens}, out=${event.usage.outputTokens}`);
    }
  });

process.on('exit', () => {
  const add = (pick: (usage: Usage) => number): number => iterations.reduce((before, usage) => before + pick(usage), 0);
  assert.equal(iterations.length, 3);
  const [inputTokens, outputTokens] = [add((usage) => usage.inputTokens), add((usage) => usage.outputTokens)];
  assert.ok(inputTokens > 0 && outputTokens > 0);
  for (const end of [total, totals.at(-1)]) {
    assert.equal(end?.inputTokens, inputTokens);
    assert.equal(end.outputTokens, outputTokens);
  }
});
