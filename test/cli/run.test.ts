import { EventEmitter } from 'node:events';
import { firstValueFrom, toArray } from 'rxjs';
import { askerAt } from '../../src/cli/approval.js';
import type { RunCommand } from '../../src/cli/options.js';
import { runAgainstStandIn } from '../../src/cli/run.js';
import type { StreamEvent } from '../../src/events/events.js';
import { closeServers, httpPeer, json, text } from '../mcp/http-support.js';

const command: RunCommand = {
  ...{ type: 'run', provider: 'anthropic', model: null, baseURL: null, mcpUrls: [], approve: true, json: false, record: null },
  prompt: 'What is 17 plus 25? Also run a short operation of 0.2 seconds in 2 steps.',
  mcp: [{ command: process.execPath, args: ['node_modules/@modelcontextprotocol/server-everything/dist/index.js', 'stdio'] }],
};

/** A terminal at which somebody answers each question at once; null says nothing. */
function terminalWith(answerTo: (question: string) => string | null) {
  const questions: string[] = [];
  const states: string[] = [];
  const stdin = Object.assign(new EventEmitter(), { isTTY: true, resume: () => states.push('reads'), pause: () => states.push('paused') });
  const write = (text: string): void => {
    if (!text.startsWith('Run ')) return;
    questions.push(text.split('\n', 1).join(''));
    const answer = answerTo(text);
    if (answer !== null) process.nextTick(() => stdin.emit('data', answer));
  };
  const output = { hold: () => states.push('held'), release: () => states.push('released') };
  const asker = () => askerAt({ stdin, stderr: { isTTY: true, write }, output, redact: (text) => text });
  return { questions, states, stdin, surroundings: { asker, onWarning: () => undefined } };
}

const textOf = (events: readonly StreamEvent[]): string => events.flatMap((event) => (event.type === 'text_delta' ? [event.content] : [])).join('');

describe('a run whose calls are approved at the terminal', () => {
  test('runs what is granted and nothing else, and its next turn takes up what was denied', async () => {
    const { questions, states, stdin, surroundings } = terminalWith((question) => (question.includes('get-sum') ? 'y\n' : 'n not today\n'));
    const events = await firstValueFrom(runAgainstStandIn(command, surroundings).pipe(toArray()));
    expect(questions).toEqual(['Run get-sum {"a":17,"b":25}', 'Run trigger-long-running-operation {"duration":0.2,"steps":2}']);
    expect(events.flatMap((event) => (event.type === 'tool_approval' ? [`${event.content.name} ${event.content.decision}`] : [])).sort()).toEqual([
      'get-sum granted',
      'get-sum requested',
      'trigger-long-running-operation denied',
      'trigger-long-running-operation requested',
    ]);
    expect(events.filter(({ type }) => type === 'tool_progress')).toEqual([]);
    expect(textOf(events)).toContain('17 plus 25 is 42.\nI may not use trigger-long-running-operation, so I leave that undone');
    expect(textOf(events)).toContain('Reason: not today');
    expect(events.at(-1)).toMatchObject({ type: 'complete', stopReason: 'end_turn' });
    expect(states).toEqual(['reads', 'held', 'released', 'held', 'released', 'paused']);
    expect(stdin.eventNames()).toEqual([]);
  });

  test('asks nobody without --approve', async () => {
    const { questions, states, surroundings } = terminalWith(() => 'n\n');
    const events = await firstValueFrom(runAgainstStandIn({ ...command, approve: false, prompt: 'What is 17 plus 25?' }, surroundings).pipe(toArray()));
    expect(textOf(events)).toContain('is 42.');
    expect([questions, states]).toEqual([[], []]);
  });

  test('gives the terminal back when it is unsubscribed while somebody is asked (T14)', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const { states, stdin, surroundings } = terminalWith(() => {
      asked();
      return null;
    });
    const run = runAgainstStandIn(command, surroundings).subscribe();
    await isAsked;
    run.unsubscribe();
    expect(states).toEqual(['reads', 'held', 'released', 'paused']);
    expect(stdin.eventNames()).toEqual([]);
  });
});

test('a run uses the tools of a server that is named by its address (--mcp-url), beside those of one that it starts', async () => {
  const inputSchema = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } };
  const peer = await httpPeer({
    'tools/list': ({ id }, response) => json(response, { id, result: { tools: [{ name: 'get-sum', inputSchema }] } }),
    'get-sum': ({ id, params }, response) => json(response, { id, result: text(Number(params?.arguments?.['a']) + Number(params?.arguments?.['b'])) }),
  });
  const { surroundings } = terminalWith(() => null);
  const one = { ...command, approve: false, mcp: [], mcpUrls: [peer.url], prompt: 'What is 17 plus 25?' };
  expect(textOf(await firstValueFrom(runAgainstStandIn(one, surroundings).pipe(toArray())))).toContain('17 plus 25 is 42.');
  const both = await firstValueFrom(runAgainstStandIn({ ...one, mcp: command.mcp }, surroundings).pipe(toArray()));
  expect(both.flatMap((event) => (event.type === 'tool_use_start' ? [event.content.name] : []))).toEqual(['mcp1__get-sum']);
  expect(peer.asked().filter((name) => name === 'initialize')).toHaveLength(2);
  await closeServers();
});
