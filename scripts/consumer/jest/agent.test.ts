import { agent, type StreamEvent, tool } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mcpStdio, mcpTools } from 'coldstream/mcp';
import { mockModelServer } from 'coldstream/mock-server';
import { textOnly } from 'coldstream/operators';
import { toSse } from 'coldstream/sse';
import { marbles, scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { EMPTY, firstValueFrom, map, type Observable, toArray } from 'rxjs';

it('shows each piece as it comes', marbles((m) => {
  const ask = agent({ provider: scriptedProvider([textTurn('Hel', 'lo')], { pace: 1_000 }) });

  m.expectObservable(ask('Hi').pipe(textOnly())).toBe('1s a 999ms b 1s 999ms |', { a: 'Hel', b: 'lo' });
}));

it('notices a diagram that is wrong', () => {
  const wrong = marbles((m) => {
    const ask = agent({ provider: scriptedProvider([textTurn('Hel', 'lo')], { pace: 1_000 }) });
    m.expectObservable(ask('Hi').pipe(textOnly())).toBe('2s a|', { a: 'Hello' });
  });

  expect(() => wrong()).toThrow();
});

it('stops a tool when the run is unsubscribed', marbles((m) => {
  const clock = scriptedTool('clock', 'noon', { latency: 5_000 });
  const ask = agent({ provider: scriptedProvider([toolTurn({ id: 'a', name: 'clock' })]), tools: [clock] });

  m.expectObservable(ask('What time is it?').pipe(textOnly()), '1s !').toBe('');
  m.flush();
  expect(clock.calls.map(({ state }) => state)).toEqual(['stopped']);
}));

it('fails in words where an optional SDK is missing', async () => {
  const missing = (error: unknown): void => {
    expect(error).toMatchObject({ _tag: 'ConfigurationError' });
  };

  await firstValueFrom(anthropic({ model: 'm' })({ messages: [] })).catch(missing);
  await firstValueFrom(mcpTools(mcpStdio('node', []))).catch(missing);
  expect.assertions(2);
});

it('has the types of every entry point', async () => {
  const sum = tool({
    name: 'sum',
    description: 'Adds.',
    input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    execute: ({ a, b }) => a + b,
  });
  const nothing$: Observable<StreamEvent> = EMPTY;

  expect(sum.name).toBe('sum');
  expect(await firstValueFrom(nothing$.pipe(toSse(), toArray()))).toEqual([]);
  expect(await firstValueFrom(mockModelServer().pipe(map(({ url }) => url)))).toMatch(/^http:\/\/127\.0\.0\.1:/);
});
