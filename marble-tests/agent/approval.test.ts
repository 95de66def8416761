import { EMPTY, filter, map, of, Subject, take, throwError, type Observable } from 'rxjs';
import { agent, decidedBy, tool, type ApprovalAnswer, type Approve, type Decision, type StreamEvent } from 'coldstream';
import { burst, marbles, scriptedTool, type Marbles } from 'coldstream/testing';
import { answered, make, shape, turnOf } from './support.js';

const decisionOn = (id: string, decision: 'allow' | 'deny', rest: Partial<Decision> = {}): Decision => ({ runId: 'run_1', path: [], id, decision, ...rest });

const decisions = {
  a: decisionOn('a', 'allow'),
  b: decisionOn('b', 'allow'),
  A: decisionOn('a', 'deny', { reason: 'not today' }),
  x: decisionOn('a', 'allow', { runId: 'run_2' }),
  y: decisionOn('a', 'allow', { path: ['call_1'] }),
};

const begun = burst('s', 'i', 'call a');
const next = ['m', 'e', 'i', 't'] as const;
const oneCall = (m: Marbles) => [m.cold('a(m|)', turnOf), m.cold('t(w|)', turnOf)];
const twoCalls = (m: Marbles) => [m.cold('ab(n|)', turnOf), m.cold('t(w|)', turnOf)];

const resultText = (run$: Observable<StreamEvent>): Observable<string> =>
  run$.pipe(
    filter((event) => event.type === 'tool_result'),
    map(({ content: { isError, content } }) => `${isError ? 'error: ' : ''}${content.map((block) => (block.type === 'text' ? block.text : '')).join('')}`),
  );

const failureOf = (run$: Observable<StreamEvent>) =>
  run$.pipe(
    filter((event) => event.type === 'error'),
    map(({ content }) => content),
  );

describe('approval', () => {
  it('D10 runs nothing before it is granted, and shows the exact input', marbles((m) => {
    const decisions$ = m.hot('-----a----', decisions);
    const a = scriptedTool('a', 'done');
    const { run$ } = make(oneCall(m), [a], { approve: decidedBy(decisions$) });
    m.expectObservable(shape(run$)).toBe(['AM---GZ', '------|'], {
      A: begun,
      M: burst('m', 'requested a'),
      G: burst('granted a', 'result a', 'end a', ...next),
      Z: answered,
    });
    m.expectSubscriptions(decisions$.subscriptions).toBe('-^---!');
    m.flush();
    expect(a.calls).toMatchObject([{ startedAt: 5, input: {} }]);
  }));

  it('D10 answers a call that is denied with that and its reason, and the loop goes on', marbles((m) => {
    const decisions$ = m.hot('---A', decisions);
    const a = scriptedTool('a', 'never');
    const { run$, provider } = make(oneCall(m), [a], { approve: decidedBy(decisions$) });
    m.expectObservable(shape(run$)).toBe(['AM-DZ', '----|'], {
      A: begun,
      M: burst('m', 'requested a'),
      D: burst('denied a', 'result a', 'end a', ...next),
      Z: answered,
    });
    m.flush();
    expect(a.calls).toEqual([]);
    expect(provider.requests[1]?.messages.at(-1)?.content).toEqual([
      { type: 'tool_result', toolUseId: 'a', isError: true, content: [{ type: 'text', text: 'The call of a was denied and not run. Reason: not today' }] },
    ]);
  }));

  it('D10 takes no decision for another run, path or call', marbles((m) => {
    const decisions$ = m.hot('--xyb-a', decisions);
    const { run$ } = make(oneCall(m), [scriptedTool('a', 'done')], { approve: decidedBy(decisions$) });
    m.expectObservable(resultText(run$)).toBe('------r|', { r: 'done' });
  }));

  it('is waited for by several calls at once, each of which runs when it is granted', marbles((m) => {
    const decisions$ = m.hot('------b---a', decisions);
    const tools = [scriptedTool('a', 'A'), scriptedTool('b', 'B')];
    const { run$, provider } = make(twoCalls(m), tools, { approve: decidedBy(decisions$) });
    m.expectObservable(shape(run$)).toBe(['AbM---B---CZ', '-----------|'], {
      A: begun,
      b: 'call b',
      M: burst('m', 'requested a', 'requested b'),
      B: burst('granted b', 'result b', 'end b'),
      C: burst('granted a', 'result a', 'end a', ...next),
      Z: answered,
    });
    m.flush();
    expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([{ toolUseId: 'a' }, { toolUseId: 'b' }]);
  }));

  it('takes no place of toolConcurrency while it waits', marbles((m) => {
    const decisions$ = m.hot('---b------a', decisions);
    const tools = [scriptedTool('a', 'A'), scriptedTool('b', 'B', { latency: 3 })];
    const { run$ } = make(twoCalls(m), tools, { approve: decidedBy(decisions$), toolConcurrency: 1 });
    m.expectObservable(resultText(run$)).toBe('------b---a|', { a: 'A', b: 'B' });
  }));

  it('waits for a place where it is granted while all are taken', marbles((m) => {
    const decisions$ = m.hot('---ba-----', decisions);
    const tools = [scriptedTool('a', 'A'), scriptedTool('b', 'B', { latency: 5 })];
    const { run$ } = make(twoCalls(m), tools, { approve: decidedBy(decisions$), toolConcurrency: 1 });
    m.expectObservable(resultText(run$)).toBe('--------x|', { x: burst('B', 'A') });
    m.flush();
    expect(tools.flatMap(({ calls }) => calls.map(({ startedAt }) => startedAt))).toEqual([8, 3]);
  }));

  it('T2 is no part of toolTimeout, nor of the duration of the call', marbles((m) => {
    const decisions$ = m.hot('20ms a', decisions);
    const { run$ } = make(oneCall(m), [scriptedTool('a', 'A', { latency: 4 })], { approve: decidedBy(decisions$), toolTimeout: 5 });
    m.expectObservable(run$.pipe(filter((event) => event.type === 'tool_result'), map(({ content: { isError, durationMs } }) => [isError, durationMs]))).toBe('24ms r|', {
      r: [false, 4],
    });
  }));

  it('C1 D10 runs nothing when the run is unsubscribed while it waits, and hears no decision any more', marbles((m) => {
    const decisions$ = m.hot('-----a', decisions);
    const a = scriptedTool('a', 'never');
    const signals: AbortSignal[] = [];
    const asked: Approve = (call, context) => {
      signals.push(context.signal);
      return decidedBy(decisions$)(call, context);
    };
    const { run$ } = make(oneCall(m), [a], { approve: asked });
    m.expectObservable(shape(run$), '----!').toBe('AM', { A: begun, M: burst('m', 'requested a') });
    m.expectSubscriptions(decisions$.subscriptions).toBe('-^--!');
    m.flush();
    expect(a.calls).toEqual([]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  }));

  it.each(['requested', 'granted'])('C1 D10 runs nothing when the run is unsubscribed by whoever sees that it is %s', (decision) =>
    marbles((m) => {
      const a = scriptedTool('a', 'never');
      const { run$ } = make(oneCall(m), [a], { approve: () => 'allow' });
      m.expectObservable(run$.pipe(filter((event) => event.type === 'tool_approval' && event.content.decision === decision), take(1), map(() => 'left'))).toBe('-(x|)', { x: 'left' });
      m.flush();
      expect(a.calls).toEqual([]);
    })(),
  );

  it('may be decided by whoever sees the request, in the same call stack', marbles((m) => {
    const decisions$ = new Subject<Decision>();
    const ask = make(oneCall(m), [scriptedTool('a', 'done')], { approve: decidedBy(decisions$) }).run$;
    const decided$ = ask.pipe(
      map((event) => {
        if (event.type === 'tool_approval' && event.content.decision === 'requested') decisions$.next(decisionOn(event.content.id, 'allow'));
        return event;
      }),
    );
    m.expectObservable(resultText(decided$)).toBe('-r|', { r: 'done' });
  }));

  it.each<[string, ReturnType<Approve>, string]>([
    ['a value', 'allow', 'done'],
    ['a source', of('deny' as const), 'error: The call of a was denied and not run.'],
    ['nothing', EMPTY, 'error: The call of a was denied and not run. Reason: nobody decided'],
  ])('is told at once by %s', (_, answer, text) =>
    marbles((m) => {
      const { run$ } = make(oneCall(m), [scriptedTool('a', 'done')], { approve: () => answer });
      m.expectObservable(run$.pipe(filter((event) => event.type === 'tool_approval'), map(({ content }) => content.decision))).toBe('-x|', {
        x: burst('requested', text === 'done' ? 'granted' : 'denied'),
      });
      m.expectObservable(resultText(make(oneCall(m), [scriptedTool('a', 'done')], { approve: () => answer }).run$)).toBe('-t|', { t: text });
    })(),
  );

  it('denies what nobody decided in time, or can decide any more', marbles((m) => {
    const late = (onTimeout?: 'allow') => make(oneCall(m), [scriptedTool('a', 'done')], { approve: decidedBy(m.hot('------a', decisions), { timeout: 3, onTimeout }) }).run$;
    m.expectObservable(resultText(late())).toBe('       ----t|', { t: 'error: The call of a was denied and not run. Reason: nobody decided within 3 ms' });
    m.expectObservable(resultText(late('allow'))).toBe('----t|', { t: 'done' });
    const over = make(oneCall(m), [scriptedTool('a', 'done')], { approve: decidedBy(m.hot<Decision>('--|')) });
    m.expectObservable(resultText(over.run$)).toBe('       --t|', { t: 'error: The call of a was denied and not run. Reason: no decision can come any more' });
  }));

  it('may change the input, which the tool checks again', marbles((m) => {
    const inputs: unknown[] = [];
    const a = tool({
      name: 'a',
      description: '',
      input: { type: 'object', properties: { n: { type: 'number' } } },
      execute: (input) => {
        inputs.push(input);
        return 'done';
      },
    });
    const changed = (answer: ApprovalAnswer) => make(oneCall(m), [a], { approve: () => of(answer) }).run$;
    m.expectObservable(resultText(changed({ decision: 'allow', input: { n: 2 } }))).toBe('  -t|', { t: 'done' });
    m.expectObservable(resultText(changed({ decision: 'allow', input: { n: '2' } }))).toBe('-t|', {
      t: 'error: The input of a is not valid. n: Instance type "string" is invalid. Expected "number".',
    });
    m.expectObservable(changed({ decision: 'allow', input: { n: 3 }, reason: 'less' }).pipe(filter((event) => event.type === 'tool_approval'), map(({ content }) => content))).toBe('-x|', {
      x: burst({ id: 'a', name: 'a', input: {}, decision: 'requested' }, { id: 'a', name: 'a', input: { n: 3 }, decision: 'granted', reason: 'less' }),
    });
    m.flush();
    expect(inputs).toEqual([{ n: 2 }, { n: 3 }]);
  }));

  it.each<[string, Approve]>([
    ['throws', () => { throw new Error('no form'); }],
    ['fails', () => throwError(() => new Error('no form'))],
    ['answers with something else', () => of(JSON.parse('{ "decision": "perhaps" }'))],
    ['answers with an input that is no JSON', () => ({ decision: 'allow', input: JSON.parse('{"__proto__": 1}') })],
  ])('that %s ends the run with an error event, its calls answered and none run', (_, approve) =>
    marbles((m) => {
      const tools = [scriptedTool('a', 'never'), scriptedTool('b', 'never')];
      m.expectObservable(shape(make(twoCalls(m), tools, { approve }).run$)).toBe(['AbE', '--|'], {
        A: begun,
        b: 'call b',
        E: burst('m', 'requested a', 'result a', 'end a', 'result b', 'end b', 'error'),
      });
      m.expectObservable(failureOf(make(twoCalls(m), tools, { approve }).run$).pipe(map(({ code }) => code))).toBe('--(c|)', { c: 'callback' });
      m.flush();
      expect(tools.flatMap(({ calls }) => calls)).toEqual([]);
    })(),
  );
});

describe('who is asked', () => {
  const events = (run$: Observable<StreamEvent>) => run$.pipe(filter(({ type }) => type === 'tool_approval' || type === 'tool_result'));
  const asks: Approve = () => of('allow' as const);
  const over = (name: string, approval?: 'allow' | 'ask' | 'deny') => ({ ...scriptedTool(name, 'done'), ...(approval === undefined ? {} : { approval }) });

  it('is decided by the tool where it says so, and else by the agent', marbles((m) => {
    const count = (run$: Observable<StreamEvent>) => events(run$).pipe(map((event) => event.type === 'tool_approval' ? event.content.decision : event.type === 'tool_result' && event.content.isError ? 'refused' : 'done'));
    const [done, refused, asked] = ['done', 'refused', burst('requested', 'granted', 'done')];
    const expected: readonly [Parameters<typeof make>[2], Parameters<typeof over>[1], unknown][] = [
      [{}, undefined, done],
      [{ approve: asks }, undefined, asked],
      [{ approve: asks }, 'allow', done],
      [{ approve: asks }, 'deny', refused],
      [{ approve: asks, approval: 'allow' }, undefined, done],
      [{ approve: asks, approval: 'allow' }, 'ask', asked],
      [{ approval: 'deny' }, undefined, refused],
      [{ approval: 'deny' }, 'allow', done],
      [{}, 'ask', refused],
    ];
    for (const [options, approval, x] of expected) m.expectObservable(count(make(oneCall(m), [over('a', approval)], options).run$)).toBe('-x|', { x });
  }));

  it('is decided by a function that sees the call and its tool, whose annotations it need not believe', marbles((m) => {
    const seen: unknown[] = [];
    const a = { ...scriptedTool('a', 'done'), annotations: { readOnlyHint: true } };
    const { run$ } = make(oneCall(m), [a], {
      approval: ({ name, input }, context) => {
        seen.push([name, input, context.path, context.tool.annotations]);
        return 'deny';
      },
    });
    m.expectObservable(resultText(run$)).toBe('-t|', { t: 'error: The call of a was denied and not run.' });
    m.flush();
    expect(seen).toEqual([['a', {}, [], { readOnlyHint: true }]]);
  }));

  it('is a wrong set-up where nobody could be, or where the policy fails', marbles((m) => {
    expect(() => agent({ provider: () => EMPTY, approval: 'ask' })).toThrow('approve');
    const failing = make(oneCall(m), [scriptedTool('a', 'never')], {
      approval: () => {
        throw new Error('no rule');
      },
    });
    m.expectObservable(failureOf(failing.run$)).toBe('-(e|)', {
      e: { error: 'approval of a failed: no rule', code: 'callback', retryable: false, partial: true },
    });
  }));
});
