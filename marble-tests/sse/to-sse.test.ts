import { toSse } from 'coldstream/sse';
import { event, marbles } from 'coldstream/testing';

const events = {
  s: event.runStart('Hi', { runId: 'run_1', seq: 0 }),
  t: event.text('Hello', { runId: 'run_1', seq: 1 }),
  c: event.complete({ runId: 'run_1', seq: 2 }),
};
const frames = {
  s: `id: run_1:0\ndata: ${JSON.stringify(events.s)}\n\n`,
  t: `id: run_1:1\ndata: ${JSON.stringify(events.t)}\n\n`,
  c: `id: run_1:2\ndata: ${JSON.stringify(events.c)}\n\n`,
  h: ':\n\n',
};

describe('toSse', () => {
  it('never: a heartbeat is all there is (S7)', marbles((m) => {
    const source = m.cold('                                      -', events);
    m.expectObservable(source.pipe(toSse({ heartbeat: 3 })), '   -------!').toBe('---h--h-', frames);
    m.expectObservable(source.pipe(toSse({ heartbeat: false })), '-------!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(['          ^------!', '^------!']);
  }));

  it('one frame an event, and heartbeats that end with the run (S7)', marbles((m) => {
    const source = m.cold('                             s-t------c|', events);
    m.expectObservable(source.pipe(toSse({ heartbeat: 4 }))).toBe('s-t-h---hc|', frames);
    m.expectSubscriptions(source.subscriptions).toBe('  ^---------!');
  }));

  it('sends a heartbeat every 15 seconds unless told otherwise (S7)', marbles((m) => {
    const source = m.cold('                        s 20s c |', events);
    m.expectObservable(source.pipe(toSse())).toBe('s 14999ms h 5s c |', frames);
  }));

  it('none where there is nothing to tell', marbles((m) => {
    m.expectObservable(m.cold('|', events).pipe(toSse())).toBe('|');
    m.expectObservable(m.cold('(stc|)', events).pipe(toSse())).toBe('(stc|)', frames);
  }));

  it('errors of the source pass, and stop the heartbeat', marbles((m) => {
    const source = m.cold('                             s----#', events);
    m.expectObservable(source.pipe(toSse({ heartbeat: 2 }))).toBe('s-h-h#', frames);
    m.expectSubscriptions(source.subscriptions).toBe('  ^----!');
  }));

  it('a serialize that throws fails the stream and unsubscribes the source', marbles((m) => {
    const bad = new Error('bad');
    const serialize = (): string => {
      throw bad;
    };
    const source = m.cold('                                        --s-t|', events);
    m.expectObservable(source.pipe(toSse({ serialize }))).toBe('   --#', undefined, bad);
    m.expectSubscriptions(source.subscriptions).toBe('             ^-!');
  }));

  it('unsubscribing stops the source and the heartbeat (C1)', marbles((m) => {
    const source = m.cold('                                       s--t-t', events);
    m.expectObservable(source.pipe(toSse({ heartbeat: 2 })), '    ----!').toBe('s-ht', frames);
    m.expectSubscriptions(source.subscriptions).toBe('            ^---!');
  }));
});
