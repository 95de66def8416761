import { marbles } from 'coldstream/testing';
import { reopening, type Reopening } from '../../src/tools/mcp/reopening.js';

const rules = { initial: 1, max: 4, isFinal: () => false, proves: () => false, onPause: () => undefined };

describe('reopening', () => {
  it('T18 T7 opens again after pauses that grow to a limit, though each time it opened', marbles((m) => {
    const pauses: Reopening[] = [];
    const source = m.cold('                              a#', { a: 'a' }, 'lost');
    const unsubscribed = '                               ------------------!';
    m.expectObservable(source.pipe(reopening({ ...rules, onPause: (pause) => pauses.push(pause) })), unsubscribed).toBe('a-a--a----a----a---');
    m.expectSubscriptions(source.subscriptions).toBe(['^!', '--^!', '-----^!', '----------^!', '---------------^!']);
    m.flush();
    expect(pauses).toEqual([1, 2, 4, 4, 4].map((delayMs, index) => ({ error: 'lost', attempt: index + 1, delayMs })));
  }));

  it('begins with short pauses again once the source has shown that it works', marbles((m) => {
    const source = m.cold('                                                        b#');
    m.expectObservable(source.pipe(reopening({ ...rules, proves: (value) => value === 'b' })), '------!').toBe('b-b-b-');
  }));

  it('begins with short pauses again once the source was open for as long as the longest', marbles((m) => {
    const source = m.cold('                                -----#');
    m.expectObservable(source.pipe(reopening(rules)), '-------------------!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(['^----!', '------^----!', '------------^----!', '------------------^!']);
  }));

  it('waits for as long as the source asks', marbles((m) => {
    const source = m.cold('                                                     a#');
    m.expectObservable(source.pipe(reopening({ ...rules, least: () => 6 })), '---------!').toBe('a------a--');
  }));

  it('T18 waits no longer than a timer can, though the source asks for more, since a longer one would fire at once', marbles((m) => {
    const pauses: number[] = [];
    const source = m.cold('                                           #');
    const onPause = ({ delayMs }: Reopening): unknown => pauses.push(delayMs);
    m.expectObservable(source.pipe(reopening({ ...rules, onPause, least: () => 99_999_999_999 })), '---!').toBe('-');
    m.flush();
    expect(pauses).toEqual([2 ** 31 - 1]);
  }));

  it('passes on a failure that is final, and an end', marbles((m) => {
    const failing = m.cold('                                                              a#', { a: 'a' }, 'refused');
    m.expectObservable(failing.pipe(reopening({ ...rules, isFinal: (error) => error === 'refused' }))).toBe('a#', { a: 'a' }, 'refused');
    const ending = m.cold('                                  a|');
    m.expectObservable(ending.pipe(reopening(rules))).toBe('a|');
  }));

  it('C1 C6 counts for each subscription, and leaves no timer', marbles((m) => {
    const source = m.cold('                                   #');
    const reopened = source.pipe(reopening(rules));
    m.expectObservable(reopened, '   --!').toBe('-');
    m.expectObservable(reopened, '   --!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(['(^!)', '(^!)', '-(^!)', '-(^!)']);
  }));
});
