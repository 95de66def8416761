import { tapUsage } from 'coldstream/operators';
import { event, marbles, tokens, type Marbles } from 'coldstream/testing';
import { config, of, Subject, take } from 'rxjs';
import type { Usage } from '../../src/messages/usage.js';

const inner = { path: ['call_1'] };
const events = {
  u: event.usage(tokens(10, 1)),
  v: event.usage(tokens(10, 5)),
  r: event.retry({}, tokens(10, 5)),
  I: event.usage(tokens(100, 10), inner),
  n: event.iterationEnd(tokens(10, 5)),
  c: event.complete({ usage: tokens(10, 5) }),
  e: event.error('Overloaded', { usage: tokens(10, 5) }),
};

/** A place for bills: with the frame in which each came. */
function bills(m: Marbles) {
  const told: [number, Usage | null][] = [];
  return { told, bill: (usage: Usage | null): void => void told.push([m.now(), usage]) };
}

describe('tapUsage', () => {
  it('never: a run that says nothing yet costs nothing, and says so when it is left', marbles((m) => {
    const { told, bill } = bills(m);
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(tapUsage(bill)), '  ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
    m.flush();
    expect(told).toEqual([[3, null]]);
  }));

  it('empty: nothing was reported', marbles((m) => {
    const { told, bill } = bills(m);
    m.expectObservable(m.cold('--|', events).pipe(tapUsage(bill))).toBe('--|');
    m.flush();
    expect(told).toEqual([[2, null]]);
  }));

  it('one and many: passes them as they are, and tells the total once, at the end', marbles((m) => {
    const one = bills(m);
    m.expectObservable(m.cold('-u|', events).pipe(tapUsage(one.bill))).toBe('-u|', events);
    const many = bills(m);
    const source = m.cold('                                  -uvrvIn-c-|', events);
    m.expectObservable(source.pipe(tapUsage(many.bill))).toBe('-uvrvIn-c-|', events);
    m.expectSubscriptions(source.subscriptions).toBe('       ^---------!');
    m.flush();
    expect(one.told).toEqual([[2, tokens(10, 1)]]);
    // The iteration's end has the last word on its own attempts; the sub-agent's stand beside it.
    expect(many.told).toEqual([[10, tokens(110, 15)]]);
  }));

  it('tells before the completion and the error', marbles((m) => {
    const order: string[] = [];
    const bill = (): void => void order.push('bill');
    m.cold('-u|', events).pipe(tapUsage(bill)).subscribe({ complete: () => order.push('complete') });
    m.cold('-u-#', events).pipe(tapUsage(bill)).subscribe({ error: () => order.push('error') });
    m.flush();
    expect(order).toEqual(['bill', 'complete', 'bill', 'error']);
  }));

  it('error: passes an error of the source, once billed', marbles((m) => {
    const { told, bill } = bills(m);
    const source = m.cold('                             -v-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(tapUsage(bill))).toBe('-v-#', events, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('  ^--!');
    m.flush();
    expect(told).toEqual([[3, tokens(10, 5)]]);
  }));

  it('bills a run that failed: its error event is an event like any other', marbles((m) => {
    const { told, bill } = bills(m);
    m.expectObservable(m.cold('-v-e|', events).pipe(tapUsage(bill))).toBe('-v-e|', events);
    m.flush();
    expect(told).toEqual([[4, tokens(10, 5)]]);
  }));

  it('never-ending: tells nothing before the end', marbles((m) => {
    const { told, bill } = bills(m);
    const source = m.cold('                            -u-v---', events);
    m.expectObservable(source.pipe(tapUsage(bill)), '  ------!').toBe('-u-v', events);
    m.expectSubscriptions(source.subscriptions).toBe(' ^-----!');
    m.flush();
    expect(told).toEqual([[6, tokens(10, 5)]]);
  }));

  it('unsubscribed: stops the source when it is unsubscribed, and bills what was reported', marbles((m) => {
    const { told, bill } = bills(m);
    const source = m.cold('                            -u-v-c|', events);
    m.expectObservable(source.pipe(tapUsage(bill)), '  --!').toBe('-u', events);
    m.expectSubscriptions(source.subscriptions).toBe(' ^-!');
    m.flush();
    expect(told).toEqual([[2, tokens(10, 1)]]);
  }));

  it('bills once where the consumer leaves from within, also a synchronous source', marbles((m) => {
    const { told, bill } = bills(m);
    of(events.u, events.v, events.c).pipe(tapUsage(bill), take(1)).subscribe();
    expect(told).toEqual([[0, tokens(10, 1)]]);
  }));

  it('bills each subscription for itself', marbles((m) => {
    const { told, bill } = bills(m);
    const source = m.cold('-u-c|', events).pipe(tapUsage(bill));
    source.subscribe();
    source.pipe(take(1)).subscribe();
    m.flush();
    expect(told).toEqual([[1, tokens(10, 1)], [4, tokens(10, 1)]]);
  }));

  it('callback: one that throws fails the stream, is not called again, and breaks no teardown', marbles((m) => {
    let calls = 0;
    const bill = (): never => {
      calls += 1;
      throw new TypeError('no ledger');
    };
    m.expectObservable(m.cold('-u-|', events).pipe(tapUsage(bill))).toBe('-u-#', events, new TypeError('no ledger'));
    m.expectObservable(m.cold('-u-#', events).pipe(tapUsage(bill))).toBe('-u-#', events, new TypeError('no ledger'));
    m.flush();
    expect(calls).toBe(2);
  }));

  it('callback: one that throws when the stream is unsubscribed is reported as unhandled (C4)', () => {
    const reported = new Promise<unknown>((resolve) => {
      config.onUnhandledError = resolve;
    });
    const subscription = new Subject<never>().pipe(tapUsage(() => {
      throw new TypeError('no ledger');
    })).subscribe();
    let tornDown = false;
    subscription.add(() => (tornDown = true));
    expect(() => subscription.unsubscribe()).not.toThrow();
    expect(tornDown).toBe(true);
    return reported
      .then((error) => expect(error).toEqual(new TypeError('no ledger')))
      .finally(() => {
        config.onUnhandledError = null;
      });
  });
});
