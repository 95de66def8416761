import { agent, isTerminal, tool } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { untilError } from 'coldstream/operators';
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
    untilError(),
  )
  .subscribe({
    next: (event) => {
      if (event.type === 'text_delta') process.stdout.write(event.content);
      if (event.type === 'tool_use_start') console.log(`\n> ${event.content.name} ${JSON.stringify(event.content.input)}`);
      if (event.type === 'complete') console.log(`\n(${event.iterations} turns, ${event.usage?.outputTokens} tokens out)`);
    },
    error: (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
