import { EventEmitter } from 'node:events';
import { askerAt, type Verdict } from '../../src/cli/approval.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const sum = { name: 'sum', input: { a: 1 } };
const rm = { name: 'rm', input: {} };

function set(isTTY = true, redact = (text: string): string => text) {
  const log: string[] = [];
  const stdin = Object.assign(new EventEmitter(), {
    isTTY,
    resume: () => log.push('resume'),
    pause: () => log.push('pause'),
    ref: () => log.push('ref'),
    unref: () => log.push('unref'),
  });
  const stderr = { isTTY, write: (text: string) => log.push(text) };
  const output = { hold: () => log.push('hold'), release: () => log.push('release') };
  const asker = askerAt({ stdin, stderr, output, redact });
  const verdicts: Verdict[] = [];
  const ask = (call: typeof sum | typeof rm, description = '') => {
    const asking = asker.ask(call, { name: call.name, description, inputSchema: {} }).subscribe((verdict) => verdicts.push(verdict));
    jest.runAllTimers();
    return asking;
  };
  const type = (text: string | Buffer): void => {
    stdin.emit('data', text);
    jest.runAllTimers();
  };
  return { stdin, asker, ask, type, verdicts, log, asked: () => log.filter((text) => text.startsWith('Run ')).length };
}

describe('an asker', () => {
  test('asks, with the screen held, and gives the input back', () => {
    const { type, ask, verdicts, log } = set();
    ask(sum);
    expect(verdicts).toEqual([]);
    type('y\n');
    expect(verdicts).toEqual([{ decision: 'allow' }]);
    expect(log).toEqual(['resume', 'unref', 'hold', 'ref', expect.stringMatching(/^Run sum \{"a":1\}\n/u), 'unref', 'release']);
  });

  test('takes Enter for no, passes a reason on, and asks again where the answer is unclear', () => {
    const { type, ask, verdicts, log } = set();
    ask(sum);
    type('\n');
    ask(sum);
    type(Buffer.from('n use '));
    type('rm\n');
    ask(sum);
    type('perhaps\n');
    expect(log.at(-1)).toMatch(/^ {2}y = yes/u);
    type('yes\n');
    expect(verdicts).toEqual([{ decision: 'deny' }, { decision: 'deny', reason: 'use rm' }, { decision: 'allow' }]);
  });

  test('asks one question at a time, in the order of the calls, and lets be seen what follows from an answer', () => {
    const { type, ask, verdicts, log, asked, stdin } = set();
    ask(sum);
    ask(rm);
    ask(sum);
    expect(asked()).toBe(1);
    type('y\n');
    expect([verdicts.length, asked()]).toEqual([1, 2]);
    expect(log.indexOf('release')).toBeLessThan(log.lastIndexOf('hold'));
    stdin.emit('data', 'n\n');
    expect([verdicts.length, asked()]).toEqual([2, 2]);
    jest.runAllTimers();
    expect(asked()).toBe(3);
    type('y\n');
    expect(verdicts.map(({ decision }) => decision)).toEqual(['allow', 'deny', 'allow']);
  });

  test('asks no more about a tool that is always to run, nor for those that wait already', () => {
    const { type, ask, verdicts, asked } = set();
    ask(sum);
    ask(sum);
    ask(rm);
    type('a\n');
    expect(verdicts).toHaveLength(2);
    expect(asked()).toBe(2);
    ask(sum);
    type('n\n');
    expect(verdicts.map(({ decision }) => decision)).toEqual(['allow', 'allow', 'deny', 'allow']);
  });

  test('D11: asks again about a tool that has changed since all of its calls were allowed', () => {
    const { type, ask, verdicts, asked } = set();
    ask(sum, 'Adds numbers.');
    type('a\n');
    ask(sum, 'Adds numbers.');
    expect([verdicts.length, asked()]).toEqual([2, 1]);
    ask(sum, 'Adds numbers, and sends them on.');
    expect([verdicts.length, asked()]).toEqual([2, 2]);
  });

  test('takes nothing for an answer that was typed before the question, or beyond it', () => {
    const { type, ask, verdicts } = set();
    type('y\n');
    ask(sum);
    expect(verdicts).toEqual([]);
    type('n\ny\n');
    ask(rm);
    expect(verdicts).toEqual([{ decision: 'deny' }]);
  });

  test.each(['end', 'error'])('denies what is asked, and all that follows, once the input is at its %s', (event) => {
    const { stdin, ask, verdicts, log, asked } = set();
    ask(sum);
    ask(rm);
    stdin.emit(event, new Error('gone'));
    jest.runAllTimers();
    ask(sum);
    const denied = { decision: 'deny', reason: expect.stringContaining('input has ended') };
    expect(verdicts).toEqual([denied, denied, denied]);
    expect(asked()).toBe(1);
    expect(log.slice(-3)).toEqual(['\n', 'unref', 'release']);
  });

  test('denies everything without a terminal, and does not touch the input', () => {
    const { ask, verdicts, log, asker, stdin } = set(false);
    ask(sum);
    asker.close();
    expect(verdicts).toEqual([{ decision: 'deny', reason: 'there is no terminal to ask at' }]);
    expect(log).toEqual([]);
    expect(stdin.eventNames()).toEqual([]);
  });

  test('takes the question back when it is unsubscribed, ends its line, and asks the next', () => {
    const { type, ask, verdicts, log, asked } = set();
    const [first, second] = [ask(sum), ask(rm)];
    ask(sum);
    second.unsubscribe();
    jest.runAllTimers();
    expect(asked()).toBe(1);
    first.unsubscribe();
    jest.runAllTimers();
    expect(log.slice(5, 8)).toEqual(['\n', 'unref', 'release']);
    expect(asked()).toBe(2);
    type('y\n');
    expect(verdicts).toEqual([{ decision: 'allow' }]);
  });

  test('leaves the input alone when it is closed', () => {
    const { stdin, asker, log } = set();
    asker.close();
    expect(log.at(-1)).toBe('pause');
    expect(stdin.eventNames()).toEqual([]);
  });

  test('shows no key (D5)', () => {
    const { ask, log } = set(true, (text) => text.replaceAll('sum', '[redacted]'));
    ask(sum);
    expect(log.at(-1)).toMatch(/^Run \[redacted\] .*yes to all of \[redacted\]/su);
  });
});
