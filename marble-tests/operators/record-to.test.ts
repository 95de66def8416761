import { recordTo, type LineSink } from 'coldstream/operators';
import { event, marbles, type Marbles } from 'coldstream/testing';
import { config, of, Subject, take } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';

const events = {
  s: event.iterationStart(),
  t: event.text('Hi'),
  T: event.text('inner', { path: ['call_1'] }),
  c: event.complete(),
  e: event.error('Overloaded'),
};
const full = new TypeError('disk full');

/** Sinks that say when they were given what. */
function sinks(m: Marbles) {
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${String(m.now())} ${what}`);
  return {
    log,
    call: ({ type }: StreamEvent) => note(type),
    observer: { next: ({ type }: StreamEvent) => note(type), error: (error: unknown) => note(String(error)), complete: () => note('complete') },
    lines: { write: (line: string) => note(line), end: () => note('end') },
  };
}

describe('recordTo', () => {
  it('never: nothing is written, and the sink is ended when it is left', marbles((m) => {
    const { log, lines } = sinks(m);
    const source = m.cold('                             -', events);
    m.expectObservable(source.pipe(recordTo(lines)), '  ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('  ^--!');
    m.flush();
    expect(log).toEqual(['3 end']);
  }));

  it('empty: nothing is written, and the sink is ended', marbles((m) => {
    const { log, lines, observer } = sinks(m);
    m.expectObservable(m.cold('--|', events).pipe(recordTo(lines))).toBe('--|');
    m.expectObservable(m.cold('--|', events).pipe(recordTo(observer))).toBe('--|');
    m.flush();
    expect(log).toEqual(['2 end', '2 complete']);
  }));

  it('one and many: passes them as they are, and writes each before', marbles((m) => {
    const { log, call } = sinks(m);
    const one = m.cold('                                           -t|', events);
    m.expectObservable(one.pipe(recordTo(call))).toBe('            -t|', events);
    const many = m.cold('                                          -stT-e|', events);
    m.expectObservable(many.pipe(recordTo(() => undefined))).toBe('-stT-e|', events);
    m.expectSubscriptions(many.subscriptions).toBe('               ^-----!');
    m.flush();
    expect(log).toEqual(['1 text_delta']);
    const order: string[] = [];
    of(events.t).pipe(recordTo(() => order.push('written'))).subscribe(() => order.push('passed'));
    expect(order).toEqual(['written', 'passed']);
  }));

  it('writes one line of JSON that parses to the same event and does nothing to a terminal (D2)', () => {
    const hostile = event.text('\u001b[2J\u202e\n\u2028 \ud83d\ude00 \ud800');
    const lines: string[] = [];
    of(hostile, events.T).pipe(recordTo({ write: (line) => lines.push(line) })).subscribe();
    const parsed: unknown = JSON.parse(`[${lines.join()}]`);
    expect(parsed).toEqual([hostile, events.T]);
    expect(lines.every((line) => /^[^\n]+\n$/.test(line))).toBe(true);
    expect(/[\p{Cc}\u202e\u2028]/u.test(lines.join('').replaceAll('\n', ''))).toBe(false);
  });

  it('tells an observer what the stream does', marbles((m) => {
    const { log, observer } = sinks(m);
    m.expectObservable(m.cold('-t-|', events).pipe(recordTo(observer))).toBe('-t-|', events);
    m.flush();
    expect(log).toEqual(['1 text_delta', '3 complete']);
    const subject = new Subject<StreamEvent>();
    const seen: StreamEvent[] = [];
    subject.subscribe((each) => seen.push(each));
    of(events.t, events.c).pipe(recordTo(subject)).subscribe();
    expect(seen).toEqual([events.t, events.c]);
  }));

  it('error: passes an error of the source, and ends the sink by it', marbles((m) => {
    const { log, observer, lines } = sinks(m);
    const source = m.cold('                                 -t-#', events, full);
    m.expectObservable(source.pipe(recordTo(observer))).toBe('-t-#', events, full);
    m.expectSubscriptions(source.subscriptions).toBe('      ^--!');
    m.expectObservable(m.cold('---#', events, full).pipe(recordTo(lines))).toBe('---#', events, full);
    m.flush();
    expect(log).toEqual(['1 text_delta', '3 TypeError: disk full', '3 end']);
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const { log, observer } = sinks(m);
    const source = m.cold('                                -t-t---', events);
    m.expectObservable(source.pipe(recordTo(observer)), '  ------!').toBe('-t-t', events);
    m.expectSubscriptions(source.subscriptions).toBe('     ^-----!');
    m.flush();
    expect(log).toEqual(['1 text_delta', '3 text_delta', '6 complete']);
  }));

  it.each([false, true])('unsubscribed: stops the source when it is unsubscribed, and ends the sink (required: %s)', (required) => marbles((m) => {
    const { log, lines } = sinks(m);
    const source = m.cold('                                         -t-t-c|', events);
    m.expectObservable(source.pipe(recordTo(lines, { required })), '--!').toBe('-t', events);
    m.expectSubscriptions(source.subscriptions).toBe('              ^-!');
    m.flush();
    expect(log.map((line) => line.slice(0, 5))).toEqual(['1 {"r', '2 end']);
  })());

  it('ends the sink once for each subscription, also where the consumer leaves from within', () => {
    let ended = 0;
    const recorded$ = of(events.t, events.c).pipe(recordTo({ write: () => undefined, end: () => (ended += 1) }));
    recorded$.pipe(take(1)).subscribe();
    recorded$.subscribe();
    expect(ended).toBe(2);
  });

  it('callback: a sink that throws does not break the run, is told once, and gets nothing more but its end', marbles((m) => {
    const { log, lines } = sinks(m);
    const broken = {
      write: (line: string): never => {
        lines.write(line.slice(0, 1));
        throw full;
      },
      end: lines.end,
    };
    const errors: unknown[] = [];
    const source = m.cold('-t-t-c|', events);
    m.expectObservable(source.pipe(recordTo(broken, { onError: (error) => errors.push(error) }))).toBe('-t-t-c|', events);
    m.expectObservable(m.cold('-t-c|', events).pipe(recordTo(() => broken.write('')))).toBe('-t-c|', events);
    m.flush();
    expect(log).toEqual(['1 {', '1 ', '6 end']);
    expect(errors).toEqual([full]);
  }));

  it('callback: with required, a sink that throws fails the stream before the event is passed', marbles((m) => {
    const errors: unknown[] = [];
    let written = 0;
    const sink = (): void => {
      written += 1;
      if (written === 2) throw full;
    };
    const source = m.cold('-t-t-c|', events);
    m.expectObservable(source.pipe(recordTo(sink, { required: true, onError: (error) => errors.push(error) }))).toBe('-t-#', events, full);
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
    m.expectObservable(of(events.t, events.c).pipe(recordTo(() => undefined, { required: true }))).toBe('(tc|)', events);
    m.flush();
    expect(errors).toEqual([full]);
  }));

  it('callback: an onError that throws is reported as unhandled, and breaks nothing', () => {
    const reported = new Promise<unknown>((resolve) => {
      config.onUnhandledError = resolve;
    });
    const sink = (): never => {
      throw full;
    };
    const seen: unknown[] = [];
    of(events.t).pipe(recordTo(sink, { onError: () => {
      throw new TypeError('no log');
    } })).subscribe((each) => seen.push(each));
    expect(seen).toEqual([events.t]);
    return reported
      .then((error) => expect(error).toEqual(new TypeError('no log')))
      .finally(() => {
        config.onUnhandledError = null;
      });
  });

  it.each([
    [false, '-t-t-c|', '^-----!'],
    [true, '-t#', '^-!'],
  ])('takes an error that a sink emits for its failure, as a Node stream does that cannot write (required: %s)', (required, expected, subscriptions) => marbles((m) => {
    const errors: unknown[] = [];
    const listeners: ((error: unknown) => void)[] = [];
    const stream: LineSink = { write: () => true, end: () => undefined, on: (_name, listener) => listeners.push(listener) };
    const source = m.cold('-t-t-c|', events);
    m.expectObservable(source.pipe(recordTo(stream, { required, onError: (error) => errors.push(error) }))).toBe(expected, events, full);
    m.expectSubscriptions(source.subscriptions).toBe(subscriptions);
    m.cold('--x', { x: null }).subscribe(() => listeners.forEach((listen) => listen(full)));
    m.flush();
    expect(errors).toEqual([full]);
  })());
});
