import { concat, from, of } from 'rxjs';
import { collectRun, type CollectedRun } from 'coldstream/operators';
import { assistant, event, marbles, textTurn, tokens, user } from 'coldstream/testing';

const inner = { path: ['call_1'] };
const results = user([{ type: 'tool_result', toolUseId: 'call_1', content: [{ type: 'text', text: '3' }], isError: false }]);
const asking = assistant([{ type: 'text', text: 'Let me add.' }, { type: 'tool_use', id: 'call_1', name: 'add', input: {} }]);
const second = { iteration: 1 };
const events = {
  s: event.iterationStart(),
  h: event.thinking('hm '),
  t: event.text('3.'),
  v: event.usage(tokens(10, 5)),
  p: event.message(asking, { stopReason: 'tool_use', usage: tokens(10, 5) }),
  a: event.toolUse('call_1', 'add'),
  i: event.usage(tokens(100, 1), inner),
  I: event.text('inner', inner),
  C: event.complete({ ...inner, usage: tokens(100, 1) }),
  A: event.toolResult('call_1', 'add', '3', { durationMs: 5 }),
  x: event.toolUseEnd('call_1', 'add'),
  R: event.message(results),
  n: event.iterationEnd(tokens(10, 5), { stopReason: 'tool_use' }),
  w: event.message('3.', { ...second, stopReason: 'end_turn' }),
  z: event.iterationEnd(tokens(20, 2), second),
  c: event.complete({ ...second, usage: tokens(130, 8), iterations: 2, messages: [user('1+2?'), asking, results, assistant('3.')] }),
  e: event.error({ error: 'Overloaded', partial: true }, { usage: tokens(10, 5), messages: [user('1+2?')] }),
};
const nothing: CollectedRun = { events: [], text: '', thinking: '', toolCalls: [], usage: null, stopReason: null, iterations: 0, messages: [] };

describe('collectRun', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(collectRun()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('empty: everything in it is empty', marbles((m) => {
    const source = m.cold('                           ---|', events);
    m.expectObservable(source.pipe(collectRun())).toBe('---(x|)', { x: nothing });
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('one and many: collects one event', marbles((m) => {
    const expected = { ...nothing, events: [events.t], text: '3.', iterations: 1 };
    m.expectObservable(m.cold('-t-|', events).pipe(collectRun())).toBe('---(x|)', { x: expected });
  }));

  it('one and many: collects a run with tools and a sub-agent', marbles((m) => {
    const source = m.cold('-shvpaiICAxRnwzc--|', events);
    const { s, h, v, p, a, i, I, C, A, x, R, n, w, z, c } = events;
    m.expectObservable(source.pipe(collectRun())).toBe('---------------(x|)', {
      x: {
        events: [s, h, v, p, a, i, I, C, A, x, R, n, w, z, c],
        text: '3.',
        thinking: '',
        toolCalls: [
          { id: 'call_1', name: 'add', input: {}, content: [{ type: 'text', text: '3' }], isError: false, durationMs: 5, iteration: 0, startedAt: 0 },
        ],
        usage: tokens(130, 8),
        stopReason: 'end_turn',
        iterations: 2,
        messages: [user('1+2?'), asking, results, assistant('3.')],
      },
    });
    m.expectSubscriptions(source.subscriptions).toBe('^--------------!');
  }));

  it('carries the error of a run that failed, with all that came before', marbles((m) => {
    const source = m.cold('                           -hvte--|', events);
    const { h, v, t, e } = events;
    const expected = {
      ...nothing,
      events: [h, v, t, e],
      text: '3.',
      thinking: 'hm ',
      usage: tokens(10, 5),
      iterations: 1,
      messages: [user('1+2?')],
      error: { error: 'Overloaded', code: 'overloaded', retryable: true, partial: true },
    };
    m.expectObservable(source.pipe(collectRun())).toBe('----(x|)', { x: expected });
    m.expectSubscriptions(source.subscriptions).toBe(' ^---!');
  }));

  it('collects a provider without an agent: usage, messages and stop reason from what flowed', marbles((m) => {
    const turn = textTurn('Hel', 'lo');
    const expected = {
      ...nothing,
      events: turn,
      text: 'Hello',
      usage: tokens(10, 5),
      stopReason: 'end_turn',
      iterations: 1,
      messages: [assistant('Hello')],
    };
    m.expectObservable(from(turn).pipe(collectRun())).toBe('(x|)', { x: expected });
  }));

  it('leaves what a retry discards out of text and thinking, not out of events and usage', marbles((m) => {
    const turn = [event.thinking('no'), event.text('no'), event.retry({}, tokens(1, 1)), ...textTurn('Yes')];
    const expected = {
      ...nothing,
      events: turn,
      text: 'Yes',
      usage: tokens(11, 6),
      stopReason: 'end_turn',
      iterations: 1,
      messages: [assistant('Yes')],
    };
    m.expectObservable(from(turn).pipe(collectRun())).toBe('(x|)', { x: expected });
  }));

  it('takes the thinking of all turns, from whole messages where there are such', marbles((m) => {
    const whole = event.message(assistant([{ type: 'thinking', thinking: 'One. ', signature: 's' }, { type: 'text', text: 'Hi' }]));
    const source = of(event.thinking('One'), whole, event.thinking('Two.', second));
    const expected = {
      ...nothing, events: [event.thinking('One'), whole, event.thinking('Two.')], text: 'Hi', thinking: 'One. Two.', iterations: 2,
      messages: [whole.message],
    };
    m.expectObservable(source.pipe(collectRun())).toBe('(x|)', { x: expected });
  }));

  it('error: passes an error of the source, without a value', marbles((m) => {
    const source = m.cold('                           -t-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(collectRun())).toBe('---#', undefined, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('never-ending: waits for a run that never ends', marbles((m) => {
    const source = m.cold('                            -t-----', events);
    m.expectObservable(source.pipe(collectRun()), '    ------!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                            -t-c|', events);
    m.expectObservable(source.pipe(collectRun()), '    --!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^-!');
  }));

  it("takes messages and stop reason from the run's own messages, and the reason from the model's", marbles((m) => {
    const own = event.message('Hi', { stopReason: 'max_tokens' });
    const source = of(own, event.message('inner', { ...inner, stopReason: 'end_turn', iteration: 5 }), event.message(results));
    const expected = {
      ...nothing, events: [own, event.message('inner', { stopReason: 'end_turn' }), event.message(results)], text: 'Hi', iterations: 1,
      stopReason: 'max_tokens', messages: [assistant('Hi'), results],
    };
    m.expectObservable(source.pipe(collectRun())).toBe('(x|)', { x: expected });
  }));

  it('does not end with a sub-agent', marbles((m) => {
    const source = concat(m.cold('-C|', events), m.cold('-E|', { E: event.error('inner', inner) }), m.cold('-c|', events));
    const kept = [events.C, event.error('inner'), events.c];
    m.expectObservable(source.pipe(collectRun())).toBe('-----(x|)', {
      x: { ...nothing, events: kept, usage: tokens(130, 8), stopReason: 'end_turn', iterations: 2, messages: events.c.messages },
    });
  }));
});
