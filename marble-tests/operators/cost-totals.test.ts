import { costTotals, type CostTotal } from 'coldstream/operators';
import { event, marbles, tokens } from 'coldstream/testing';

const million = 1_000_000;
const prices = { small: { input: 1, output: 5 }, large: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6 } };
const [small, large, inner] = [{ model: 'small' }, { model: 'large' }, { model: 'large', path: ['call_1'] }];

const events = {
  s: event.iterationStart(),
  t: event.text('Hi', small),
  u: event.usage(tokens(million, 0), small),
  v: event.usage(tokens(million, million), small),
  m: event.message('Hi', { ...small, usage: tokens(million, million) }),
  n: event.iterationEnd(tokens(million, million), small),
  I: event.usage(tokens(0, million), inner),
  c: event.complete(),
  e: event.error('Overloaded'),
};
const whole = (cost: number, models: CostTotal['models']): CostTotal => ({ cost, priced: cost, unpriced: [], models });
const costs = {
  u: whole(1, [{ model: 'small', usage: tokens(million, 0), cost: 1 }]),
  v: whole(6, [{ model: 'small', usage: tokens(million, million), cost: 6 }]),
};

describe('costTotals', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                                  -', events);
    m.expectObservable(source.pipe(costTotals(prices)), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('       ^--!');
  }));

  it('empty: nothing was reported', marbles((m) => {
    const source = m.cold('                                   -s-t-c|', events);
    m.expectObservable(source.pipe(costTotals(prices))).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(costTotals(prices))).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('        ^-----!');
  }));

  it('one and many: tells the cost where it has changed', marbles((m) => {
    const one = m.cold('                                      -stu|', events);
    m.expectObservable(one.pipe(costTotals(prices))).toBe('   ---u|', costs);
    const many = m.cold('                                     -su-v-m-n-c|', events);
    m.expectObservable(many.pipe(costTotals(prices))).toBe('  --u-v------|', costs);
    m.expectSubscriptions(many.subscriptions).toBe('          ^----------!');
  }));

  it('says what has no price, and guesses nothing', marbles((m) => {
    const unknown = { a: event.usage(tokens(3, 4, { cacheReadTokens: 5 }), { model: 'other' }), b: event.usage(tokens(3, 0), { runId: 'run_2' }), u: events.u };
    const other = { model: 'other', usage: tokens(3, 4, { cacheReadTokens: 5 }), cost: null };
    const missing = [
      { model: 'other', kind: 'input', tokens: 3 },
      { model: 'other', kind: 'output', tokens: 4 },
      { model: 'other', kind: 'cacheRead', tokens: 5 },
    ];
    m.expectObservable(m.cold('-a-(b|)', unknown).pipe(costTotals(prices))).toBe('-a-(b|)', {
      a: { cost: null, priced: 0, unpriced: missing, models: [other] },
      b: {
        cost: null,
        priced: 0,
        unpriced: [...missing, { model: null, kind: 'input', tokens: 3 }],
        models: [other, { model: null, usage: tokens(3, 0), cost: null }],
      },
    });
    // What has a price is told all the same.
    const mixed = { a: event.usage(tokens(3, 0), { model: 'other', runId: 'run_2' }), u: events.u };
    m.expectObservable(m.cold('-a-u|', mixed).pipe(costTotals(prices))).toBe('-a-u|', {
      a: { cost: null, priced: 0, unpriced: [{ model: 'other', kind: 'input', tokens: 3 }], models: [{ model: 'other', usage: tokens(3, 0), cost: null }] },
      u: {
        cost: null,
        priced: 1,
        unpriced: [{ model: 'other', kind: 'input', tokens: 3 }],
        models: [{ model: 'other', usage: tokens(3, 0), cost: null }, { model: 'small', usage: tokens(million, 0), cost: 1 }],
      },
    });
  }));

  it('prices the cache, and says where it has no price', marbles((m) => {
    const cached = tokens(million, million, { cacheReadTokens: million, cacheWriteTokens: million });
    m.expectObservable(m.cold('-u|', { u: event.usage(cached, large) }).pipe(costTotals(prices))).toBe('-u|', {
      u: whole(36.5, [{ model: 'large', usage: cached, cost: 36.5 }]),
    });
    const usage = tokens(million, 0, { cacheWriteTokens: 7 });
    m.expectObservable(m.cold('-u|', { u: event.usage(usage, small) }).pipe(costTotals(prices))).toBe('-u|', {
      u: { cost: null, priced: 1, unpriced: [{ model: 'small', kind: 'cacheWrite', tokens: 7 }], models: [{ model: 'small', usage, cost: null }] },
    });
  }));

  it('takes a model by a name that every object has for one without a price', marbles((m) => {
    const usage = tokens(1, 0);
    m.expectObservable(m.cold('-u|', { u: event.usage(usage, { model: 'constructor' }) }).pipe(costTotals(prices))).toBe('-u|', {
      u: { cost: null, priced: 0, unpriced: [{ model: 'constructor', kind: 'input', tokens: 1 }], models: [{ model: 'constructor', usage, cost: null }] },
    });
  }));

  it('prices each attempt as the model that made it, and sub-agents as theirs', marbles((m) => {
    const swapped = {
      ...events,
      r: event.retry({ to: 'large' }, tokens(million, 0), large),
      w: event.usage(tokens(million, 0), large),
      n: event.iterationEnd(tokens(2 * million, 0), large),
    };
    const models = [{ model: 'small', usage: tokens(million, 0), cost: 1 }, { model: 'large', usage: tokens(million, 0), cost: 5 }];
    m.expectObservable(m.cold('-u-r-w-n|', swapped).pipe(costTotals(prices))).toBe('-u---w--|', { u: costs.u, w: whole(6, models) });
    m.expectObservable(m.cold('-u-I|', events).pipe(costTotals(prices))).toBe('-u-I|', {
      u: costs.u,
      I: whole(26, [{ model: 'small', usage: tokens(million, 0), cost: 1 }, { model: 'large', usage: tokens(0, million), cost: 25 }]),
    });
  }));

  it("has a running report move from one model to the next where its name comes late", marbles((m) => {
    const late = { a: event.usage(tokens(million, 0)), b: event.usage(tokens(million, million), small) };
    m.expectObservable(m.cold('-a-b|', late).pipe(costTotals(prices))).toBe('-a-b|', {
      a: { cost: null, priced: 0, unpriced: [{ model: null, kind: 'input', tokens: million }], models: [{ model: null, usage: tokens(million, 0), cost: null }] },
      b: { ...costs.v, models: [{ model: null, usage: tokens(0, 0), cost: 0 }, ...costs.v.models] },
    });
  }));

  it('error: passes an error of the source, after the last cost', marbles((m) => {
    const source = m.cold('                                   -u-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(costTotals(prices))).toBe('-u-#', costs, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('        ^--!');
  }));

  it('keeps the last cost of a run that failed, and completes', marbles((m) => {
    m.expectObservable(m.cold('-u-e|', events).pipe(costTotals(prices))).toBe('-u--|', costs);
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                                -u-v---', events);
    m.expectObservable(source.pipe(costTotals(prices)), '  ------!').toBe('-u-v', costs);
    m.expectSubscriptions(source.subscriptions).toBe('     ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                                -u-v-n|', events);
    m.expectObservable(source.pipe(costTotals(prices)), '  --!').toBe('-u', costs);
    m.expectSubscriptions(source.subscriptions).toBe('     ^-!');
  }));

  it('refuses what is no price', () => {
    expect(() => costTotals({ small: { input: -1, output: 5 } })).toThrow('the price of input for small must be a number from 0 on, not -1.');
    expect(() => costTotals({ small: { input: 1, output: 5, cacheRead: NaN } })).toThrow('cacheRead for small');
    expect(() => costTotals(JSON.parse('{ "small": { "input": 1 } }'))).toThrow('output for small');
  });
});
