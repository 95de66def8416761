import { asyncScheduler, concat, EMPTY, interval, map, merge, mergeMap, NEVER, of, take, throwError, timer } from 'rxjs';
import { TimeoutError } from '../../src/errors/errors.js';
import { newId, random } from '../../src/internal/ids.js';
import { burst, event, firstDifference, marbles, tokens, type Marbles } from 'coldstream/testing';

/** What a marble test says when it fails; the empty string when it passes. */
function complaintOf(test: (m: Marbles) => void): string {
  try {
    marbles(test)();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('marbles: what passes', () => {
  it('plays and compares letters, ends and errors', marbles((m) => {
    const source = m.cold('-a-b-#');
    m.expectObservable(source).toBe('-a-b-#');
    m.expectObservable(m.hot('--^-c-|')).toBe('--c-|');
    m.expectObservable(of('a', 'b')).toBe('(ab|)');
    m.expectObservable(NEVER).toBe('-');
    m.expectObservable(EMPTY).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^----!');
  }));

  it('passes the further arguments of a table test', () => {
    const seen: unknown[] = [];
    marbles((_m, letter: string, number: number) => void seen.push(letter, number))('a', 1);
    expect(seen).toEqual(['a', 1]);
  });

  it('knows time', marbles((m) => {
    expect(m.time('---|')).toBe(3);
    const times = timer(2, 3).pipe(take(2), map(() => asyncScheduler.now()));
    m.expectObservable(times).toBe('--a--(b|)', { a: 2, b: 5 });
    m.flush();
    expect(m.now()).toBe(5);
  }));

  it('unsubscribes and subscribes when told', marbles((m) => {
    const source = m.cold('-a-a-a');
    m.expectObservable(source, '--^---!').toBe('---a-a');
    m.expectSubscriptions(source.subscriptions).toBe('--^---!');
  }));

  it('compares two sources with each other', marbles((m) => {
    m.expectObservable(timer(3).pipe(map(() => 'x'))).toEqual(m.cold('---(x|)'));
  }));

  it('pins ids and chance afresh for each test', () => {
    const seen: unknown[] = [];
    const test = marbles(() => void seen.push(newId('run'), newId('run'), random()));
    test();
    test();
    expect(seen).toEqual(['run_1', 'run_2', 0.5, 'run_1', 'run_2', 0.5]);
    expect(newId('run')).not.toMatch(/^run_\d+$/);
  });
});

describe('marbles: the first trap, an expectation that expects nothing', () => {
  it('fails on expectObservable without toBe', () => {
    expect(complaintOf((m) => void m.expectObservable(of(1)))).toMatch(/has no \.toBe/);
  });
  it('fails on expectSubscriptions without toBe', () => {
    expect(complaintOf((m) => void m.expectSubscriptions(m.cold('|').subscriptions))).toMatch(/has no \.toBe/);
  });
  it('fails on one forgotten among others', () => {
    expect(
      complaintOf((m) => {
        m.expectObservable(of('a')).toBe('(a|)');
        m.expectObservable(of('a'));
        m.expectObservable(of('a')).toBe('(a|)');
      }),
    ).toMatch(/has no \.toBe/);
  });
});

describe('marbles: where a failure points', () => {
  it("points at the test's own line, not at the kit", () => {
    let stack = '';
    try {
      marbles((m) => m.expectObservable(of('a')).toBe('b'))();
    } catch (error) {
      stack = error instanceof Error ? (error.stack ?? '') : '';
    }
    const [frame = ''] = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
    expect(frame).toMatch(/kit.marbles\.test\.ts/);
  });
});

describe('marbles: the second trap, errors alike in their message', () => {
  const failing = (error: unknown) => (m: Marbles) => {
    m.expectObservable(throwError(() => error)).toBe('#', undefined, new TimeoutError('late', { partial: true }));
  };
  it.each([
    ['another class', new Error('late'), /TimeoutError/],
    ['another field', new TimeoutError('late'), /partial: expected true, got false/],
    ['another retryable', new TimeoutError('late', { partial: true, retryable: false }), /retryable: expected true, got false/],
    ['a field more', new TimeoutError('late', { partial: true, status: 504 }), /status: expected no such member, got 504/],
    ['a cause', new TimeoutError('late', { partial: true, cause: new Error('x') }), /cause: expected no such member, got Error "x"/],
    ['another message', new TimeoutError('later', { partial: true }), /message: expected "late", got "later"/],
  ])('tells apart %s', (_what, error, complaint) => {
    expect(complaintOf(failing(error))).toMatch(complaint);
  });
  it('takes equal ones for equal', () => {
    expect(complaintOf(failing(new TimeoutError('late', { partial: true })))).toBe('');
  });
});

describe('marbles: the third trap, a group that moves what follows', () => {
  it.each(['(ab)-c|', '(ab)(cd|)', '(ab) 5ms c'])('refuses %s', (diagram) => {
    expect(complaintOf((m) => void m.cold(diagram))).toMatch(/a group stands before/);
    expect(complaintOf((m) => m.expectObservable(NEVER).toBe(diagram))).toMatch(/a group stands before/);
  });
  it('lets a group end a diagram, dashes or not', marbles((m) => {
    m.expectObservable(m.cold('-(ab|)')).toBe('-(ab|)');
    m.expectObservable(m.cold('-(ab)---')).toBe('-(ab)');
  }));
  it('has rows for what happens in one frame', marbles((m) => {
    const twice = m.cold('a-b|').pipe(mergeMap((letter) => of(letter, letter.toUpperCase())));
    m.expectObservable(twice).toBe(['a-b|', 'A-B']);
    const rows = m.cold(['a-b', '--c-|']);
    m.expectObservable(rows).toBe(['a-b-|', '--c']);
    m.expectSubscriptions(rows.subscriptions).toBe('^---!');
  }));
  it('has bursts for what happens in one frame', marbles((m) => {
    const values = { a: burst(1, 2), b: 3 };
    m.expectObservable(m.cold('a-b|', values)).toBe(['x-z|', 'y'], { x: 1, y: 2, z: 3 });
    m.expectObservable(m.cold('a-b|', values)).toBe('a-b|', values);
  }));
  it('keeps the order of the rows within a frame', () => {
    expect(complaintOf((m) => m.expectObservable(of('a', 'b')).toBe(['(b|)', 'a']))).toMatch(/frame 0 "b" was expected/);
  });
});

describe('marbles: further traps', () => {
  it('refuses a character without a value', () => {
    expect(complaintOf((m) => void m.cold('a-b|', { a: 1 }))).toMatch(/uses "b", which is not in its values: a/);
  });
  it('refuses what stands after the end', () => {
    expect(complaintOf((m) => void m.cold('a|b'))).toMatch(/after the end/);
    expect(complaintOf((m) => void m.cold(['a|', '--b']))).toMatch(/after the end/);
  });
  it('refuses ^ in cold sources and in other columns', () => {
    expect(complaintOf((m) => void m.cold('-a^-b|'))).toMatch(/cold source has no \^/);
    expect(complaintOf((m) => void m.hot(['--^a', '-^-b']))).toMatch(/same column/);
  });
  it('refuses an asynchronous test', () => {
    const asynchronous = (m: Marbles): unknown => Promise.resolve(m.now());
    expect(complaintOf((m) => asynchronous(m))).toMatch(/synchronous/);
  });
  it('ends a test whose time never ends', () => {
    expect(complaintOf((m) => m.expectObservable(interval(1)).toBe('-'))).toMatch(/unsubscribe what never ends/);
  });
  it('lets a failure of the test itself out, and cleans up after it', () => {
    expect(complaintOf(() => { throw new Error('mine'); })).toBe('mine');
    expect(newId('run')).not.toMatch(/^run_\d+$/);
    expect(asyncScheduler.now()).toBeGreaterThan(1_000_000_000_000);
  });
});

describe('marbles: events', () => {
  const source = (m: Marbles) => m.cold('a|', { a: event.text('Hi', { seq: 7, path: ['call_1'], model: 'm' }) });
  it('compares type and payload by default', marbles((m) => {
    m.expectObservable(source(m)).toBe('a|', { a: event.text('Hi') });
    const nested = source(m).pipe(map((inner) => ({ inner: [inner] })));
    m.expectObservable(nested).toBe('a|', { a: { inner: [event.text('Hi')] } });
  }));
  it('compares payloads', () => {
    expect(complaintOf((m) => m.expectObservable(source(m)).toBe('a|', { a: event.text('Ho') }))).toMatch(/content: expected "Ho", got "Hi"/);
    expect(complaintOf((m) => m.expectObservable(source(m)).toBe('a|', { a: event.text('Hi', { block: 1 }) }))).toMatch(/block: expected 1, got 0/);
    expect(complaintOf((m) => m.expectObservable(source(m)).toBe('a|', { a: event.thinking('Hi') }))).toMatch(/type: expected "thinking", got "text_delta"/);
  });
  it('compares the envelope when asked', () => {
    const asked = (envelope: true | readonly ['path'] | readonly ['iteration']) => (m: Marbles) =>
      m.expectObservable(source(m), undefined, { envelope }).toBe('a|', { a: event.text('Hi') });
    expect(complaintOf(asked(true))).toMatch(/seq: expected 0, got 7/);
    expect(complaintOf(asked(['path']))).toMatch(/path\[0\]: expected no such member, got "call_1"/);
    expect(complaintOf(asked(['iteration']))).toBe('');
  });
});

describe('firstDifference', () => {
  class Point {
    constructor(readonly x: number) {}
  }
  it.each([
    ['classes', new Point(1), { x: 1 }, /\(Object\), got .* \(Point\)/],
    ['lists and objects', [], {}, /\(Object\), got \[\] \(Array\)/],
    ['members named as an envelope has them, outside an event', { path: 'a', seq: 1 }, { path: 'b', seq: 1 }, /^path: expected "b", got "a"$/],
    ['undefined and missing', { a: undefined }, {}, /^a: expected no such member, got undefined$/],
    ['missing and there', {}, { a: 1 }, /^a: expected 1, got no such member$/],
    ['maps', new Map([['a', 1]]), new Map([['a', 2]]), /"a": expected 2, got 1/],
    ['sets', new Set([1]), new Set([1, 2]), /1: expected 2, got no such member/],
    ['dates', new Date(0), new Date(9_999), /expected/],
    ['numbers and their text', 1, '1', /^expected "1", got 1$/],
    ['null and objects', null, {}, /^expected \{\}, got null$/],
    ['a place deep inside', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, /^a\[0\]\.b: expected 2, got 1$/],
  ])('tells apart %s', (_what, actual, expected, words) => {
    expect(firstDifference(actual, expected)).toMatch(words);
    expect(firstDifference(expected, expected)).toBeUndefined();
  });
  it('ends on circles, takes NaN for NaN, and has words for what JSON cannot say', () => {
    const circle = (name: string) => {
      const made: Record<string, unknown> = { name };
      made['self'] = made;
      return made;
    };
    expect(firstDifference(circle('a'), circle('a'))).toBeUndefined();
    expect(firstDifference(circle('a'), circle('b'))).toBe('name: expected "b", got "a"');
    expect(firstDifference(Number.NaN, Number.NaN)).toBeUndefined();
    expect(firstDifference(circle('a'), 1n)).toBe('expected "1n", got {"name":"a","self":"[circular]"}');
  });
});

describe('marbles: what a failure says', () => {
  it('draws both sides on one grid and says the first difference', () => {
    const said = complaintOf((m) => {
      const source = merge(m.cold('a-a-c|', { a: event.text('Hel'), c: event.usage(tokens(1, 2)) }), m.cold('--b|', { b: 7 }));
      m.expectObservable(source).toBe('a-a-b|', { a: event.text('Hel'), b: event.text('lo') });
    });
    expect(said.split('\n').slice(0, 6)).toEqual([
      '  expected  a-a   -b|',
      '  actual    a-(ac)-d|',
      '              ^',
      'First difference: text_delta "lo" was expected, but there came 7 (expected',
      '  at frame 4, got at frame 2)',
      'where',
    ]);
    expect(said).toMatch(/ {2}a = text_delta "Hel"\n {2}b = text_delta "lo"\n {2}c = 7\n {2}d = usage 1 in, 2 out$/);
  });
  it('says what is missing, what is too much and what came late', () => {
    expect(complaintOf((m) => m.expectObservable(of('a')).toBe('(ab|)'))).toMatch(/at frame 0 "b" was expected, but there came completion/);
    expect(complaintOf((m) => m.expectObservable(NEVER).toBe('--a'))).toMatch(/at frame 2 "a" was expected, but nothing more came/);
    expect(complaintOf((m) => m.expectObservable(m.cold('-a')).toBe('-'))).toMatch(/at frame 1 nothing more was expected, but there came "a"/);
    expect(complaintOf((m) => m.expectObservable(m.cold('---a')).toBe('-a'))).toMatch(/"a" was expected at frame 1, but came at frame 3/);
  });
  it('writes long stretches of nothing as a time', () => {
    const said = complaintOf((m) => m.expectObservable(concat(timer(30_000), timer(1)).pipe(map(() => 'x'))).toBe('30s x'));
    expect(said).toMatch(/expected {3}30000ms x-/);
    expect(said).toMatch(/actual {5}30000ms x\(x\|\)/);
  });
  it('draws subscriptions', () => {
    const said = complaintOf((m) => {
      const source = m.cold('-a|');
      m.expectObservable(source).toBe('-a|');
      m.expectSubscriptions(source.subscriptions).toBe(['^--!', '-^!']);
    });
    expect(said).toContain('  expected  ^--!\n            -^!\n  actual    ^-!\n');
    expect(said.replace(/\n +/g, ' ')).toContain('of subscription 1 one from frame 0, unsubscribed at frame 3 was expected, but there was one from frame 0, unsubscribed at frame 2');
  });
});
