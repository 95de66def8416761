import { agent, memoryHistory, type History, type MemoryHistory } from 'coldstream';
import { conversation, ofType, untilError, type ConversationInput, type ConversationPolicy } from 'coldstream/operators';
import { assistant, event, marbles, scriptedProvider, scriptedTool, textTurn, toolTurn, user, type Marbles } from 'coldstream/testing';
import { defer, filter, ignoreElements, map, of, Subject, tap, timer, type Observable } from 'rxjs';
import { RunError } from '../../src/errors/errors.js';
import type { StreamEvent } from '../../src/events/events.js';
import { historyFault } from '../../test/support/valid-history.js';

const policies: readonly ConversationPolicy[] = ['switch', 'queue', 'drop', 'collect'];
const said = (text: string): StreamEvent => event.text(text);
const nothing: Readonly<Record<string, StreamEvent>> = {};
const events = { a: said('a'), b: said('b'), c: said('c'), x: said('b,c') };

const textOf = (input: ConversationInput): string =>
  [input].flat().map((part) => (typeof part === 'string' ? part : part.content.map((block) => (block.type === 'text' ? block.text : '?')).join(''))).join();

/** Answers each message by three events that repeat it; knows when each answer was under way. */
function echo(m: Marbles) {
  const answers = new Map<string, ReturnType<typeof m.cold<StreamEvent>>>();
  const ask = (input: ConversationInput): Observable<StreamEvent> => {
    const text = textOf(input);
    const answer = m.cold('-x-x-x|', { x: said(text) });
    answers.set(text, answer);
    return answer;
  };
  const when = (text: string) => answers.get(text)?.subscriptions ?? [];
  return { ask, when };
}

describe('conversation', () => {
  it.each(policies)('never: with %s, a user who says nothing yet', (policy) => marbles((m) => {
    const source = m.cold('                                   -');
    m.expectObservable(source.pipe(conversation(echo(m).ask, { policy })), '---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('                ^--!');
  })());

  it.each(policies)('empty: with %s, a user who says nothing', (policy) => marbles((m) => {
    const source = m.cold('                                    --|');
    m.expectObservable(source.pipe(conversation(echo(m).ask, { policy }))).toBe('--|');
    m.expectSubscriptions(source.subscriptions).toBe('                 ^-!');
  })());

  it.each(policies)('one and many: with %s, a message, and another after its answer', (policy) => marbles((m) => {
    const one = m.cold('                                               -a|');
    m.expectObservable(one.pipe(conversation(echo(m).ask, { policy }))).toBe('--a-a-a|', events);
    m.expectSubscriptions(one.subscriptions).toBe('                    ^-!');
    const { ask, when } = echo(m);
    const many = m.cold('                                          -a--------b|');
    m.expectObservable(many.pipe(conversation(ask, { policy }))).toBe('--a-a-a----b-b-b|', events);
    m.flush();
    m.expectSubscriptions(when('a')).toBe('                            -^-----!');
    m.expectSubscriptions(when('b')).toBe('                            ----------^-----!');
  })());

  it('switch: a message stops the answer under way', marbles((m) => {
    const { ask, when } = echo(m);
    const messages = m.cold('-a-b-c|');
    m.expectObservable(messages.pipe(conversation(ask, { policy: 'switch' }))).toBe('--a-b-c-c-c|', events);
    m.flush();
    m.expectSubscriptions(when('a')).toBe('-^-!');
    m.expectSubscriptions(when('b')).toBe('---^-!');
    m.expectSubscriptions(when('c')).toBe('-----^-----!');
  }));

  it('queue: messages are answered one after the other', marbles((m) => {
    const { ask, when } = echo(m);
    const messages = m.cold('-a-b-c|');
    m.expectObservable(messages.pipe(conversation(ask, { policy: 'queue' }))).toBe('--a-a-a-b-b-b-c-c-c|', events);
    m.flush();
    m.expectSubscriptions(when('b')).toBe('-------^-----!');
    m.expectSubscriptions(when('c')).toBe('-------------^-----!');
  }));

  it('drop: what is said during an answer is not heard', marbles((m) => {
    const { ask, when } = echo(m);
    const messages = m.cold('-a-b-c|');
    m.expectObservable(messages.pipe(conversation(ask, { policy: 'drop' }))).toBe('--a-a-a|', events);
    m.flush();
    expect(when('b')).toEqual([]);
  }));

  it('collect: what is said during an answer is answered together, after it', marbles((m) => {
    const { ask, when } = echo(m);
    const messages = m.cold('-a-b-c|');
    m.expectObservable(messages.pipe(conversation(ask, { policy: 'collect' }))).toBe('--a-a-a-x-x-x|', events);
    // And again, while the second answer is under way.
    const again = m.cold('-a-b-----c|');
    m.expectObservable(again.pipe(conversation(echo(m).ask, { policy: 'collect' }))).toBe('--a-a-a-b-b-b-c-c-c|', events);
    m.flush();
    m.expectSubscriptions(when('b,c')).toBe('-------^-----!');
  }));

  it('collect: a message that waits alone is handed on as it is, several as messages', () => {
    const inputs: ConversationInput[] = [];
    const messages = new Subject<ConversationInput>();
    const answers: Subject<StreamEvent>[] = [];
    messages.pipe(conversation((input) => {
      inputs.push(input);
      const answer = new Subject<StreamEvent>();
      answers.push(answer);
      return answer;
    }, { policy: 'collect' })).subscribe();
    messages.next('a');
    messages.next(user('b'));
    answers[0]?.complete();
    messages.next('c');
    messages.next(user('d'));
    messages.next([user('e'), assistant('f')]);
    answers[1]?.complete();
    expect(inputs).toEqual(['a', user('b'), [user('c'), user('d'), user('e'), assistant('f')]]);
  });

  it.each(policies)('error: with %s, an error of the source stops the answer and passes', (policy) => marbles((m) => {
    const { ask, when } = echo(m);
    const source = m.cold('                                         -a-#', undefined, new TypeError('broken'));
    m.expectObservable(source.pipe(conversation(ask, { policy }))).toBe('--a#', events, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('              ^--!');
    m.flush();
    m.expectSubscriptions(when('a')).toBe('                         -^-!');
  })());

  it.each(policies)('never-ending: with %s, an answer that does not end', (policy) => marbles((m) => {
    const endless = m.cold('                                                       -a--a---', events);
    const source = m.cold('                                                       -q|');
    m.expectObservable(source.pipe(conversation(() => endless, { policy })), '     --------!').toBe('--a--a', events);
    m.expectSubscriptions(endless.subscriptions).toBe('                           -^------!');
  })());

  it.each(policies)('unsubscribed: with %s, stops the source and the answer when it is unsubscribed', (policy) => marbles((m) => {
    const { ask, when } = echo(m);
    const source = m.cold('                                            -a------');
    m.expectObservable(source.pipe(conversation(ask, { policy })), '   ---!').toBe('--a', events);
    m.expectSubscriptions(source.subscriptions).toBe('                 ^--!');
    m.flush();
    m.expectSubscriptions(when('a')).toBe('                            -^-!');
  })());

  it.each(policies)('callback: with %s, an agent that throws fails the conversation', (policy) => marbles((m) => {
    const source = m.cold('                                                      -a---');
    const ask = (): never => {
      throw new TypeError('no agent');
    };
    m.expectObservable(source.pipe(conversation(ask, { policy }))).toBe('         -#', nothing, new TypeError('no agent'));
    m.expectSubscriptions(source.subscriptions).toBe('                           ^!');
  })());

  it('refuses a policy that there is not', () => {
    // A caller without types.
    const options: { readonly policy: ConversationPolicy } = JSON.parse('{ "policy": "interrupt" }');
    expect(() => conversation(() => of(), options)).toThrow("policy must be 'switch' or 'queue' or 'drop' or 'collect', not \"interrupt\"");
  });
});

/** What runs told of themselves: `(3)` a run that found three messages, its text, `!` a failure. */
const told = (events$: Observable<StreamEvent>): Observable<string> =>
  events$.pipe(
    ofType('run_start', 'text_delta', 'tool_use_start', 'error'),
    map((each) => {
      if (each.type === 'run_start') return `(${String(each.historyLength)})`;
      if (each.type === 'error') return `!${each.content.code}`;
      return each.type === 'text_delta' ? each.content : `${each.content.name}?`;
    }),
  );

/** A history that takes its time to write. */
function slowHistory(writeMs: number): History & Pick<MemoryHistory, 'messages'> {
  const memory = memoryHistory();
  return { ...memory, append: (messages) => timer(writeMs).pipe(tap(() => [...memory.append(messages)]), ignoreElements()) };
}

describe('conversation with an agent', () => {
  const turns = (m: Marbles) => [
    m.cold('-a-b-(m|)', { a: event.text('One, '), b: event.text('two.'), m: event.message('One, two.') }),
    m.cold('-a-(m|)', { a: event.text('Three.'), m: event.message('Three.') }),
    m.cold('-a-(m|)', { a: event.text('Four.'), m: event.message('Four.') }),
  ];

  it('remembers what was said, in a history of its own for each subscription', marbles((m) => {
    const provider = scriptedProvider([...turns(m).slice(1), ...turns(m).slice(1)]);
    const talk$ = m.cold('p----q|', { p: 'Hi', q: 'And?' }).pipe(conversation(agent({ provider }), { policy: 'queue' }), told);
    const values = { s: '(0)', a: 'Three.', z: '(2)', b: 'Four.' };
    m.expectObservable(talk$).toBe('               sa---zb-|', values);
    m.expectObservable(talk$, '---------^').toBe('---------sa---zb-|', values);
    m.flush();
    expect(provider.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 1, 3]);
  }));

  it('switch: an interrupted answer is not kept, what was asked is, and no run meets a history in use', marbles((m) => {
    const provider = scriptedProvider(turns(m));
    const history = memoryHistory();
    const messages = m.cold('p-q---r|', { p: 'Count.', q: 'Stop.', r: 'Go on.' });
    const values = { s: '(0)', a: 'One, ', z: '(1)', b: 'Three.', y: '(3)', c: 'Four.' };
    m.expectObservable(messages.pipe(conversation(agent({ provider }), { policy: 'switch', history }), told)).toBe('sazb--yc-|', values);
    m.flush();
    expect(history.messages()).toEqual([user('Count.'), user('Stop.'), assistant('Three.'), user('Go on.'), assistant('Four.')]);
  }));

  it('switch: a call that is cut short by the user has a result that says why', marbles((m) => {
    const slow = scriptedTool('slow', 'done', { latency: 100 });
    const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'slow' }), textTurn('As you like.')]);
    const history = memoryHistory();
    const messages = m.cold('p----q|', { p: 'Work.', q: 'Never mind.' });
    const talk$ = messages.pipe(conversation(agent({ provider, tools: [slow] }), { policy: 'switch', history }), told);
    m.expectObservable(talk$).toBe(['s----z|', 'a----b'], { s: '(0)', a: 'slow?', z: '(3)', b: 'As you like.' });
    m.flush();
    expect(slow.calls).toMatchObject([{ state: 'stopped' }]);
    expect(historyFault(history.messages())).toBeUndefined();
    expect(history.messages()[2]?.content).toMatchObject([{ type: 'tool_result', toolUseId: 'call_1', isError: true }]);
    expect(provider.requests[1]?.messages).toEqual(history.messages().slice(0, 4));
  }));

  it('switch: the next run waits until the history has what the interrupted one leaves', marbles((m) => {
    const provider = scriptedProvider(turns(m));
    const history = slowHistory(4);
    const messages = m.cold('p-q-----------|', { p: 'Count.', q: 'Stop.' });
    const values = { s: '(0)', a: 'One, ', z: '(1)', b: 'Three.' };
    m.expectObservable(messages.pipe(conversation(agent({ provider }), { policy: 'switch', history }), told)).toBe('sa----zb------|', values);
    m.flush();
    expect(history.messages()).toEqual([user('Count.'), user('Stop.'), assistant('Three.')]);
  }));

  it('switch: interrupted at any frame, by a user who answers from within too, the history stays valid (C1)', () => {
    const whole = 40;
    for (let frame = 0; frame < whole; frame += 1) {
      marbles((m) => {
        const pace = 1;
        const tool = scriptedTool('slow', 'done', { latency: 3 });
        const script = [toolTurn({ id: 'call_1', name: 'slow' }, { id: 'call_2', name: 'slow' }), textTurn('Done.'), textTurn('Yes.')];
        const provider = scriptedProvider([...script, ...script], { pace });
        const history = slowHistory(2);
        const messages = m.cold(`p ${String(frame)}ms q|`, { p: 'Work.', q: 'Hm?' });
        const runs: StreamEvent[] = [];
        messages.pipe(conversation(agent({ provider, tools: [tool] }), { policy: 'switch', history })).subscribe((each) => runs.push(each));
        m.flush();
        expect(runs.filter(({ type }) => type === 'error')).toEqual([]);
        expect(runs.at(-1)).toMatchObject({ type: 'complete' });
        expect([frame, historyFault(history.messages())]).toEqual([frame, undefined]);
        for (const { messages: sent } of provider.requests) expect(historyFault(sent)).toBeUndefined();
        expect(history.messages().filter(({ role, content }) => role === 'user' && content[0]?.type === 'text')).toHaveLength(2);
      })();
    }
  });

  it('switch: a message that an event of the run provokes interrupts that run', () => {
    for (const type of ['run_start', 'iteration_start', 'tool_use_start', 'message', 'tool_result', 'iteration_end', 'complete'] as const) {
      const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'noop' }), textTurn('One.'), textTurn('Two.'), textTurn('Three.')]);
      const messages = new Subject<string>();
      const history = memoryHistory();
      const errors: StreamEvent[] = [];
      let asked = false;
      messages
        .pipe(
          conversation(agent({ provider, tools: [scriptedTool('noop', 'done')] }), { policy: 'switch', history }),
          tap((each) => {
            if (each.type === 'error') errors.push(each);
            if (each.type !== type || asked) return;
            asked = true;
            messages.next('And now?');
          }),
        )
        .subscribe();
      messages.next('Go.');
      expect([type, errors]).toEqual([type, []]);
      expect(historyFault(history.messages())).toBeUndefined();
      expect(history.messages().at(-1)?.role).toBe('assistant');
      expect(history.messages().filter(({ content }) => content[0]?.type === 'text' && content[0].text === 'And now?')).toHaveLength(1);
    }
  });

  it('queue and collect: a run that fails is an event, and the next one is answered', marbles((m) => {
    const failing = () => scriptedProvider([m.cold('--#', undefined, new TypeError('no service')), textTurn('Here.')]);
    const messages = m.cold('p-q|', { p: 'Hi', q: 'Hello?' });
    const values = { s: '(0)', e: '!unknown', z: '(0)', b: 'Here.' };
    for (const policy of ['queue', 'collect'] as const) {
      const ask = agent({ provider: failing(), resilience: false });
      m.expectObservable(messages.pipe(conversation(ask, { policy }), told)).toBe(['s-e|', '--z', '--b'], values);
    }
  }));

  it('fails with an agent whose runs fail on the error channel', marbles((m) => {
    const ask = agent({ provider: scriptedProvider([new TypeError('no service')]), resilience: false });
    const messages = m.cold('-p--|', { p: 'Hi' });
    const talk$ = messages.pipe(conversation((input, params) => ask(input, params).pipe(untilError()), { policy: 'queue' }), told);
    m.expectObservable(talk$).toBe('-(s#)', { s: '(0)' }, new RunError('no service', 'unknown'));
  }));

  it('can be asked what it forgot: a history that is given lasts longer than the conversation', marbles((m) => {
    const history = memoryHistory([user('I am Ada.'), assistant('Hello.')]);
    const provider = scriptedProvider([textTurn('Ada.')]);
    const talk$ = defer(() => of('Who am I?')).pipe(conversation(agent({ provider }), { policy: 'drop', history }), told);
    m.expectObservable(talk$.pipe(filter((each) => each !== ''))).toBe('(sa|)', { s: '(2)', a: 'Ada.' });
    m.flush();
    expect(history.messages()).toHaveLength(4);
  }));
});
