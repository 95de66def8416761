import { from, map, take } from 'rxjs';
import { RunError } from '../../src/errors/errors.js';
import { partialToolInput } from 'coldstream/operators';
import { event, marbles, toolTurn } from 'coldstream/testing';

const second = { block: 1 };
const inner = { path: ['call_9'] };
const later = { iteration: 1 };
const events = {
  s: event.iterationStart(),
  a: event.toolInputStart('call_1', 'weather'),
  d: event.toolInputDelta('call_1', '{"city":"Li'),
  f: event.toolInputDelta('call_1', 'ma","days":[3'),
  g: event.toolInputDelta('call_1', '0,'),
  h: event.toolInputDelta('call_1', ' 1'),
  A: event.toolUse('call_1', 'weather', { city: 'Lima', days: [30, 1] }),
  b: event.toolInputStart('call_2', 'clock', second),
  k: event.toolInputDelta('call_2', '{"zone":"L', second),
  l: event.toolInputDelta('call_2', 'ima"}', second),
  B: event.toolUse('call_2', 'clock', { zone: 'Lima' }),
  I: event.invalidToolUse('call_1', 'weather', '{"city":"Li!', 'invalid JSON'),
  t: event.text('Hm'),
  m: event.message('Hm'),
  r: event.retry({ discard: true }),
  n: event.retry({ discard: false }),
  R: event.retry({ discard: true }, null, later),
  c: event.complete(),
  e: event.error('Overloaded'),
};
const weather = { id: 'call_1', name: 'weather', runId: 'run_1', iteration: 0, done: false };
const clock = { ...weather, id: 'call_2', name: 'clock' };
const inputs = {
  a: { ...weather, input: {} },
  d: { ...weather, input: { city: 'Li' } },
  f: { ...weather, input: { city: 'Lima', days: [] } },
  g: { ...weather, input: { city: 'Lima', days: [30] } },
  A: { ...weather, input: { city: 'Lima', days: [30, 1] }, done: true },
  b: { ...clock, input: {} },
  k: { ...clock, input: { zone: 'L' } },
  l: { ...clock, input: { zone: 'Lima' } },
  B: { ...clock, input: { zone: 'Lima' }, done: true },
  I: { ...weather, input: {}, done: true, inputError: { text: '{"city":"Li!', message: 'invalid JSON' } },
  x: { ...weather, input: {}, discarded: true },
  y: { ...weather, input: { city: 'Li' }, discarded: true },
  z: { ...clock, input: { zone: 'L' }, discarded: true },
  Y: { ...weather, input: { city: 'Lima', days: [30, 1] }, done: true, discarded: true },
};

describe('partialToolInput', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(partialToolInput()), '---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('empty: a run without calls', marbles((m) => {
    const source = m.cold('                          -s-t-m-c|', events);
    m.expectObservable(source.pipe(partialToolInput())).toBe('--------|');
    m.expectObservable(m.cold('|', events).pipe(partialToolInput())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-------!');
  }));

  it('one and many: shows one call and many, each piece in its frame', marbles((m) => {
    const one = m.cold('                          -s-a-d-f-g-h-A-m-c|', events);
    m.expectObservable(one.pipe(partialToolInput())).toBe(' ---a-d-f-g---A----|', inputs);
    const many = m.cold('                         -adbkflgBAm|', events);
    m.expectObservable(many.pipe(partialToolInput())).toBe('-adbkflgBA-|', inputs);
    m.expectSubscriptions(one.subscriptions).toBe(' ^-----------------!');
    m.expectSubscriptions(many.subscriptions).toBe('^----------!');
  }));

  it('shows a call that was told whole, also without its start', marbles((m) => {
    m.expectObservable(m.cold('-A-c|', events).pipe(partialToolInput())).toBe('-A--|', inputs);
    const turn$ = from(toolTurn({ id: 'call_2', name: 'clock', input: { zone: 'Lima' } }));
    m.expectObservable(turn$.pipe(partialToolInput(), map(({ input, done }) => ({ input, done })))).toBe('(yzw|)', {
      y: { input: {}, done: false }, z: { input: { zone: 'Lima' }, done: false }, w: { input: { zone: 'Lima' }, done: true },
    });
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                          -ad-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(partialToolInput())).toBe('-ad-#', inputs, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                          -ad-e--|', events);
    m.expectObservable(source.pipe(partialToolInput())).toBe('-ad-#', inputs, new RunError('Overloaded', 'overloaded', { retryable: true }));
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it('never-ending: waits for a call that never ends', marbles((m) => {
    const source = m.cold('                            -ad----', events);
    m.expectObservable(source.pipe(partialToolInput()), '------!').toBe('-ad', inputs);
    m.expectSubscriptions(source.subscriptions).toBe(' ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed, also between the values of one event', marbles((m) => {
    const source = m.cold('                            -adfgA|', events);
    m.expectObservable(source.pipe(partialToolInput()), '---!').toBe('-ad', inputs);
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
    const twice = m.cold('                            -adbk-r-adf|', events);
    m.expectObservable(twice.pipe(partialToolInput(), take(5))).toBe('-adbk-(y|)', inputs);
    m.expectSubscriptions(twice.subscriptions).toBe('  ^-----!');
  }));

  it("leaves out sub-agents' calls and retries", marbles((m) => {
    const nested = {
      ...events,
      p: event.toolInputStart('call_1', 'weather', inner),
      q: event.toolInputDelta('call_1', '{"city":"X"}', inner),
      P: event.toolUse('call_1', 'weather', {}, inner),
      Q: event.retry({ discard: true }, null, inner),
      E: event.error('inner failed', inner),
    };
    m.expectObservable(m.cold('-apdqPQEf|', nested).pipe(partialToolInput())).toBe('-a-d----f|', inputs);
  }));

  it('takes back the calls of an attempt that a retry discards, ended ones too, and begins anew', marbles((m) => {
    m.expectObservable(m.cold('-ad-r-adA|', events).pipe(partialToolInput())).toBe('-ad-y-adA|', inputs);
    m.expectObservable(m.cold('-adfgAbk-rb|', events).pipe(partialToolInput())).toBe(['-adfgAbk-Yb|', '---------z'], inputs);
    m.expectObservable(m.cold('-a-r-r|', events).pipe(partialToolInput())).toBe('-a-x--|', inputs);
  }));

  it('takes back nothing for a retry without discard, of another iteration or run, or after the message', marbles((m) => {
    m.expectObservable(m.cold('-adnf|', events).pipe(partialToolInput())).toBe('-ad-f|', inputs);
    m.expectObservable(m.cold('-adRr|', events).pipe(partialToolInput())).toBe('-ad--|', inputs);
    m.expectObservable(m.cold('-adfgAmr|', events).pipe(partialToolInput())).toBe('-adfgA--|', inputs);
    m.expectObservable(m.cold('-adcr|', events).pipe(partialToolInput())).toBe('-ad--|', inputs);
    const elsewhere = { ...events, o: event.retry({ discard: true }, null, { runId: 'run_2' }) };
    m.expectObservable(m.cold('-adof|', elsewhere).pipe(partialToolInput())).toBe('-ad-f|', inputs);
  }));

  it('M5: has no done value for a call that is cut, and begins the next iteration anew', marbles((m) => {
    const next = { ...events, q: event.toolInputDelta('call_1', '{"city":"Li', later) };
    m.expectObservable(m.cold('-ad-m-c|', events).pipe(partialToolInput())).toBe('-ad----|', inputs);
    m.expectObservable(m.cold('-ad-q|', next).pipe(partialToolInput())).toBe('-ad-q|', {
      ...inputs,
      q: { ...weather, name: '', iteration: 1, input: { city: 'Li' } },
    });
  }));

  it('takes another call at the place of one that was cut for itself', marbles((m) => {
    const other = { ...events, q: event.toolInputDelta('call_3', '{"zone":"L') };
    m.expectObservable(m.cold('-adq|', other).pipe(partialToolInput())).toBe('-adq|', { ...inputs, q: { ...weather, id: 'call_3', name: '', input: { zone: 'L' } } });
  }));

  it('shows nothing more of broken JSON, and what was wrong with it', marbles((m) => {
    const broken = { ...events, x: event.toolInputDelta('call_1', '\u0000') };
    m.expectObservable(m.cold('-adxfgI|', broken).pipe(partialToolInput())).toBe('-ad---I|', inputs);
  }));

  it('keeps two runs in one stream apart, though their calls share an id and a place', marbles((m) => {
    const other = { runId: 'run_2' };
    const both = {
      ...events,
      p: event.toolInputStart('call_1', 'clock', other),
      q: event.toolInputDelta('call_1', '{"zone":"L', other),
      P: event.toolUse('call_1', 'clock', { zone: 'Lima' }, other),
    };
    const run2 = { ...clock, id: 'call_1', runId: 'run_2' };
    m.expectObservable(m.cold('-apqdPr|', both).pipe(partialToolInput())).toBe('-apqdPy|', {
      ...inputs, p: { ...run2, input: {} }, q: { ...run2, input: { zone: 'L' } }, P: { ...run2, input: { zone: 'Lima' }, done: true },
    });
  }));

  it('begins anew for each subscription', marbles((m) => {
    const source = m.cold('-ad-#', events, new TypeError('broken'));
    const shown$ = source.pipe(partialToolInput());
    m.expectObservable(shown$).toBe('-ad-#', inputs, new TypeError('broken'));
    m.expectObservable(shown$, '-----^').toBe('------ad-#', inputs, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe(['^---!', '-----^---!']);
  }));
});
