import type { Json } from '../../src/events/json.js';
import { readRequest } from '../../src/mock-server/anthropic/read-request.js';
import { reading } from '../../src/mock-server/complaint.js';
import type { MockRequest } from '../../src/mock-server/request.js';
import { defaultScript } from '../../src/mock-server/script.js';
import { isFailure, type TurnBlock } from '../../src/mock-server/turn.js';

const twoNumbers: Json = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] };
const sum: Json = { name: 'everything__get-sum', description: 'Returns the sum of two numbers', input_schema: twoNumbers };
const operation: Json = {
  name: 'trigger-long-running-operation',
  description: 'Demonstrates a long running operation with progress updates.',
  input_schema: { type: 'object', properties: { duration: { type: 'number' }, steps: { type: 'number' } } },
};
const echo: Json = { name: 'echo', description: 'Echoes, in addition', input_schema: { type: 'object', properties: { message: { type: 'string' } } } };

function requestOf(messages: Json, members: { readonly tools?: Json; readonly tool_choice?: Json } = {}): MockRequest {
  return readRequest({ model: 'any', max_tokens: 100, stream: true, messages, ...members });
}

const user = (content: Json): Json => ({ role: 'user', content });

function blocksOf(request: MockRequest): readonly TurnBlock[] {
  const turn = defaultScript(request);
  if (isFailure(turn)) throw new Error(turn.error.message);
  return turn.content;
}

const textOf = (request: MockRequest): string =>
  blocksOf(request)
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('');

const callsOf = (request: MockRequest): readonly Json[] =>
  blocksOf(request).flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []));

/** Plays the conversation to its end with a tool that answers each call; the calls and the last text. */
function play(prompt: string, answer: (name: string, input: Json) => Json, tools: Json = [echo, sum, operation]) {
  const messages: Json[] = [user(prompt)];
  const turns: (readonly Json[])[] = [];
  for (let turn = 0; turn < 10; turn++) {
    const request = requestOf([...messages], { tools });
    const calls = callsOf(request);
    if (calls.length === 0) return { turns, text: textOf(request) };
    turns.push(calls);
    const used = blocksOf(request).flatMap((block) => (block.type === 'tool_use' ? [block] : []));
    messages.push({ role: 'assistant', content: used.map((block, index) => ({ type: 'tool_use', id: `t${turn}_${index}`, name: block.name, input: block.input })) });
    messages.push(user(used.map((block, index) => ({ type: 'tool_result', tool_use_id: `t${turn}_${index}`, content: answer(block.name, block.input) }))));
  }
  throw new Error('the script never came to an end');
}

describe('the default script', () => {
  test('calls the sum tool with the numbers of the prompt and reads the answer from its result', () => {
    // A wrong sum, so that an answer that was computed would show.
    const { turns, text } = play('what is 17 plus 25', () => 'The sum of 17 and 25 is 43.');
    expect(turns).toEqual([[['everything__get-sum', { a: 17, b: 25 }]]]);
    expect(text).toBe('17 plus 25 is 43.');
  });

  test('adds more than two numbers one call after the other', () => {
    const results = ['is 3.5', [{ type: 'text', text: 'is 1003.5.' }]];
    const { turns, text } = play('add -1.5, 5 and 1,000', () => results.shift() ?? '');
    expect(turns).toEqual([[['everything__get-sum', { a: -1.5, b: 5 }]], [['everything__get-sum', { a: 3.5, b: 1000 }]]]);
    expect(text).toBe('-1.5 plus 5 plus 1000 is 1003.5.');
  });

  test.each<[string, Json]>([
    ['run a long operation', { duration: 12, steps: 12 }],
    ['run a short operation', { duration: 2, steps: 4 }],
    ['show me some progress', { duration: 3, steps: 6 }],
    ['run a long operation of 20 seconds in 5 steps', { duration: 20, steps: 5 }],
    ['start an operation that takes 1.5s, with 3 steps', { duration: 1.5, steps: 3 }],
    ['run a long-running job for 2 minutes', { duration: 120, steps: 12 }],
  ])('%s', (prompt, input) => {
    const { turns, text } = play(prompt, () => 'Done in no time.');
    expect(turns).toEqual([[['trigger-long-running-operation', input]]]);
    expect(text).toContain('Done in no time.');
  });

  test('does both at once where both are asked', () => {
    const { turns, text } = play('What is 17 plus 25? Then run a short operation of 2 seconds in 4 steps.', (name) =>
      name === 'everything__get-sum' ? 'is 42.' : 'Completed.',
    );
    expect(turns).toEqual([
      [
        ['everything__get-sum', { a: 17, b: 25 }],
        ['trigger-long-running-operation', { duration: 2, steps: 4 }],
      ],
    ]);
    expect(text).toContain('17 plus 25 is 42.');
    expect(text).toContain('Completed.');
  });

  test('takes "sum operation" for a sum', () => {
    expect(callsOf(requestOf([user('perform the sum operation on 3 and 4')], { tools: [sum, operation] }))).toEqual([
      ['everything__get-sum', { a: 3, b: 4 }],
    ]);
  });

  test('finds a sum tool under another name, by its two number parameters', () => {
    const other: Json = { name: 'calc_addNumbers', description: '', input_schema: { type: 'object', properties: { x: { type: 'number' }, y: { type: 'integer' } } } };
    expect(callsOf(requestOf([user('1 + 2')], { tools: [echo, other] }))).toEqual([['calc_addNumbers', { x: 1, y: 2 }]]);
  });

  test.each<[string, string]>([
    ['what is 17 plus 25', 'no tool that adds numbers'],
    ['run a long operation', 'no tool for a long operation'],
  ])('without the tool it says so: %s', (prompt, expected) => {
    const request = requestOf([user(prompt)], { tools: [echo] });
    expect(callsOf(request)).toEqual([]);
    expect(textOf(request)).toContain(expected);
  });

  test.each(['hello', 'write a poem', 'add a comment to my code', 'what is 6 times 7'])('says that it is a stand-in: %s', (prompt) => {
    const request = requestOf([user(prompt)], { tools: [sum, operation] });
    expect(callsOf(request)).toEqual([]);
    expect(textOf(request)).toContain('scripted stand-in');
  });

  const afterResult = (result: Json, more: Json[] = [], choice?: Json): MockRequest =>
    requestOf(
      [
        user('what is 1 plus 2 plus 3'),
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'everything__get-sum', input: { a: 1, b: 2 } }] },
        user([result, ...more]),
      ],
      { tools: [sum], ...(choice === undefined ? {} : { tool_choice: choice }) },
    );

  test('says so when the tool failed, and does not go on', () => {
    const request = afterResult({ type: 'tool_result', tool_use_id: 'a', content: 'broken at line 3', is_error: true });
    expect(callsOf(request)).toEqual([]);
    expect(textOf(request)).toContain('broken at line 3');
    expect(textOf(request)).toContain('failed');
  });

  test('says so when somebody denied the call, and does not ask for it again', () => {
    const request = afterResult({ type: 'tool_result', tool_use_id: 'a', content: 'The call of everything__get-sum was denied and not run. Reason: no', is_error: true });
    expect(callsOf(request)).toEqual([]);
    expect(textOf(request)).toMatch(/^I may not use everything__get-sum, so I leave that undone.* Reason: no$/u);
  });

  test('says so when the result holds no number', () => {
    expect(textOf(afterResult({ type: 'tool_result', tool_use_id: 'a', content: 'Infinity' }))).toContain('no number');
  });

  test('goes on with the chain when a text that asks nothing stands beside the result', () => {
    const more: Json[] = [{ type: 'text', text: 'Please answer now.' }];
    expect(callsOf(afterResult({ type: 'tool_result', tool_use_id: 'a', content: 'is 3' }, more))).toEqual([['everything__get-sum', { a: 3, b: 3 }]]);
  });

  test('calls nothing while the tool choice is none', () => {
    const request = afterResult({ type: 'tool_result', tool_use_id: 'a', content: 'is 3' }, [], { type: 'none' });
    expect(callsOf(request)).toEqual([]);
    expect(textOf(request)).toContain('no more tools');
  });

  test('answers the latest question of a longer conversation', () => {
    const request = requestOf(
      [
        user('what is 1 plus 2'),
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'everything__get-sum', input: { a: 1, b: 2 } }] },
        user([{ type: 'tool_result', tool_use_id: 'a', content: 'is 3' }]),
        { role: 'assistant', content: '1 plus 2 is 3.' },
        user('and 5 plus 6?'),
      ],
      { tools: [sum] },
    );
    expect(callsOf(request)).toEqual([['everything__get-sum', { a: 5, b: 6 }]]);
  });

  test('quotes an open question without cutting a character in half', () => {
    const text = textOf(requestOf([user('\u{1F600}'.repeat(200))]));
    expect(text).toContain('\u{1F600}\u2026"');
  });
});

describe('reading a request', () => {
  const valid = { model: 'any', max_tokens: 1, stream: true, messages: [{ role: 'user', content: 'Hi' }] };
  const call: Json = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'x', input: {} }] };
  const result: Json = { type: 'tool_result', tool_use_id: 'a', content: '' };

  test.each<[string, Json, string]>([
    ['not an object', [], 'object'],
    ['no model', { ...valid, model: '' }, 'model'],
    ['no max_tokens', { ...valid, max_tokens: 0 }, 'max_tokens'],
    ['no messages', { ...valid, messages: [] }, 'messages'],
    ['stream: false', { ...valid, stream: false }, 'only streams'],
    ['an unknown role', { ...valid, messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.role'],
    ['empty text', { ...valid, messages: [user([{ type: 'text', text: '' }])] }, 'messages.0.content.0'],
    ['a block without a type', { ...valid, messages: [user([{}])] }, 'messages.0.content.0'],
    ['a bad tool name', { ...valid, tools: [{ name: 'a.b', input_schema: {} }] }, 'tools.0.name'],
    ['two tools of one name', { ...valid, tools: [{ name: 'a' }, { name: 'a' }] }, 'unique'],
    ['a call without a result (M17)', { ...valid, messages: [user('Hi'), call, user('Well?')] }, 'without a tool_result'],
    ['a call at the end', { ...valid, messages: [user('Hi'), call] }, 'without a tool_result'],
    ['a result without a call', { ...valid, messages: [user([result])] }, 'without a tool_use'],
    ['two results for one call (M9)', { ...valid, messages: [user('Hi'), call, user([result, result])] }, 'single tool_result'],
    ['an id used twice (M9)', { ...valid, messages: [user('Hi'), call, user([result]), call, user([result])] }, 'unique'],
  ])('complains about %s', (_title, body, message) => {
    expect(reading(() => readRequest(body))).toEqual({ valid: false, message: expect.stringContaining(message) });
  });

  test('accepts a valid one', () => {
    expect(reading(() => readRequest(valid))).toMatchObject({ valid: true });
  });
});
