import { agent, type StreamEvent, tool } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mcpStdio, mcpTools } from 'coldstream/mcp';
import { mockModelServer } from 'coldstream/mock-server';
import { textOnly } from 'coldstream/operators';
import { toSse } from 'coldstream/sse';
import { type AgentMatchers, marbles, matchers, scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { EMPTY, firstValueFrom, map, type Observable, toArray } from 'rxjs';

it('shows each piece as it comes', marbles((m) => {
  const ask = agent({ provider: scriptedProvider([textTurn('Hel', 'lo')], { pace: 1_000 }) });

  m.expectObservable(ask('Hi').pipe(textOnly())).toBe('1s a 999ms b 1s 999ms |', { a: 'Hel', b: 'lo' });
}));

declare global {
  namespace jest {
    interface Matchers<R, T> extends AgentMatchers<R> {}
  }
}
expect.extend(matchers);

it('has matchers for runs, with their types', () => {
  const clock = scriptedTool('clock', 'noon');
  const provider = scriptedProvider([
    { when: ({ iteration }) => iteration === 0, answer: toolTurn({ id: 'a', name: 'clock' }), times: Infinity },
    { answer: textTurn('Noon.'), times: Infinity },
  ]);
  const run = agent({ provider, tools: [clock] })('What time is it?');

  expect(run).toBeBalanced();
  expect(run).toBeCold(provider, clock);
  expect(run).toTearDown(provider, clock);
  expect(agent({ provider: scriptedProvider([textTurn('Hi')]) })('Hi')).toEmitEvents(['run_start', 'iteration_start', 'text_delta', 'usage', 'message', 'iteration_end', 'complete']);
  expect(() => expect(run).toEmitEvents(['complete'])).toThrow('First difference: event 0: complete was expected');
});

it('tells a run on lines of its own', marbles((m) => {
  const clock = scriptedTool('clock', 'noon', { latency: 30_000 });
  const provider = scriptedProvider([m.turn('1s (c|)', { c: { id: 'a', name: 'clock' } }), m.turn('a|', { a: 'Noon.' })]);

  m.expectRun(agent({ provider, tools: [clock] })('What time is it?')).toBe({
    run: '  (si)          @31s (Mei) (ec|)',
    model: '     @1s (odum) @31s t (um)',
    clock: '     @1s b      @31s (rz)',
  });
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
