import assert from 'node:assert/strict';
import { agent, tool } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mcpStdio, mcpTools } from 'coldstream/mcp';
import { mockModelServer } from 'coldstream/mock-server';
import { collectRun } from 'coldstream/operators';
import { firstValueFrom, switchMap, take } from 'rxjs';

const sum = tool({
  name: 'sum',
  description: 'Adds two numbers.',
  input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  execute: ({ a, b }) => a + b,
});
const served = mcpTools(mcpStdio(process.execPath, ['server.mjs']));

const names = await firstValueFrom(served.pipe(take(1)));
assert.deepEqual(names.map(({ name }) => name), ['echo']);

const run = await firstValueFrom(
  mockModelServer().pipe(
    switchMap(({ url }) => {
      const provider = anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'none' });
      return agent({ provider, tools: [sum, served] })('What is 17 plus 25?').pipe(collectRun());
    }),
  ),
);
assert.equal(run.toolCalls.length, 1);
assert.equal(run.error, undefined);
console.log(run.text);
