import { EMPTY, finalize, NEVER, of, Subject, takeWhile, throwError, type Observable } from 'rxjs';
import { agent, memoryHistory, tool, type AgentOptions, type History, type RunParams } from 'coldstream';
import { assistant, event, scriptedProvider, textTurn, toolTurn, user, type ScriptedTurn } from 'coldstream/testing';
import { textOnly } from '../../operators/text-only.js';
import type { StreamEvent } from '../../src/events/events.js';
import type { Message } from '../../src/messages/message.js';
import { collect } from '../support/collect.js';

const noop = tool({ name: 'noop', description: '', input: { type: 'object' }, execute: () => 'done' });
const hang = tool({ name: 'hang', description: '', input: { type: 'object' }, execute: () => NEVER });
const use = (id: string, name: string) => ({ id, name, input: {} });
const result = (toolUseId: string, text: string, isError = false) => ({ type: 'tool_result' as const, toolUseId, content: [{ type: 'text' as const, text }], isError });
const unanswered = 'This call was not answered: it was cut off, or the run was stopped.';

/** A history that records what it is asked, and lets a test say when an append is done. */
function recorder(append: (messages: readonly Message[]) => Observable<unknown> = () => EMPTY) {
  const appended: (readonly Message[])[] = [];
  const errors: unknown[] = [];
  const history: History = {
    load: () => of(appended.flat()),
    append: (messages) => {
      appended.push(messages);
      return append(messages);
    },
    onError: (error) => errors.push(error),
  };
  return { history, appended, errors };
}

function make(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}) {
  const provider = scriptedProvider(turns);
  return { provider, ask: agent({ provider, tools: [noop, hang], resilience: false, ...options }) };
}

describe('history', () => {
  it('is sent before the input and gets each iteration whole, in order', () => {
    const { history, appended } = recorder();
    appended.push([user('Earlier'), assistant('Yes?')]);
    const { ask, provider } = make([toolTurn(use('call_1', 'noop')), textTurn('Bye')], { history });
    const events = collect(ask('Hi'));
    expect(events[0]).toMatchObject({ type: 'run_start', historyLength: 2 });
    expect(provider.requests[0]?.messages).toEqual([user('Earlier'), assistant('Yes?'), user('Hi')]);
    expect(appended.slice(1)).toEqual([
      [user('Hi'), { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'noop', input: {} }] }, { role: 'user', content: [result('call_1', 'done')] }],
      [assistant('Bye')],
    ]);
  });

  it('is told nothing of a run without an answer, also if its consumer leaves at the error', () => {
    const { history, appended } = recorder();
    const { ask } = make([new Error('down'), new Error('down')], { history });
    const errors: unknown[] = [];
    expect(collect(ask('Hi')).at(-1)).toMatchObject({ type: 'error' });
    ask('Hi').pipe(textOnly()).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toHaveLength(1);
    expect(appended).toEqual([]);
  });

  it('is written before iteration_end, which waits for it', () => {
    const written$ = new Subject<void>();
    const { history } = recorder(() => written$);
    const types: string[] = [];
    make([textTurn('Bye')], { history }).ask('Hi').subscribe(({ type }) => types.push(type));
    expect(types.at(-1)).toBe('message');
    written$.complete();
    expect(types.slice(-2)).toEqual(['iteration_end', 'complete']);
  });

  it('remembers across runs with memoryHistory, and not without one', () => {
    const history = memoryHistory();
    const { ask, provider } = make([textTurn('Hello'), textTurn('You said hi'), textTurn('?')], { history });
    collect(ask('Hi'));
    collect(ask('What did I say?'));
    collect(ask('And now?', { useHistory: false }));
    expect(provider.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 1]);
    expect(history.messages()).toHaveLength(4);
  });

  it('given with the run wins over the agent\'s', () => {
    const [own, given] = [memoryHistory(), memoryHistory()];
    collect(make([textTurn('Hello')], { history: own }).ask('Hi', { history: given }));
    expect([own.messages().length, given.messages().length]).toEqual([0, 2]);
  });

  it('that fails to load or to be written ends the run with an error event', () => {
    const broken: History = { load: () => throwError(() => new Error('disk')), append: () => EMPTY };
    expect(collect(make([], { history: broken }).ask('Hi')).map(({ type }) => type)).toEqual(['run_start', 'error']);
    const { history } = recorder(() => throwError(() => new Error('full')));
    expect(collect(make([textTurn('Hello')], { history }).ask('Hi')).at(-1)).toMatchObject({ type: 'error', content: { code: 'history', error: expect.stringContaining('full') } });
  });

  it('is held by one run at a time', () => {
    const { history } = recorder();
    const { ask } = make([NEVER, textTurn('Hello')], { history });
    const first = ask('Hi').subscribe();
    expect(collect(ask('Me too'))).toMatchObject([{ type: 'run_start' }, { type: 'error', content: { code: 'history_busy' } }]);
    first.unsubscribe();
    expect(collect(ask('Now?')).at(-1)).toMatchObject({ type: 'complete' });
  });
});

describe('after an unsubscription the history keeps', () => {
  const stoppedDuring = (turns: readonly ScriptedTurn[], params: RunParams = {}) => {
    const { history, appended } = recorder();
    make(turns, { history }).ask('Hi', params).subscribe().unsubscribe();
    return appended;
  };

  it('the user\'s message, when no answer was whole', () => {
    expect(stoppedDuring([NEVER])).toEqual([[user('Hi')]]);
  });

  it('the assistant message, finished results, and errors for the calls that were not answered', () => {
    const turns = [toolTurn(use('call_1', 'hang'), use('call_2', 'noop'))];
    const [kept] = stoppedDuring(turns);
    expect(kept?.slice(0, 2).map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(kept?.[2]).toEqual({ role: 'user', content: [result('call_1', unanswered, true), result('call_2', 'done')] });
  });

  it('not the prompt for a final answer that was not given', () => {
    const { history, appended } = recorder();
    make([toolTurn(use('call_1', 'noop')), NEVER], { history, maxIterations: 2 }).ask('Hi').subscribe().unsubscribe();
    expect(appended).toHaveLength(1);
  });

  it('nothing twice', () => {
    expect(stoppedDuring([toolTurn(use('call_1', 'noop')), NEVER])).toHaveLength(1);
    const { history, appended } = recorder();
    collect(make([textTurn('Hello')], { history }).ask('Hi').pipe(takeWhile(({ type }) => type !== 'complete', true)));
    expect(appended).toHaveLength(1);
  });

  it('an append that was on its way, and the next run waits for it', () => {
    const written$ = new Subject<void>();
    let cut = 0;
    const { history } = recorder(() => written$.pipe(finalize(() => (cut += 1))));
    const { ask } = make([textTurn('Hello'), textTurn('Again')], { history });
    ask('Hi').subscribe().unsubscribe();
    expect(cut).toBe(0);
    const events: StreamEvent[] = [];
    ask('Hi').subscribe((each) => events.push(each));
    expect(events).toEqual([]);
    written$.complete();
    expect(events[0]).toMatchObject({ type: 'run_start', historyLength: 2 });
  });

  it('tells onError of an append that failed when nobody was left', () => {
    const { history, errors } = recorder(() => throwError(() => new Error('full')));
    make([NEVER], { history }).ask('Hi').subscribe().unsubscribe();
    expect(errors).toMatchObject([{ code: 'history', message: expect.stringContaining('full') }]);
  });

  it('tells onError once, also when the append fails later or had begun before, and not while the run is there', () => {
    const written$ = new Subject<void>();
    const { history, errors } = recorder(() => written$);
    make([textTurn('Hello')], { history }).ask('Hi').subscribe().unsubscribe();
    written$.error(new Error('full'));
    expect(errors).toHaveLength(1);
    const attended = recorder(() => throwError(() => new Error('full')));
    collect(make([textTurn('Hello')], { history: attended.history }).ask('Hi'));
    expect(attended.errors).toEqual([]);
  });

  it('tells onError of a late failure of what is kept afterwards', () => {
    const written$ = new Subject<void>();
    const { history, errors } = recorder(() => written$);
    make([NEVER], { history }).ask('Hi').subscribe().unsubscribe();
    written$.error(new Error('full'));
    expect(errors).toHaveLength(1);
  });
});

describe('a run that fails keeps', () => {
  it('nothing of an input that was never answered: it may be what the service refuses', () => {
    const { history, appended } = recorder();
    collect(make([new Error('400')], { history }).ask('Hi'));
    expect(appended).toEqual([]);
  });

  it('what the history has already, after an error in a later turn', () => {
    const { history, appended } = recorder();
    const events = collect(make([toolTurn(use('call_1', 'noop')), [event.text('Hal')]], { history }).ask('Hi'));
    expect(events.at(-1)).toMatchObject({ type: 'error', content: { code: 'truncated' } });
    expect(appended).toHaveLength(1);
  });
});

describe('a caller\'s signal', () => {
  it('ends the run with an aborted error that carries usage, and the history keeps the input', () => {
    const controller = new AbortController();
    const { history, appended } = recorder();
    const events: StreamEvent[] = [];
    make([toolTurn(use('call_1', 'hang'))], { history }).ask('Hi', { signal: controller.signal }).subscribe((each) => events.push(each));
    controller.abort(new Error('user left'));
    expect(events.slice(-3)).toMatchObject([
      { type: 'tool_result', content: { id: 'call_1', isError: true } },
      { type: 'tool_use_end', content: { id: 'call_1' } },
      { type: 'error', content: { code: 'aborted', error: expect.stringContaining('user left') }, usage: { inputTokens: 10 } },
    ]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(appended).toHaveLength(1);
  });

  it('leaves the input in the history though nothing was answered', () => {
    const controller = new AbortController();
    const { history, appended } = recorder();
    make([NEVER], { history }).ask('Hi', { signal: controller.signal }).subscribe();
    controller.abort();
    expect(appended).toEqual([[user('Hi')]]);
  });

  it('that has fired already asks the provider nothing', () => {
    const { ask, provider } = make([textTurn('Hello')]);
    expect(collect(ask('Hi', { signal: AbortSignal.abort() })).map(({ type }) => type)).toEqual(['run_start', 'error']);
    expect(provider.requests).toEqual([]);
  });

  it('fired between a result and its end still balances the call', () => {
    const controller = new AbortController();
    const types: string[] = [];
    make([toolTurn(use('call_1', 'noop'))])
      .ask('Hi', { signal: controller.signal })
      .subscribe(({ type }) => {
        types.push(type);
        if (type === 'tool_result') controller.abort();
      });
    expect(types.slice(types.indexOf('message') + 1)).toEqual(['tool_result', 'tool_use_end', 'error']);
  });
});
