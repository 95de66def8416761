import { agent, isTerminal, tool } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { textOnly } from 'coldstream/operators';
import { switchMap, takeWhile } from 'rxjs';

const sum = tool({
  name: 'sum',
  description: 'Adds two numbers.',
  input: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  execute: ({ a, b }) => a + b,
});

mockModelServer()
  .pipe(
    switchMap(({ url }) => {
      const provider = anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'none' });
      const ask = agent({ provider, tools: [sum] });
      return ask('What is 17 plus 25?');
    }),
    takeWhile((event) => !isTerminal(event), true),
    textOnly(),
  )
  .subscribe({
    next: (text) => process.stdout.write(text),
    error: (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
