import { map, take } from 'rxjs';
import { agent } from 'coldstream';
import { partialOutput } from 'coldstream/operators';
import { event, marbles, scriptedProvider, textTurn, user } from 'coldstream/testing';
import { RunError } from '../../src/errors/errors.js';

const later = { iteration: 1 };
const inner = { path: ['call_9'] };
const whole = { city: 'Lima', days: [3] };
const events = {
  s: event.iterationStart(),
  a: event.text('{"city":"'),
  b: event.text('Li'),
  c: event.text('ma","da'),
  d: event.text('ys":[3'),
  e: event.text(']}'),
  p: event.text('Let me look.'),
  A: event.text('{"city":"', later),
  B: event.text('Bo', later),
  m: event.message(JSON.stringify(whole)),
  w: event.message('{"city":"', { stopReason: 'pause_turn' }),
  u: event.message(user('Your answer does not fit.')),
  r: event.retry({ discard: true }),
  n: event.retry({ discard: false }),
  R: event.retry({ discard: true }, null, later),
  C: event.complete({ output: whole }),
  D: event.complete({ stopReason: 'max_tokens' }),
  x: event.error('The answer does not fit', { iteration: 1 }),
};
const shown = { runId: 'run_1', iteration: 0, done: false };
const values = {
  a: { ...shown, output: { city: '' } },
  b: { ...shown, output: { city: 'Li' } },
  c: { ...shown, output: { city: 'Lima' } },
  d: { ...shown, output: { city: 'Lima', days: [] } },
  e: { ...shown, output: whole },
  A: { ...shown, iteration: 1, output: { city: '' } },
  B: { ...shown, iteration: 1, output: { city: 'Bo' } },
  C: { ...shown, output: whole, done: true },
  y: { ...shown, output: { city: 'Li' }, discarded: true },
};
const refused = new RunError('The answer does not fit', 'overloaded', { retryable: true });

describe('partialOutput', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                         -', events);
    m.expectObservable(source.pipe(partialOutput()), '---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('empty: a run that answers nothing, or no JSON', marbles((m) => {
    const source = m.cold('                      -s-p-p-D|', events);
    m.expectObservable(source.pipe(partialOutput())).toBe('--------|');
    m.expectObservable(m.cold('|', events).pipe(partialOutput())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-------!');
  }));

  it('one and many: a value that was told whole, and one that grows', marbles((m) => {
    m.expectObservable(m.cold('-C|', events).pipe(partialOutput())).toBe('-C|', values);
    const source = m.cold('                      -s-abcde-m-C|', events);
    m.expectObservable(source.pipe(partialOutput())).toBe('---abcde---C|', values);
    m.expectSubscriptions(source.subscriptions).toBe('^-----------!');
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                      -ab-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(partialOutput())).toBe('-ab-#', values, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it("error: makes an Rx error of the run's own, and leaves the source", marbles((m) => {
    const source = m.cold('                      -ab-x--|', events);
    m.expectObservable(source.pipe(partialOutput())).toBe('-ab-#', values, refused);
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it('never-ending: shows what has come of an answer without an end', marbles((m) => {
    const source = m.cold('                        -ab----', events);
    m.expectObservable(source.pipe(partialOutput()), '------!').toBe('-ab', values);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: leaves the source, also from within', marbles((m) => {
    const source = m.cold('                        -abcde|', events);
    m.expectObservable(source.pipe(partialOutput()), '---!').toBe('-ab', values);
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
    const left = m.cold('                              -abcde|', events);
    m.expectObservable(left.pipe(partialOutput(), take(2))).toBe('-a(b|)', values);
    m.expectSubscriptions(left.subscriptions).toBe('^-!');
  }));

  it('M5: has no checked value where the run ended without one', marbles((m) => {
    m.expectObservable(m.cold('-abm-D|', events).pipe(partialOutput())).toBe('-ab---|', values);
  }));

  it('reads each turn from its beginning: what is said before tools, and an answer that is asked for again', marbles((m) => {
    m.expectObservable(m.cold('-pmAB|', events).pipe(partialOutput())).toBe('---AB|', values);
    m.expectObservable(m.cold('-abmuAB|', events).pipe(partialOutput())).toBe('-ab--AB|', values);
    m.expectObservable(m.cold('-abAB|', events).pipe(partialOutput())).toBe('-abAB|', values);
  }));

  it('M12: goes on with a turn that was paused', marbles((m) => {
    m.expectObservable(m.cold('-awB|', events).pipe(partialOutput())).toBe('-a-B|', values);
  }));

  it('takes back what a retry discards, once, and begins anew', marbles((m) => {
    m.expectObservable(m.cold('-abr-abr|', events).pipe(partialOutput())).toBe('-aby-aby|', values);
    m.expectObservable(m.cold('-abrr-r|', events).pipe(partialOutput())).toBe('-aby---|', values);
    m.expectObservable(m.cold('-abncRmr|', events).pipe(partialOutput())).toBe('-ab-c---|', values);
    m.expectObservable(m.cold('-pr|', events).pipe(partialOutput())).toBe('---|', values);
  }));

  it("leaves out what sub-agents say, and keeps runs apart", marbles((m) => {
    const other = { runId: 'run_2' };
    const both = {
      ...events,
      q: event.text('{"x":1,', inner), M: event.message('{', inner), E: event.complete({ ...inner, output: 1 }), X: event.error('inner', inner),
      o: event.text('[tr', other), O: event.text('ue,', other),
    };
    m.expectObservable(m.cold('-aqMEXb|', both).pipe(partialOutput())).toBe('-a----b|', values);
    m.expectObservable(m.cold('-aobOc|', both).pipe(partialOutput())).toBe('-aobOc|', {
      ...values, o: { ...shown, ...other, output: [] }, O: { ...shown, ...other, output: [true] },
    });
  }));

  it('reads JSON in a block of code, whatever its pieces are, and no other text', () => {
    const read = (...pieces: readonly string[]): unknown[] => {
      const seen: unknown[] = [];
      agent({ provider: scriptedProvider([textTurn(...pieces)]) })('Hi').pipe(partialOutput(), map(({ output }) => output)).subscribe((output) => seen.push(output));
      return seen;
    };
    expect(read('\n`', '``js', 'on\n', '{"a":1,', '"b":true}', '\n```')).toEqual([{ a: 1 }, { a: 1, b: true }]);
    expect(read(' \n', '[1,', '2]', ' ')).toEqual([[1], [1, 2]]);
    expect(read('``', 'x\n{"a":1}')).toEqual([]);
    expect(read('`'.repeat(3) + 'x'.repeat(70), '\n{"a":1}')).toEqual([]);
    expect(read('Here: {"a":1}')).toEqual([]);
    expect(read('{"a":1}, so it is', ' {"a":2}')).toEqual([{ a: 1 }]);
  });

  it('keeps what has not changed', () => {
    const seen: unknown[] = [];
    const pieces = ['{"list":[{"a":1}', ',{"b":"x', 'y"}]}'];
    agent({ provider: scriptedProvider([textTurn(...pieces)]) })('Hi').pipe(partialOutput()).subscribe(({ output }) => seen.push(output));
    expect(seen).toEqual([{ list: [{ a: 1 }] }, { list: [{ a: 1 }, { b: 'x' }] }, { list: [{ a: 1 }, { b: 'xy' }] }]);
    const first = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'list' in value && Array.isArray(value.list) ? value.list[0] : undefined);
    expect(first(seen[2])).toBe(first(seen[0]));
  });

  it('begins anew for each subscription', marbles((m) => {
    const source = m.cold('-ab-#', events, new TypeError('broken'));
    const shown$ = source.pipe(partialOutput());
    m.expectObservable(shown$).toBe('-ab-#', values, new TypeError('broken'));
    m.expectObservable(shown$, '-----^').toBe('------ab-#', values, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe(['^---!', '-----^---!']);
  }));
});
