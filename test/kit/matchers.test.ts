import { concat, defer, from, map, NEVER, of, ReplaySubject, throwError, type Observable } from 'rxjs';
import { agent, OverloadedError, retrying } from 'coldstream';
import { ofType, textOnly } from 'coldstream/operators';
import { event, marbles, matchers, scriptedProvider, scriptedTool, textTurn, toolTurn, watched, type MatcherResult } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

expect.extend(matchers);

const call = { id: 'call_1', name: 'clock' };
const wholeRun: readonly StreamEvent[] = [
  event.runStart('Hi'),
  event.iterationStart(),
  ...toolTurn(call),
  event.toolResult('call_1', 'clock', 'noon'),
  event.toolUseEnd('call_1', 'clock'),
  event.iterationEnd(),
  event.complete(),
];
const without = (...types: readonly StreamEvent['type'][]): readonly StreamEvent[] => wholeRun.filter(({ type }) => !types.includes(type));

/** What a matcher says of what it was given, on one line; the empty string where it is content. */
function complaintOf({ pass, message }: MatcherResult): string {
  return pass ? '' : message().replace(/\s+/g, ' ');
}

describe('the matchers in an expectation', () => {
  const provider = scriptedProvider([{ answer: toolTurn(call), when: ({ iteration }) => iteration === 0, times: Infinity }, { answer: textTurn('noon'), times: Infinity }]);
  const clock = scriptedTool('clock', 'noon');
  const run$ = agent({ provider, tools: [clock] })('What time is it?');

  it('hold for a run that is as it has to be', () => {
    expect(run$.pipe(textOnly(), map((text) => event.text(text)))).toEmitEvents([event.text('noon')]);
    expect(run$).toBeBalanced();
    expect(run$).toBeCold(provider, clock);
    expect(() => run$).toTearDown(provider, clock);
  });

  it('say what is wrong in the words of the runner', () => {
    expect(() => expect(run$.pipe(ofType('text_delta'))).toEmitEvents(['thinking'])).toThrow(/expected {2}h\n {2}actual {4}t\n {12}\^\nFirst difference: event 0: thinking was expected/);
    expect(() => expect(without('complete')).toBeBalanced()).toThrow('neither complete nor error');
    expect(() => expect(run$).toBeCold()).toThrow('A witness was expected');
    expect(() => expect(run$).toTearDown(watched(NEVER))).toThrow('the witnesses see nothing of it');
  });

  it('can be turned round, and then say what was not to be', () => {
    expect(without('complete')).not.toBeBalanced();
    expect([event.text('a')]).not.toEmitEvents([event.text('b')]);
    expect(() => expect(wholeRun).not.toBeBalanced()).toThrow('was expected not to be balanced');
    expect(() => expect([event.text('a')]).not.toEmitEvents(['text_delta'])).toThrow('expected not to come');
    expect(() => expect(run$).not.toBeCold(provider)).toThrow('was expected not to be cold');
    expect(() => expect(run$).not.toTearDown(provider)).toThrow('left nothing');
  });

  it('are plain functions of what was received, for the extend of any runner', () => {
    type Extension = Record<string, (received: unknown, ...expected: never[]) => { pass: boolean; message: () => string }>;
    const extension: Extension = matchers;
    expect(Object.keys(extension)).toEqual(['toEmitEvents', 'toBeBalanced', 'toBeCold', 'toTearDown']);
    expect(Object.values(extension).every((matcher) => !matcher(undefined).pass)).toBe(true);
  });
});

describe('toEmitEvents', () => {
  const events = [event.text('Hel'), event.text('lo')];

  it.each([
    ['what is missing', events, ['text_delta', 'text_delta', 'usage'], 'expected ttu actual tt ^ First difference: event 2: usage was expected, but nothing more came'],
    ['what is too much', events, ['text_delta'], 'event 1: nothing more was expected, but there came text_delta "lo"'],
    ['another event of the type', events, [event.text('Hel'), event.text('Lo')], 'event 1: text_delta "Lo" was expected, but there came text_delta "lo" content: expected "Lo", got "lo"'],
    ['an error', throwError(() => new OverloadedError('busy')), [], 'The Observable failed with OverloadedError "busy" (overloaded).'],
    ['an end that has not come', concat(of(event.text('Hel')), NEVER), ['text_delta'], 'The Observable had not ended when subscribe returned. Collect its events first'],
    ['no events', [1], [], 'Value 0 is no event: 1.'],
    ['no list', 7, [], 'A list of events or an Observable was expected, got 7.'],
  ] as const)('tells %s', (_what, received, expected, says) => {
    expect(complaintOf(matchers.toEmitEvents(received, expected))).toContain(says);
  });

  it('compares the envelope where it is asked to', () => {
    expect(complaintOf(matchers.toEmitEvents([event.text('a', { iteration: 1 })], [event.text('a')]))).toBe('');
    expect(complaintOf(matchers.toEmitEvents([event.text('a', { iteration: 1 })], [event.text('a')], { envelope: ['iteration'] }))).toContain('iteration: expected 0, got 1');
  });
});

describe('toBeBalanced', () => {
  const at = (index: number, ...more: readonly StreamEvent[]): readonly StreamEvent[] => [...wholeRun.slice(0, index), ...more, ...wholeRun.slice(index)];
  const secondRound = { iteration: 1 };

  it.each([
    ['no end', without('complete'), 'The run has neither complete nor error; its last event is iteration_end'],
    ['something after the end', [...wholeRun, event.text('late')], 'there came text_delta "late".'],
    ['a second end', [...wholeRun, event.error('late')], 'there came error overloaded "late"'],
    ['a call without a result', without('tool_result', 'tool_use_end'), 'The call call_1 (clock) has no tool_result.'],
    ['a call without an end', without('tool_use_end'), 'The call call_1 (clock) has no tool_use_end.'],
    ['a call with two results', at(9, event.toolResult('call_1', 'clock')), 'has 2 times tool_result.'],
    ['a call with two ends', at(9, event.toolUseEnd('call_1', 'clock')), 'has 2 times tool_use_end.'],
    ['a call that ends before its result', [...without('tool_result').slice(0, -2), event.toolResult('call_1', 'clock'), ...wholeRun.slice(-2)], 'has its tool_use_end before its tool_result.'],
    ['a result of no call', at(1, event.toolResult('call_9', 'clock')), 'There came tool_result clock "done" (call_9), but no such call has begun.'],
    ['a result in another iteration', at(9, event.toolResult('call_1', 'clock', 'x', {}, secondRound)), 'but no such call has begun'],
    ['a call that begins twice', at(9, event.toolUse('call_1', 'clock')), 'The call call_1 (clock) begins twice in iteration 0.'],
  ])('tells %s', (_what, events, says) => {
    expect(complaintOf(matchers.toBeBalanced(events))).toContain(says);
  });

  it('owes nothing for what a retry has taken back, nor asks a sub-agent that was stopped for its end', () => {
    expect(complaintOf(matchers.toBeBalanced([event.toolUse('call_9', 'clock'), event.retry({ discard: true }), ...wholeRun]))).toBe('');
    expect(complaintOf(matchers.toBeBalanced([event.toolUse('call_9', 'clock'), event.retry({ discard: false }), ...wholeRun]))).toContain('call_9');
    expect(complaintOf(matchers.toBeBalanced(at(7, event.runStart('Inner', { path: ['call_1'] }))))).toBe('');
  });
});

describe('toBeCold', () => {
  const source = () => watched(from(textTurn('Hi')));

  it('tells what is opened before it is subscribed', () => {
    const source$ = source();
    const eager = (): Observable<StreamEvent> => {
      const events$ = new ReplaySubject<StreamEvent>(10);
      source$.subscribe(events$);
      return events$;
    };
    expect(complaintOf(matchers.toBeCold(eager, source$))).toBe('Nothing was subscribed yet, and 1 subscription had been opened beneath.');
  });

  it('tells what two subscriptions share', () => {
    const source$ = source();
    let kept: StreamEvent[] | undefined;
    const cached$ = defer(() => {
      if (kept !== undefined) return from(kept);
      kept = [];
      source$.subscribe((each) => kept?.push(each));
      return from(kept);
    });
    expect(complaintOf(matchers.toBeCold(cached$, source$))).toBe('The first subscription opened 1 beneath, the second 0: they share something.');
  });

  it('tells what the second is told otherwise, in events and in the end', () => {
    const source$ = source();
    let count = 0;
    const counting$ = source$.pipe(map(() => (count += 1)));
    expect(complaintOf(matchers.toBeCold(counting$, source$))).toContain('The second subscription was told something else than the first: values[0]: expected 1, got 4');
    const provider = scriptedProvider([textTurn('Hi')]);
    expect(complaintOf(matchers.toBeCold(agent({ provider, resilience: false })('Hi'), provider))).toContain('expected "text_delta", got "error"');
  });

  it('takes the sources of a marble test for witnesses', marbles((m) => {
    const turn$ = m.turn('a|');
    expect(agent({ provider: () => turn$ })('Hi')).toBeCold(turn$);
  }));

  it('tells what is no source', () => {
    expect(complaintOf(matchers.toBeCold(7, source()))).toBe('An Observable, or a function that gives one, was expected, got 7.');
  });
});

describe('toTearDown', () => {
  it('tells what stays open, and where it was left', () => {
    const source$ = watched(concat(of('a', 'b'), NEVER));
    const stubborn$ = defer(() => {
      source$.subscribe();
      return of('a', 'b');
    });
    expect(complaintOf(matchers.toTearDown(stubborn$, source$))).toBe('It ended after 2 values, and 1 subscription beneath is still open.');
    expect(complaintOf(matchers.toTearDown(source$, source$))).toBe('1 subscription beneath had been open before: nothing can be told of this one.');
  });

  it('tells the one event at which something is left open', () => {
    const source$ = watched(NEVER);
    const forgetful$ = defer(() => {
      const open = source$.subscribe();
      return from(['a', 'b', 'c']).pipe(
        map((letter) => {
          if (letter === 'c') open.unsubscribe();
          return letter;
        }),
      );
    });
    expect(complaintOf(matchers.toTearDown(forgetful$, source$))).toBe('It was unsubscribed at value 0 ("a"), and 1 subscription beneath is still open.');
  });

  it('holds for a run whose provider is waiting, retrying or streaming', () => {
    const waiting = scriptedProvider([{ answer: concat(from(textTurn('Hi').slice(0, 1)), NEVER), times: Infinity }]);
    expect(agent({ provider: waiting })('Hi')).toTearDown(waiting);
    const failing = scriptedProvider([{ answer: new OverloadedError('busy'), times: Infinity }]);
    expect(agent({ provider: retrying({ backoff: 1_000 })(failing) })('Hi')).toTearDown(failing);
  });
});
