import { Subject, throwError } from 'rxjs';
import { marbles } from 'coldstream/testing';
import { replyTo, type ReplyRules } from '../../src/internal/reply-to.js';

/** Replies are their question's letter in any case; a question that gets none comes to why. */
const rules: ReplyRules<string, string> = {
  isFor: (reply, question) => reply.toLowerCase() === question,
  otherwise: (question, why) => `${question} ${why}`,
};

describe('replyTo', () => {
  it('gives the first reply that is for the question, and leaves', marbles((m) => {
    const replies$ = m.hot('                       --b--A--a--', { b: 'b', A: 'A', a: 'a' });
    m.expectObservable(replyTo('a', replies$, rules)).toBe('-----(A|)');
    m.expectSubscriptions(replies$.subscriptions).toBe('    ^----!');
  }));

  it('lets many questions wait at once', marbles((m) => {
    const replies$ = m.hot('                       --b--a--c--');
    m.expectObservable(replyTo('a', replies$, rules)).toBe('-----(a|)');
    m.expectObservable(replyTo('b', replies$, rules)).toBe('--(b|)');
    m.expectObservable(replyTo('c', replies$, rules)).toBe('--------(c|)');
  }));

  it('says so when nobody replies in time, and when nobody can any more', marbles((m) => {
    const replies$ = m.hot('                                       --b------|');
    m.expectObservable(replyTo('a', replies$, { ...rules, timeout: 4 })).toBe('----(x|)', { x: 'a timeout' });
    m.expectObservable(replyTo('a', replies$, rules)).toBe('               ---------(x|)', { x: 'a closed' });
    m.expectObservable(replyTo('b', replies$, { ...rules, timeout: 4 })).toBe('--(b|)');
    m.expectSubscriptions(replies$.subscriptions).toBe(['^---!', '^--------!', '^-!']);
  }));

  it('waits for ever with a limit that no timer holds', marbles((m) => {
    const replies$ = m.hot('                                            --b');
    m.expectObservable(replyTo('a', replies$, { ...rules, timeout: Infinity }), '---!').toBe('-');
  }));

  it('tells of the question when it is waited for, so that a reply at once is not missed', marbles((m) => {
    const replies$ = new Subject<string>();
    const asked = (question: string): void => replies$.next(question.toUpperCase());
    m.expectObservable(replyTo('a', replies$, { ...rules, asked })).toBe('(A|)');
    m.flush();
    expect(replies$.observed).toBe(false);
  }));

  it('fails with what the replies, or a rule, fail with', marbles((m) => {
    const bad = (): never => {
      throw new Error('bad rule');
    };
    const replies$ = m.hot('                                            -b|');
    m.expectObservable(replyTo('a', throwError(() => new Error('gone')), rules)).toBe('#', {}, new Error('gone'));
    m.expectObservable(replyTo('a', replies$, { ...rules, isFor: bad })).toBe('    -#', {}, new Error('bad rule'));
    m.expectObservable(replyTo('a', replies$, { ...rules, otherwise: bad })).toBe('--#', {}, new Error('bad rule'));
    m.expectObservable(replyTo('a', replies$, { ...rules, asked: bad })).toBe('    #', {}, new Error('bad rule'));
  }));

  it('stops waiting when it is unsubscribed (C1), and asks anew for each subscription', marbles((m) => {
    const replies$ = m.hot('             --b--a--');
    const asked: string[] = [];
    const reply$ = replyTo('a', replies$, { ...rules, timeout: 9, asked: (question) => asked.push(question) });
    m.expectObservable(reply$, '         ---!').toBe('-');
    m.expectObservable(reply$).toBe('-----(a|)');
    m.expectSubscriptions(replies$.subscriptions).toBe(['^--!', '^----!']);
    m.flush();
    expect(asked).toEqual(['a', 'a']);
  }));
});
