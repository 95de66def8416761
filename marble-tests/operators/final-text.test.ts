import { from } from 'rxjs';
import { RunError } from '../../src/errors/errors.js';
import { finalText } from 'coldstream/operators';
import { assistant, event, marbles, textTurn, toolTurn, user } from 'coldstream/testing';

const call = { type: 'tool_use', id: 'call_1', name: 'clock', input: {} } as const;
const events = {
  s: event.iterationStart(),
  t: event.text('Hel'),
  u: event.text('lo'),
  h: event.thinking('hm'),
  m: event.message('Hello'),
  p: event.message(assistant([{ type: 'text', text: 'Let me look.' }, call]), { stopReason: 'tool_use' }),
  q: event.message(assistant('First, '), { stopReason: 'pause_turn' }),
  o: event.message(assistant([call]), { stopReason: 'tool_use' }),
  b: event.message(assistant([{ type: 'text', text: 'He' }, { type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'llo' }])),
  R: event.message(user([{ type: 'tool_result', toolUseId: 'call_1', content: [], isError: false }])),
  r: event.retry(),
  k: event.retry({ discard: false }),
  c: event.complete(),
  e: event.error('Overloaded'),
  M: event.message('inner', { path: ['call_1'] }),
  C: event.complete({ path: ['call_1'] }),
  E: event.error('inner failed', { path: ['call_1'] }),
  w: event.text('Bye', { iteration: 1 }),
  S: event.runStart(),
};
const text = { x: 'Hello', '0': '', l: 'lo', f: 'First, Hello', B: 'Bye' };

describe('finalText', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(finalText()), '     ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('empty: no run, no value; a run without an answer, the empty text', marbles((m) => {
    const source = m.cold('                         |', events);
    m.expectObservable(source.pipe(finalText())).toBe('|');
    m.expectObservable(m.cold('-s-h-|', { ...events, h: event.raw(null) }).pipe(finalText())).toBe('-----|');
    m.expectObservable(m.cold('-s-c|', events).pipe(finalText())).toBe('---(0|)', text);
    m.expectSubscriptions(source.subscriptions).toBe('(^!)');
  }));

  it("one and many: emits the message's text at complete, and completes", marbles((m) => {
    const one = m.cold('                         -m-c|', events);
    m.expectObservable(one.pipe(finalText())).toBe('---(x|)', text);
    const many = m.cold('                        -s-t-u-m-c---|', events);
    m.expectObservable(many.pipe(finalText())).toBe('---------(x|)', text);
    m.expectObservable(m.cold('-b-c|', events).pipe(finalText())).toBe('---(x|)', text);
    m.expectSubscriptions(one.subscriptions).toBe('  ^--!');
    m.expectSubscriptions(many.subscriptions).toBe(' ^--------!');
  }));

  it('emits when a provider without an agent completes', marbles((m) => {
    m.expectObservable(m.cold('-t-u-m-|', events).pipe(finalText())).toBe('-------(x|)', text);
    m.expectObservable(from(textTurn('Hel', 'lo')).pipe(finalText())).toBe('(x|)', text);
    m.expectObservable(from(toolTurn({ id: 'call_1', name: 'clock' })).pipe(finalText())).toBe('(0|)', text);
  }));

  it('error: passes an error of the source, without a value', marbles((m) => {
    const source = m.cold('                          -m-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(finalText())).toBe('---#', undefined, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                          -t-e--|', events);
    m.expectObservable(source.pipe(finalText())).toBe('---#', undefined, new RunError('Overloaded', 'overloaded', { retryable: true }));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('never-ending: waits for a run that never ends', marbles((m) => {
    const source = m.cold('                            -t-m---', events);
    m.expectObservable(source.pipe(finalText()), '     ------!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                            -t-m-c|', events);
    m.expectObservable(source.pipe(finalText()), '     --!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^-!');
  }));

  it('takes the last turn: what was said before a tool call is not the answer', marbles((m) => {
    m.expectObservable(m.cold('-p-R-m-c|', events).pipe(finalText())).toBe('-------(x|)', text);
    m.expectObservable(m.cold('-m-R-o-c|', events).pipe(finalText())).toBe('-------(0|)', text);
    m.expectObservable(m.cold('-p-R-t-u-|', events).pipe(finalText())).toBe('---------(x|)', text);
  }));

  it('takes the last turn even where the results of its calls came after it, as at the limit of iterations', marbles((m) => {
    m.expectObservable(m.cold('-m-R-c|', events).pipe(finalText())).toBe('-----(x|)', text);
  }));

  it('joins the halves of a turn that was paused', marbles((m) => {
    m.expectObservable(m.cold('-q-m-c|', events).pipe(finalText())).toBe('-----(f|)', text);
    m.expectObservable(m.cold('-p-R-q-m-c|', events).pipe(finalText())).toBe('---------(f|)', text);
  }));

  it('folds deltas where there is no message: of the last turn, of the last attempt', marbles((m) => {
    m.expectObservable(m.cold('-t-u-|', events).pipe(finalText())).toBe('-----(x|)', text);
    m.expectObservable(m.cold('-t-r-u-|', events).pipe(finalText())).toBe('-------(l|)', text);
    m.expectObservable(m.cold('-t-k-u-|', events).pipe(finalText())).toBe('-------(x|)', text);
    m.expectObservable(m.cold('-t-w-|', events).pipe(finalText())).toBe('-----(B|)', text);
    m.expectObservable(m.cold('-m-S-w-|', events).pipe(finalText())).toBe('-------(B|)', text);
  }));

  it('leaves out sub-agents and their ends', marbles((m) => {
    m.expectObservable(m.cold('-mMCE-c|', events).pipe(finalText())).toBe('------(x|)', text);
  }));
});
