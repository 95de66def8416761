import { concat, EMPTY, NEVER, Observable, of, range, Subject, take, throwError, timer, type Subscriber } from 'rxjs';
import { agent, ConnectionError, custom, errorCodes, progress, retrying, StreamEvent, timingOut, tool, type History, type Provider, type Tool, type ToolOutcome } from 'coldstream';
import { event, scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';
import type { Message } from '../../src/messages/message.js';
import { collect } from '../support/collect.js';

const doing = (execute: () => unknown, timeout?: number): Tool =>
  tool({ name: 't', description: '', input: { type: 'object' }, execute, ...(timeout === undefined ? {} : { timeout }) });
const twoTurns = () => scriptedProvider([toolTurn({ id: 'c1', name: 't' }), textTurn('done')]);
const types = (source: Observable<StreamEvent>) => collect(source).map(({ type }) => type);

/** A source that gives what it is told to and whose teardown throws. */
const badTeardown = <T>(give: (subscriber: Subscriber<T>) => void) =>
  new Observable<T>((subscriber) => {
    give(subscriber);
    return () => {
      throw new Error('teardown');
    };
  });

describe('C4 a teardown that throws', () => {
  const outcome = { type: 'tool_outcome' as const, content: [], isError: false };

  it('of a tool does not stop the run', () => {
    const answer$ = new Subject<typeof outcome>();
    const bad: Tool = { ...doing(() => 1), run: () => badTeardown((subscriber) => answer$.subscribe(subscriber)) };
    const seen: string[] = [];
    agent({ provider: twoTurns(), tools: [bad] })('Hi').subscribe(({ type }) => seen.push(type));
    answer$.next(outcome);
    expect(seen.at(-1)).toBe('complete');
  });

  it('of a provider does not stop the run', () => {
    const events$ = new Subject<StreamEvent>();
    const provider: Provider = () => badTeardown((subscriber) => events$.subscribe(subscriber));
    const seen: string[] = [];
    agent({ provider })('Hi').subscribe(({ type }) => seen.push(type));
    for (const each of textTurn('ok')) events$.next(each);
    expect(seen.at(-1)).toBe('complete');
  });

  it('does not come out of unsubscribe(), and the history is kept all the same', () => {
    const appended: unknown[] = [];
    const history: History = { load: () => of([]), append: (messages) => of(appended.push(messages)) };
    const bad: Tool = { ...doing(() => 1), run: () => badTeardown(() => undefined) };
    const source$ = badTeardown<readonly Tool[]>((subscriber) => subscriber.next([bad]));
    const subscription = agent({ provider: twoTurns(), tools: [source$], history })('Hi').subscribe();
    expect(() => subscription.unsubscribe()).not.toThrow();
    expect(appended).toHaveLength(1);
  });
});

describe('a synchronous source without an end', () => {
  it('stops when its tool is unsubscribed in the middle (C1)', () => {
    const run$ = agent({ provider: twoTurns(), tools: [doing(() => range(0, Infinity))] })('Hi');
    expect(collect(run$.pipe(take(12)))).toHaveLength(12);
  });

  it('stops when its provider is unsubscribed in the middle', () => {
    const provider: Provider = () => new Observable((subscriber) => {
      while (!subscriber.closed) subscriber.next(event.text('again'));
    });
    expect(collect(agent({ provider })('Hi').pipe(take(12)))).toHaveLength(12);
  });
});

describe('an async iterable that misbehaves', () => {
  it('C9 and throws from its second next() fails the call', async () => {
    let asked = 0;
    const iterable = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          if (asked++ > 0) throw new Error('second');
          return Promise.resolve({ done: false, value: 1 });
        },
      }),
    };
    const events: StreamEvent[] = [];
    await agent({ provider: twoTurns(), tools: [doing(() => iterable)] })('Hi').forEach((each) => events.push(each));
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool_result', content: expect.objectContaining({ isError: true }) }));
    expect(events.at(-1)?.type).toBe('complete');
  });

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('no'); }],
    ['is no promise', () => ({ done: true })],
  ])('C4 and whose return() %s does not throw from unsubscribe()', (_, end) => {
    const hung = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), return: end }) };
    const subscription = agent({ provider: twoTurns(), tools: [doing(() => hung)] })('Hi').subscribe();
    expect(() => subscription.unsubscribe()).not.toThrow();
  });
});

describe('what a tool may not do to a run', () => {
  it.each([[{ type: 'tool_outcome', isError: false }], [{ type: 'tool_outcome', isError: false, content: [{ type: 'text' }] }]])(
    'answer with a malformed outcome: %j fails the call',
    (malformed) => {
      const outcome: ToolOutcome = JSON.parse(JSON.stringify(malformed));
      const made: Tool = { ...doing(() => 1), run: () => of(outcome) };
      const events = collect(agent({ provider: twoTurns(), tools: [made] })('Hi'));
      expect(events.find(({ type }) => type === 'tool_result')).toMatchObject({ content: { isError: true } });
      expect(events.at(-1)?.type).toBe('complete');
    },
  );

  it.each<[string, unknown]>([
    ['a circle', custom('x', (() => { const circle: Record<string, unknown> = {}; circle['self'] = circle; return circle; })())],
    ['a BigInt', custom('x', 1n)],
    ['a number that is none', progress({ progress: Number.NaN, total: undefined, message: 'on' })],
    ['nothing', custom('x', undefined)],
    ['a member called __proto__', JSON.parse('{"__proto__": 1}')],
    ['600 levels', Array.from({ length: 600 }).reduce((inner) => [inner], 0)],
    ['20 MB', { big: 'x'.repeat(2e7) }],
  ])('T6 D1 put %s into an event that its own codec refuses', (_, emitted) => {
    const events = collect(agent({ provider: twoTurns(), tools: [doing(() => of(emitted, 'last'))] })('Hi'));
    const kept = collect(agent({ provider: twoTurns(), tools: [doing(() => emitted)] })('Hi'));
    for (const each of [...events, ...kept]) {
      expect(StreamEvent.decode(each)._tag).toBe('Right');
      expect(JSON.stringify(each).length).toBeLessThan(600_000);
    }
    expect(events.at(-1)?.type).toBe('complete');
  });

  it('report for another call, or another path', () => {
    const made: Tool = { ...doing(() => 1), run: () => concat(of(event.toolProgress('OTHER', 'zzz', { progress: 1 })), of({ type: 'tool_outcome' as const, content: [], isError: false })) };
    const events = collect(agent({ provider: twoTurns(), tools: [made] })('Hi', { path: ['p'] }));
    expect(events.find(({ type }) => type === 'tool_progress')).toMatchObject({ path: ['p'], content: { id: 'c1', name: 't' } });
  });
});

describe('what a provider may not do to a run', () => {
  it('end it, begin it or answer its calls', () => {
    for (const forged of [event.complete(), event.runStart(), event.toolResult('c1', 't'), event.iterationEnd()]) {
      expect(collect(agent({ provider: () => of(event.text('a'), forged), resilience: false })('Hi')).at(-1)).toMatchObject({
        type: 'error',
        content: { code: 'protocol', error: expect.stringContaining(forged.type), partial: true },
      });
    }
  });

  it('hide a failure in band', () => {
    expect(collect(agent({ provider: () => of(event.error({ code: 'overloaded', error: 'Overloaded' })), resilience: false })('Hi')).at(-1)).toMatchObject({
      type: 'error',
      content: { code: 'overloaded', error: 'Overloaded' },
    });
  });
});

describe('partial in an error event', () => {
  it.each<[string, Provider, boolean]>([
    ['nothing came', () => EMPTY, false],
    ['text came', () => of(event.text('a')), true],
    ['text came before any other error', () => concat(of(event.text('a')), throwError(() => new Error('boom'))), true],
    ['the text was taken back', () => concat(of(event.text('a'), event.retry({ discard: true })), throwError(() => new Error('boom'))), false],
  ])('says whether part of an answer was told: %s', (_, provider, partial) => {
    expect(collect(agent({ provider, resilience: false })('Hi')).at(-1)).toMatchObject({ type: 'error', content: { partial } });
  });
});

describe('a history', () => {
  const store = () => {
    const kept: Message[] = [];
    const writes: Subject<void>[] = [];
    const history: History = {
      load: () => of([...kept]),
      append: (messages) => {
        const written$ = new Subject<void>();
        written$.subscribe({ complete: () => kept.push(...messages) });
        writes.push(written$);
        return written$;
      },
    };
    return { history, writes };
  };

  it('is written by one run after the other, and loaded when all is written', () => {
    const { history, writes } = store();
    const provider = scriptedProvider([NEVER, NEVER, textTurn('ok')]);
    const ask = agent({ provider, history });
    ask('one').subscribe().unsubscribe();
    const second = ask('two').subscribe();
    expect(provider.requests).toHaveLength(1);
    writes[0]?.complete();
    second.unsubscribe();
    ask('three').subscribe();
    expect(writes).toHaveLength(2);
    writes[1]?.complete();
    expect(provider.requests.at(-1)?.messages).toHaveLength(3);
  });

  it.each<[string, (again: () => void) => { next?: (each: StreamEvent) => void; complete?: () => void }]>([
    ['the last event', (again) => ({ next: ({ type }) => { if (type === 'complete') again(); } })],
    ['completion', (again) => ({ complete: again })],
  ])('may be used again from %s on', (_, observer) => {
    const history: History = { load: () => of([]), append: () => EMPTY };
    const ask = agent({ provider: scriptedProvider([textTurn('1'), textTurn('2')]), history });
    let second: readonly string[] = [];
    ask('1').subscribe(observer(() => {
      second = types(ask('2'));
    }));
    expect(second.at(-1)).toBe('complete');
  });

  it('that never finishes writing does not keep a signal from ending the run', () => {
    const history: History = { load: () => of([]), append: () => NEVER };
    const controller = new AbortController();
    const seen: string[] = [];
    agent({ provider: () => NEVER, history })('Hi', { signal: controller.signal }).subscribe(({ type }) => seen.push(type));
    controller.abort();
    expect(seen.at(-1)).toBe('error');
  });
});

describe('limits', () => {
  it('Infinity lifts a tool\'s limit', async () => {
    const seen: StreamEvent[] = [];
    await agent({ provider: twoTurns(), toolTimeout: 1, tools: [doing(() => timer(20), Infinity)] })('Hi').forEach((each) => seen.push(each));
    expect(seen.find(({ type }) => type === 'tool_result')).toMatchObject({ content: { isError: false } });
  });

  it('undefined is the default, and nonsense is refused at once', () => {
    const provider = scriptedProvider([new ConnectionError('gone')]);
    expect(() => retrying({ attempts: 0 })).toThrow('attempts');
    expect(() => retrying({ jitter: 2 })).toThrow('jitter');
    expect(() => timingOut({ idle: Number.NaN })).toThrow('idle');
    const errors: unknown[] = [];
    retrying({ attempts: 1, backoff: undefined })(provider)({ messages: [] }).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toHaveLength(1);
  });
});

it('an error that only looks like one of ours has no code of its own', () => {
  const stranger = Object.assign(new Error('m'), { _tag: 'X', code: 'E', retryable: true });
  const last = collect(agent({ provider: scriptedProvider([stranger]) })('Hi')).at(-1);
  expect(last).toMatchObject({ type: 'error', content: { code: 'unknown', retryable: false, partial: false } });
  expect(errorCodes).toContain('unknown');
});

it('a toolFilter that throws ends the run as a failed callback', () => {
  const filter = () => {
    throw new Error('filter');
  };
  expect(collect(agent({ provider: scriptedProvider([]), tools: [doing(() => 1)] })('Hi', { toolFilter: filter })).at(-1)).toMatchObject({
    type: 'error',
    content: { code: 'callback', error: expect.stringContaining('filter') },
  });
});
