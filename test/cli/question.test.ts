import { answerOf, questionText } from '../../src/cli/question.js';

describe('the question about a call', () => {
  test('shows the whole name and the whole input, on one line each', () => {
    const [question, choices, ...rest] = questionText({ name: 'write_file', input: { path: 'a\nb', text: 'x'.repeat(5_000) } }).split('\n');
    expect(question).toBe(`Run write_file {"path":"a\\nb","text":"${'x'.repeat(5_000)}"}`);
    expect(choices).toMatch(/y = yes, a = yes to all of write_file, Enter or n = no/u);
    expect(rest).toEqual([]);
  });

  test('has nothing in it that a terminal would obey or hide, and its input is still JSON', () => {
    const hostile = '\u001b[2J\u202eevil\u200b\r';
    const text = questionText({ name: hostile, input: { [hostile]: hostile } });
    expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e|\u200b/u);
    expect(text).toContain('\\u{1b}[2J');
    expect(JSON.parse(text.slice(text.indexOf('{"'), text.indexOf('}\n') + 1))).toEqual({ [hostile]: hostile });
  });

  test('tells what the maker of a tool claims as that, and nothing where it claims nothing', () => {
    const call = { name: 'rm', input: {} };
    expect(questionText(call, { readOnlyHint: true, destructiveHint: true })).toContain('its maker says, and nobody has checked: it changes nothing; what it changes may be lost');
    expect(questionText(call, { readOnlyHint: false, openWorldHint: true })).toBe(questionText(call));
  });
});

test.each([
  ['y', { type: 'yes' }],
  [' YES \r', { type: 'yes' }],
  ['a', { type: 'always' }],
  ['all', { type: 'always' }],
  ['', { type: 'no' }],
  [' ', { type: 'no' }],
  ['n', { type: 'no' }],
  ['No', { type: 'no' }],
  ['n not today', { type: 'no', reason: 'not today' }],
  ['no, use the other one', { type: 'no', reason: 'use the other one' }],
  ['n ', { type: 'no' }],
  ['yep', { type: 'unclear' }],
  ['nothing', { type: 'unclear' }],
  ['n\u001bx', { type: 'unclear' }],
  ['y y', { type: 'unclear' }],
] as const)('%j is read as what it says', (line, expected) => {
  expect(answerOf(line)).toEqual(expected);
});
