import { from } from 'rxjs';
import { RunError } from '../../src/errors/errors.js';
import { toolCalls } from 'coldstream/operators';
import { event, marbles, toolTurn } from 'coldstream/testing';

const inner = { path: ['call_9'] };
const events = {
  s: event.iterationStart(),
  a: event.toolUse('call_1', 'add', { a: 1 }, { timestamp: 7, iteration: 2 }),
  p: event.toolProgress('call_1', 'add', { progress: 1 }),
  A: event.toolResult('call_1', 'add', '3', { structured: 3, durationMs: 12 }),
  x: event.toolUseEnd('call_1', 'add'),
  b: event.toolUse('call_2', 'clock'),
  B: event.toolResult('call_2', 'clock', 'no clock', { isError: true }),
  y: event.toolUseEnd('call_2', 'clock'),
  i: event.invalidToolUse('call_3', 'add', '{"a":'),
  I: event.toolResult('call_3', 'add', 'invalid', { isError: true }),
  j: event.toolUseEnd('call_3', 'add'),
  r: event.retry({}, null, { iteration: 2 }),
  c: event.complete(),
  e: event.error('Overloaded'),
};
const text = (said: string) => [{ type: 'text', text: said }];
const calls = {
  x: {
    id: 'call_1', name: 'add', input: { a: 1 }, content: text('3'), isError: false, structured: 3, durationMs: 12, iteration: 2, startedAt: 7,
  },
  y: { id: 'call_2', name: 'clock', input: {}, content: text('no clock'), isError: true, durationMs: 0, iteration: 0, startedAt: 0 },
  j: {
    id: 'call_3', name: 'add', input: {}, inputError: { text: '{"a":', message: 'invalid JSON' }, content: text('invalid'), isError: true,
    durationMs: 0, iteration: 0, startedAt: 0,
  },
};

describe('toolCalls', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(toolCalls()), '     ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('empty: a run without calls', marbles((m) => {
    const source = m.cold('                          -s-c|', events);
    m.expectObservable(source.pipe(toolCalls())).toBe('----|');
    m.expectObservable(m.cold('|', events).pipe(toolCalls())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it('one and many: emits one call and many, each at its end', marbles((m) => {
    const one = m.cold('                          -a-pA-x-c|', events);
    m.expectObservable(one.pipe(toolCalls())).toBe(' ------x--|', calls);
    const many = m.cold('                         -ab-By-Ax-c|', events);
    m.expectObservable(many.pipe(toolCalls())).toBe('-----y--x--|', calls);
    m.expectSubscriptions(one.subscriptions).toBe(' ^--------!');
    m.expectSubscriptions(many.subscriptions).toBe('^----------!');
  }));

  it('tells what was wrong with the input', marbles((m) => {
    m.expectObservable(m.cold('-iIj-c|', events).pipe(toolCalls())).toBe('---j--|', calls);
  }));

  it('has nothing to say of a provider without an agent: it runs no tools', marbles((m) => {
    m.expectObservable(from(toolTurn({ id: 'call_1', name: 'add' })).pipe(toolCalls())).toBe('|');
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                          -aAx-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(toolCalls())).toBe('---x-#', calls, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^----!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                          -aAx-e--|', events);
    m.expectObservable(source.pipe(toolCalls())).toBe('---x-#', calls, new RunError('Overloaded', 'overloaded', { retryable: true }));
    m.expectSubscriptions(source.subscriptions).toBe('^----!');
  }));

  it('never-ending: waits for a call that never ends', marbles((m) => {
    const source = m.cold('                            -a-p---', events);
    m.expectObservable(source.pipe(toolCalls()), '     ------!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                            -aAx-bBy|', events);
    m.expectObservable(source.pipe(toolCalls()), '     ----!').toBe('---x', calls);
    m.expectSubscriptions(source.subscriptions).toBe(' ^---!');
  }));

  it("leaves out sub-agents' calls", marbles((m) => {
    const nested = {
      a: event.toolUse('call_1', 'add', {}, inner),
      A: event.toolResult('call_1', 'add', '3', {}, inner),
      x: event.toolUseEnd('call_1', 'add', inner),
    };
    m.expectObservable(m.cold('-aAx|', nested).pipe(toolCalls())).toBe('----|');
  }));

  it('keeps a call that was answered before the retry, and ends none twice', marbles((m) => {
    m.expectObservable(m.cold('-aA-r-x|', events).pipe(toolCalls())).toBe('------x|', calls);
    m.expectObservable(m.cold('-aA-x-x|', events).pipe(toolCalls())).toBe('----x--|', calls);
  }));

  it('drops the calls of an attempt that a retry discards, and no others', marbles((m) => {
    const source = m.cold('                          -ab-r-Ax-By|', events);
    m.expectObservable(source.pipe(toolCalls())).toBe('----------y|', calls);
  }));

  it('keeps two runs in one stream apart, though their calls share an id', marbles((m) => {
    const other = { runId: 'run_2' };
    const both = {
      ...events,
      d: event.toolUse('call_1', 'clock', { zone: 'Lima' }, other),
      D: event.toolResult('call_1', 'clock', 'noon', {}, other),
      z: event.toolUseEnd('call_1', 'clock', other),
    };
    const noon = { id: 'call_1', name: 'clock', input: { zone: 'Lima' }, content: text('noon'), isError: false, durationMs: 0, iteration: 0, startedAt: 0 };
    m.expectObservable(m.cold('-adADxz|', both).pipe(toolCalls())).toBe('-----xz|', { ...calls, z: noon });
  }));
});
