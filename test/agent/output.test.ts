import * as t from 'io-ts';
import { NEVER, take } from 'rxjs';
import { z } from 'zod';
import { agent, memoryHistory, StreamEvent, type AgentOptions, type RunParams } from 'coldstream';
import { scriptedProvider, scriptedTool, textTurn, toolTurn, turn, user, type ScriptedTurn } from 'coldstream/testing';
import { collect } from '../support/collect.js';
import { historyFault } from '../support/valid-history.js';

const jsonSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'object', properties: { degrees: { type: 'number' } }, required: ['degrees'] } } },
  required: ['city', 'days'],
} as const;
const good = { city: 'Lima', days: [{ degrees: 21 }] };
const bad = { city: 'Lima', days: [{ degrees: 'warm' }] };
const answer = (value: unknown): ScriptedTurn => textTurn(JSON.stringify(value));

function run(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}, params: RunParams = {}) {
  const history = memoryHistory();
  const provider = scriptedProvider(turns);
  const events = collect(agent({ provider, history, output: jsonSchema, resilience: false, ...options })('How warm?', params));
  expect(historyFault(history.messages())).toBeUndefined();
  expect(StreamEvent.decode(events.at(-1))).toMatchObject({ _tag: 'Right', right: events.at(-1) });
  return { events, requests: provider.requests, last: events.at(-1), messages: history.messages() };
}

describe('output', () => {
  const shape = z.object({ city: z.string(), days: z.array(z.object({ degrees: z.number() })) });
  const codec = t.type({ city: t.string, days: t.array(t.type({ degrees: t.number })) });

  it.each<[string, AgentOptions['output']]>([
    ['JSON Schema', jsonSchema],
    ['io-ts', { codec, jsonSchema }],
    ['Standard Schema', shape],
    ['a Standard Schema beside its JSON Schema', { codec: shape, jsonSchema }],
  ])('as %s is the value of an answer that fits, and an error with the path for one that does not, twice', (_, output) => {
    expect(run([answer(good)], { output }).last).toMatchObject({ type: 'complete', stopReason: 'end_turn', output: good });
    const { requests, last } = run([answer(bad), answer(bad), NEVER], { output });
    expect(requests).toHaveLength(2);
    expect(last).toMatchObject({
      type: 'error',
      content: { code: 'output', retryable: true, partial: true, error: expect.stringMatching(/^The answer does not fit the schema of output: .*days\/0\/degrees: /) },
    });
  });

  it('is told to the model from the start, behind the instructions', () => {
    const { requests } = run([answer(good)], { instructions: 'Be brief.' });
    expect(requests[0]?.instructions).toMatch(/^Be brief\.\n\nYour final answer must be one JSON value/);
    expect(requests[0]?.instructions).toContain(JSON.stringify(jsonSchema));
    expect(requests[0]).not.toHaveProperty('tools');
    expect(run([answer(good)]).requests[0]?.instructions).toMatch(/^Your final answer/);
  });

  it('is asked for once more, with what is wrong, and the second answer counts', () => {
    const { events, requests, messages, last } = run([answer(bad), answer(good)], { tools: [scriptedTool('t', '')] });
    const asked = requests[1]?.messages.at(-1);
    expect(asked).toMatchObject({ role: 'user', content: [{ text: expect.stringMatching(/^Your answer does not fit: days\/0\/degrees: .* Answer again/) }] });
    expect(requests[1]?.toolChoice).toBe('none');
    expect(events.filter(({ type }) => type === 'message').slice(1, 2)).toMatchObject([{ message: asked, iteration: 1 }]);
    expect(messages).toEqual([user('How warm?'), { role: 'assistant', content: [{ type: 'text', text: JSON.stringify(bad) }] }, asked, { role: 'assistant', content: [{ type: 'text', text: JSON.stringify(good) }] }]);
    expect(last).toMatchObject({ type: 'complete', iterations: 2, output: good });
  });

  it.each([
    ['prose', 'It is warm.', 'it is not JSON'],
    ['prose around it', `Here: ${JSON.stringify(good)}`, 'it is not JSON'],
    ['nothing', ' ', 'there is no text'],
    ['D1 a member called __proto__', '{"__proto__": 1}', '__proto__'],
    ['a value of another type', '7', 'the answer: '],
  ])('is not %s', (_, text, message) => {
    expect(run([textTurn(text), textTurn(text)]).last).toMatchObject({ type: 'error', content: { code: 'output', error: expect.stringContaining(message) } });
  });

  it.each([
    ['in a block of code', ['```json\n', JSON.stringify(good, null, 2), '\n```\n']],
    ['with space around it', ['\n ', JSON.stringify(good), ' ']],
    ['in pieces', Array.from(JSON.stringify(good))],
  ])('may come %s', (_, text) => {
    expect(run([textTurn(...text)]).last).toMatchObject({ output: good });
  });

  it('is the last turn\'s alone, after tools', () => {
    const first = turn({ text: ['Let me look.'], tools: [{ id: 'c1', name: 't' }] });
    expect(run([first, answer(good)], { tools: [scriptedTool('t', '')] }).last).toMatchObject({ iterations: 2, output: good });
  });

  it('M12 may come in a turn that was paused and resumed', () => {
    const [head, tail] = [JSON.stringify(good).slice(0, 10), JSON.stringify(good).slice(10)];
    expect(run([turn({ text: [head], stopReason: 'pause_turn' }), textTurn(tail)]).last).toMatchObject({ iterations: 2, output: good });
  });

  it.each(['max_tokens', 'model_context_window_exceeded', 'refusal'])('M11 M13 is not there where the turn ended with %s, though its text would fit', (stopReason) => {
    const { last, requests } = run([turn({ text: ['7'], stopReason })], { output: { type: 'number' } });
    expect(last).toMatchObject({ type: 'complete', stopReason });
    expect(last).not.toHaveProperty('output');
    expect(requests).toHaveLength(1);
  });

  it('may be anything that JSON can be', () => {
    for (const [output, text, value] of [[{ type: 'number' }, '7', 7], [{ type: 'null' }, 'null', null], [{ type: 'array', items: {} }, '[1]', [1]]] as const) {
      expect(run([textTurn(text)], { output }).last).toMatchObject({ output: value });
    }
  });

  it('is what the codec made of it, as JSON', () => {
    const dated = z.object({ at: z.string().transform((text) => new Date(text)) });
    const output = { codec: dated, jsonSchema: { type: 'object' } };
    expect(run([answer({ at: '2026-01-01T00:00:00.000Z' })], { output }).last).toMatchObject({ output: { at: '2026-01-01T00:00:00.000Z' } });
    const huge = { codec: z.string().transform((text) => BigInt(text)), jsonSchema: { type: 'string' } };
    expect(run([answer('7')], { output: huge }).last).toMatchObject({ type: 'error', content: { code: 'configuration', error: expect.stringContaining('BigInt') } });
  });

  it('ends the run with a callback\'s error where its check fails', () => {
    const broken = { codec: new t.Type<string>('broken', t.string.is, () => { throw new Error('out of paper'); }, t.identity), jsonSchema: { type: 'string' } };
    expect(run([answer('7')], { output: broken }).last).toMatchObject({ type: 'error', content: { code: 'callback', error: expect.stringContaining('out of paper') } });
  });

  it('may be checked by a promise', async () => {
    const slow = { codec: z.string().refine(async (text) => Promise.resolve(text === 'b'), 'not b'), jsonSchema: { type: 'string' } };
    const ends: StreamEvent[] = [];
    await agent({ provider: scriptedProvider([answer('a'), answer('b')]), output: slow })('Hi').forEach((each) => void ends.push(each));
    expect(ends.at(-1)).toMatchObject({ type: 'complete', output: 'b', iterations: 2 });
  });

  it('waits for no other turn where none is allowed', () => {
    expect(run([answer(bad)], {}, { maxIterations: 1 }).last).toMatchObject({ type: 'error', content: { code: 'output' } });
    expect(run([answer(bad), NEVER], { budget: { tokens: 15 } }).last).toMatchObject({ type: 'complete', stopReason: 'budget' });
    expect(run([answer(bad), NEVER], { stopWhen: () => true }).last).toMatchObject({ type: 'complete', stopReason: 'stopped' });
  });

  it('is asked for in the last allowed iteration as well', () => {
    const { requests, last } = run([toolTurn({ id: 'c1', name: 't' }), answer(good)], { tools: [scriptedTool('t', '')], maxIterations: 2, finalAnswerPrompt: 'Answer now.' });
    expect(requests[1]?.messages.at(-1)).toEqual(user('Answer now. The answer is still the JSON value that you were asked for, and nothing else.'));
    expect(last).toMatchObject({ output: good });
  });

  it('may be followed by tools where the model calls some instead of answering again', () => {
    const { last } = run([answer(bad), toolTurn({ id: 'c1', name: 't' }), answer(good)], { tools: [scriptedTool('t', '')] });
    expect(last).toMatchObject({ type: 'complete', iterations: 3, output: good });
    expect(run([answer(bad), toolTurn({ id: 'c1', name: 't' }), answer(bad)], { tools: [scriptedTool('t', '')] }).last).toMatchObject({ type: 'error', content: { code: 'output' } });
  });

  it('says at once what is wrong with a schema', () => {
    const string = z.string();
    const mute = { '~standard': { version: 1, vendor: 'mine', validate: string['~standard'].validate } } as const;
    expect(() => agent({ provider: scriptedProvider([]), output: mute })).toThrow('no JSON Schema output');
  });

  it('begins anew with each subscription', () => {
    const provider = scriptedProvider([answer(bad), answer(good), answer(bad), answer(good)]);
    const run$ = agent({ provider, output: jsonSchema })('Hi');
    collect(run$.pipe(take(3)));
    expect(provider.requests).toHaveLength(1);
    const [second] = [collect(agent({ provider: scriptedProvider([answer(bad), answer(good)]), output: jsonSchema })('Hi'))];
    expect(second?.at(-1)).toMatchObject({ output: good });
    expect(collect(run$).at(-1)).toMatchObject({ type: 'complete', output: good, iterations: 1 });
  });
});
