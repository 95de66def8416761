import { finalText, replay, toolCalls, usageTotals } from 'coldstream/operators';
import { event, marbles, textTurn } from 'coldstream/testing';
import { concat, from, of, take } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';

const at = (timestamp: number) => ({ timestamp });
const events = {
  a: event.text('a', at(1_000)),
  b: event.text('b', at(1_002)),
  c: event.text('c', at(1_008)),
  d: event.text('d', at(1_008)),
  y: event.text('y', at(900)),
  z: event.complete(at(1_008)),
};
const { a, b, c, d, y, z } = events;
const recorded: readonly StreamEvent[] = [a, b, c];

describe('replay', () => {
  it('never: a recording that says nothing yet', marbles((m) => {
    const source = m.cold('                               -', events);
    m.expectObservable(replay(source), '                  ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('    ^--!');
    const live = m.cold('                                 -', events);
    m.expectObservable(replay(live, { speed: Infinity }), '---!').toBe('-');
    m.expectSubscriptions(live.subscriptions).toBe('      ^--!');
  }));

  it('empty: completes', marbles((m) => {
    const source = m.cold('--|', events);
    m.expectObservable(replay(source)).toBe('--|');
    m.expectObservable(replay([])).toBe('|');
    m.expectObservable(replay([], { speed: Infinity })).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));

  it('one and many: plays them as far apart as they were', marbles((m) => {
    m.expectObservable(replay([b])).toBe('(b|)', events);
    m.expectObservable(replay(recorded)).toBe('a-b-----(c|)', events);
    m.expectObservable(replay(new Set(recorded))).toBe('a-b-----(c|)', events);
    m.expectObservable(replay([a, b, c, d, z])).toBe('a-b-----(cdz|)', events);
  }));

  it('plays them faster, slower, and at once', marbles((m) => {
    m.expectObservable(replay(recorded, { speed: 2 })).toBe('       ab--(c|)', events);
    m.expectObservable(replay(recorded, { speed: 0.5 })).toBe('     a---b-----------(c|)', events);
    m.expectObservable(replay(recorded, { speed: Infinity })).toBe('(abc|)', events);
    m.expectObservable(replay(recorded, { speed: 3 })).toBe('       ab-(c|)', events);
  }));

  it('hands on the same objects, each subscription from the first on', marbles((m) => {
    const seen: StreamEvent[] = [];
    const played$ = replay(recorded);
    played$.pipe(take(2)).subscribe((each) => seen.push(each));
    m.flush();
    played$.subscribe((each) => seen.push(each));
    m.flush();
    expect(seen.map((each, index) => each === [a, b, a, b, c][index])).toEqual([true, true, true, true, true]);
  }));

  it('plays what is overdue at once, and never an event before its predecessor', marbles((m) => {
    // Read late: c was due in frame 8 of the recording, and is there in frame 10.
    m.expectObservable(replay(m.cold('a---------c|', events))).toBe('a---------c|', events);
    m.expectObservable(replay(m.cold('abc|', events))).toBe('        a-b-----(c|)', events);
    m.expectObservable(replay([a, c, y, b])).toBe('                  a-------(cyb|)', events);
  }));

  it('plays a long recording of one moment without a stack that grows, and with one timer', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => event.text('x', at(index < 10 ? 0 : 5)));
    marbles((m) => {
      let played = 0;
      replay(many).subscribe(() => (played += 1));
      expect(played).toBe(10);
      m.flush();
      expect([played, m.now()]).toEqual([20_000, 5]);
    })();
  });

  it('is a run for every operator', marbles((m) => {
    const run = [...textTurn('Hel', 'lo'), event.complete()];
    m.expectObservable(replay(run).pipe(finalText())).toEqual(from(run).pipe(finalText()));
    m.expectObservable(replay(run).pipe(usageTotals())).toEqual(from(run).pipe(usageTotals()));
    m.expectObservable(replay(run).pipe(toolCalls())).toEqual(from(run).pipe(toolCalls()));
  }));

  it('error: passes an error of the source, after the events before it', marbles((m) => {
    const source = m.cold('                      ab#', events, new TypeError('torn'));
    m.expectObservable(replay(source)).toBe('    a-(b#)', events, new TypeError('torn'));
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
    m.expectObservable(replay(m.cold('-#', events, new TypeError('torn')), { speed: Infinity })).toBe('-#', events, new TypeError('torn'));
  }));

  it('never-ending: plays what comes', marbles((m) => {
    const source = m.cold('                           ab--', events);
    m.expectObservable(replay(source), '              -----!').toBe('a-b', events);
    m.expectSubscriptions(source.subscriptions).toBe('^----!');
  }));

  it('unsubscribed: stops the source and the timer when it is unsubscribed', marbles((m) => {
    const source = m.cold('                           abc---', events);
    m.expectObservable(replay(source), '              ---!').toBe('a-b', events);
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
    const fast = m.cold('                             a-b-c|', events);
    m.expectObservable(replay(fast, { speed: Infinity }), '---!').toBe('a-b', events);
    m.expectSubscriptions(fast.subscriptions).toBe('  ^--!');
    m.flush();
    // Nothing is left that virtual time could reach: the timer of c is gone.
    expect(m.now()).toBeLessThan(8);
  }));

  it('stops in the middle of a burst', () => {
    const seen: StreamEvent[] = [];
    replay([a, a, a]).pipe(take(2)).subscribe((each) => seen.push(each));
    expect(seen).toEqual([a, a]);
  });

  it('refuses a speed that is not above 0', () => {
    expect(() => replay([], { speed: 0 })).toThrow('speed must be a number above 0, not 0.');
    expect(() => replay([], { speed: NaN })).toThrow('not NaN');
  });

  it('reads an iterable again for each subscription', marbles((m) => {
    let read = 0;
    const iterable = { [Symbol.iterator]: () => ((read += 1), recorded[Symbol.iterator]()) };
    m.expectObservable(concat(replay(iterable, { speed: Infinity }), replay(of(b)))).toBe('(abcb|)', events);
    m.flush();
    expect(read).toBe(1);
  }));
});
