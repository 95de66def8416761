import { BehaviorSubject, concat, defer, EMPTY, finalize, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { agent, tool, type Tool } from 'coldstream';
import { scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { collect } from '../support/collect.js';

const answers = (name: string, text: string): Tool => tool({ name, description: '', input: { type: 'object' }, execute: () => text });
const call = (name: string) => toolTurn({ id: 'call_1', name });

/** A source that says when it is used. */
function watched(source: Observable<readonly Tool[]>) {
  const log: string[] = [];
  const tools$ = defer(() => {
    log.push('subscribed');
    return source.pipe(finalize(() => log.push('released')));
  });
  return { log, tools$ };
}

describe('a source of tools', () => {
  it('is subscribed at the start of the run and released at its end, whichever that is', () => {
    const source = watched(concat(of([answers('a', 'A')]), NEVER));
    const provider = scriptedProvider([textTurn('ok'), new Error('gone'), NEVER]);
    const ask = agent({ provider, tools: [source.tools$], resilience: false });
    const run$ = ask('Hi');
    expect(source.log).toEqual([]);
    expect(collect(run$).at(-1)?.type).toBe('complete');
    expect(collect(run$).at(-1)?.type).toBe('error');
    run$.subscribe().unsubscribe();
    expect(source.log).toEqual(['subscribed', 'released', 'subscribed', 'released', 'subscribed', 'released']);
  });

  it('is waited for before the first turn', () => {
    const source = new Subject<readonly Tool[]>();
    const provider = scriptedProvider([textTurn('ok')]);
    const types: string[] = [];
    agent({ provider, tools: [source, answers('b', 'B')] })('Hi').subscribe(({ type }) => types.push(type));
    expect([types, provider.requests]).toEqual([['run_start'], []]);
    source.next([answers('a', 'A')]);
    expect(provider.requests[0]?.tools?.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is used with its latest tools by each iteration', () => {
    const source = new BehaviorSubject<readonly Tool[]>([]);
    const first = scriptedTool('first', () => {
      source.next([scriptedTool('second', '2')]);
      return '1';
    });
    source.next([first]);
    const provider = scriptedProvider([call('first'), call('second'), textTurn('ok')]);
    const events = collect(agent({ provider, tools: [source] })('Hi'));
    expect(provider.requests.map(({ tools }) => tools?.map(({ name }) => name))).toEqual([['first'], ['second'], ['second']]);
    expect(events.flatMap((each) => (each.type === 'tool_result' ? [each.content.isError] : []))).toEqual([false, false]);
  });

  it('that completes keeps its tools, and one that is empty has none', () => {
    const provider = scriptedProvider([textTurn('ok')]);
    expect(collect(agent({ provider, tools: [of([answers('a', 'A')]), EMPTY] })('Hi')).at(-1)?.type).toBe('complete');
    expect(provider.requests[0]?.tools?.map(({ name }) => name)).toEqual(['a']);
  });

  it('that fails before it has given tools ends the run', () => {
    const provider = scriptedProvider([]);
    const events = collect(agent({ provider, tools: [throwError(() => new Error('no such server'))] })('Hi'));
    expect(events.map(({ type }) => type)).toEqual(['run_start', 'error']);
    expect(events.at(-1)).toMatchObject({ content: { code: 'tool_source', error: expect.stringContaining('no such server') } });
  });

  it('that fails later leaves its last tools in place', () => {
    const source = new Subject<readonly Tool[]>();
    const provider = scriptedProvider([call('a'), textTurn('ok')]);
    const dying = scriptedTool('a', () => {
      source.error(new Error('server gone'));
      return 'A';
    });
    const types: string[] = [];
    agent({ provider, tools: [source] })('Hi').subscribe(({ type }) => types.push(type));
    source.next([dying]);
    expect(types.at(-1)).toBe('complete');
  });
});
