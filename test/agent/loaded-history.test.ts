import * as fc from 'fast-check';
import { EMPTY, firstValueFrom, from, NEVER, of, throwError } from 'rxjs';
import { agent, keepLast, memoryHistory, summarizing, tool, trimming, type AgentInput, type History, type Message } from 'coldstream';
import { assistant, scriptedProvider, textTurn, toolTurn, user } from 'coldstream/testing';
import { brokenHistory } from '../support/broken-history.js';
import { collect } from '../support/collect.js';
import { historyFault } from '../support/valid-history.js';

const noop = tool({ name: 'noop', description: '', input: { type: 'object' }, execute: () => 'done' });
const loadedFrom = (history: History): readonly Message[] => collect(from(history.load())).flat();

/** What the model is sent in a run of two turns. */
function sent(history: History, input: AgentInput) {
  const provider = scriptedProvider([toolTurn({ id: 'a', name: 'noop' }), textTurn('Bye')]);
  const events = collect(agent({ provider, tools: [noop], history, resilience: false })(input));
  return { events, asked: provider.requests.map(({ messages }) => messages) };
}

describe('M17: whatever history is handed in', () => {
  it('what is sent is sound, in every turn, with whatever input, and the run completes', () => {
    fc.assert(
      fc.property(brokenHistory, brokenHistory, (history, input) => {
        const { asked, events } = sent(memoryHistory(history), input);
        expect(asked).toHaveLength(2);
        for (const messages of asked) expect(historyFault(messages)).toBeUndefined();
        expect(events.at(-1)?.type).toBe('complete');
      }),
      { numRuns: 500 },
    );
  });

  it('a result in the input answers the call that the history ends with', () => {
    const open: Message = { role: 'assistant', content: [{ type: 'tool_use', id: 'q', name: 'ask', input: {} }] };
    const answer: Message = { role: 'user', content: [{ type: 'tool_result', toolUseId: 'q', content: [{ type: 'text', text: 'yes' }], isError: false }] };
    expect(sent(memoryHistory([user('Hi'), open]), answer).asked[0]).toEqual([user('Hi'), open, answer]);
  });

  it('what is kept is as it was handed in, and mended again by the next run', () => {
    const history = memoryHistory([assistant('Yes?')]);
    sent(history, 'Hi');
    expect(history.messages().slice(0, 2)).toEqual([assistant('Yes?'), user('Hi')]);
    expect(sent(history, 'And?').asked.map(historyFault)).toEqual([undefined, undefined]);
  });
});

describe('trimming', () => {
  it('loads less and keeps all', () => {
    const base = memoryHistory([user('1'), assistant('2'), user('3'), assistant('4')]);
    const { asked } = sent(trimming(keepLast(2))(base), 'Hi');
    expect(asked[0]).toEqual([user('3'), assistant('4'), user('Hi')]);
    expect(base.messages()).toHaveLength(8);
  });

  it('that throws ends the run with an error event', () => {
    const history = trimming(() => {
      throw new Error('no scissors');
    })(memoryHistory());
    expect(sent(history, 'Hi').events.at(-1)).toMatchObject({ type: 'error', content: { code: 'history', error: expect.stringContaining('no scissors') } });
  });

  it('makes no second history of one: a run on it and a run on what it decorates are not at once', () => {
    const base = memoryHistory();
    const running = agent({ provider: () => NEVER, history: trimming(keepLast(2))(base), resilience: false })('Hi').subscribe();
    expect(sent(base, 'Me too').events.at(-1)).toMatchObject({ type: 'error', content: { code: 'history_busy' } });
    running.unsubscribe();
    expect(sent(base, 'Now?').events.at(-1)).toMatchObject({ type: 'complete' });
  });

  it('hands on what the history is told', () => {
    const told: unknown[] = [];
    const base: History = { load: () => of([]), append: () => throwError(() => new Error('full')), onError: (error) => told.push(error), release: () => told.push('released') };
    agent({ provider: () => EMPTY, history: trimming(keepLast(2))(base), resilience: false })('Hi').subscribe().unsubscribe();
    expect(told).toEqual(['released']);
    const { events } = sent(trimming(keepLast(2))(base), 'Hi');
    expect(events.at(-1)).toMatchObject({ type: 'error', content: { code: 'history' } });
  });
});

describe('summarizing', () => {
  const talk = (count: number): Message[] => Array.from({ length: count }, (_, nth) => (nth % 2 === 0 ? user(String(nth)) : assistant(String(nth))));

  function make(initial: readonly Message[], options: Partial<Parameters<typeof summarizing>[0]> = {}) {
    const base = memoryHistory(initial);
    const asked: (readonly Message[])[] = [];
    const history = summarizing({
      above: 6,
      keep: 2,
      summarize: (older) => {
        asked.push(older);
        return `summary ${String(asked.length)}`;
      },
      ...options,
    })(base);
    return { base, history, asked };
  }
  const told = (text: string): unknown => expect.objectContaining({ role: 'user', content: [{ type: 'text', text: expect.stringContaining(text) }] });

  it('leaves a conversation that is short enough alone', () => {
    const { history, asked } = make(talk(6));
    expect(loadedFrom(history)).toEqual(talk(6));
    expect(asked).toEqual([]);
  });

  it('loads a summary of what is older, and the end as it is', () => {
    const { history, asked, base } = make(talk(8));
    expect(loadedFrom(history)).toEqual([told('summary 1'), user('6'), assistant('7')]);
    expect(asked).toEqual([talk(6)]);
    expect(base.messages()).toEqual(talk(8));
  });

  it('keeps the summary until the conversation is too long again, and then sums up that and what came since', () => {
    const { history, asked, base } = make(talk(8));
    loadedFrom(history);
    collect(from(base.append([user('8'), assistant('9')])));
    expect(loadedFrom(history)).toEqual([told('summary 1'), ...talk(10).slice(6)]);
    expect(asked).toHaveLength(1);
    collect(from(base.append([user('10'), assistant('11')])));
    expect(loadedFrom(history)).toEqual([told('summary 2'), user('10'), assistant('11')]);
    expect(asked[1]).toEqual([told('summary 1'), ...talk(10).slice(6)]);
  });

  it('makes another one where what it covers was changed', () => {
    const conversation = { messages: talk(8) };
    const asked: (readonly Message[])[] = [];
    const history = summarizing({ above: 6, keep: 2, summarize: (older) => of(String(asked.push(older))) })({ load: () => of(conversation.messages), append: () => EMPTY });
    loadedFrom(history);
    conversation.messages = talk(9).map((message, nth) => (nth === 5 ? assistant('changed') : message));
    loadedFrom(history);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.[5]).toEqual(assistant('changed'));
  });

  it('is sound to ask a model about, and to go on with, whatever was handed in', () => {
    fc.assert(
      fc.property(brokenHistory, brokenHistory, fc.integer({ min: 1, max: 4 }), (before, since, keep) => {
        const { base, history, asked } = make(before, { above: keep + 1, keep });
        for (const more of [[], since, since]) {
          collect(from(base.append(more)));
          const loaded = loadedFrom(history);
          expect(historyFault(loaded)).toBeUndefined();
          expect(loaded.length).toBeLessThanOrEqual(Math.max(keep, 3) + 2);
        }
        for (const older of asked) expect(historyFault(older)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('that fails, or says nothing, ends the run with an error event', () => {
    for (const summarize of [() => throwError(() => new Error('no words')), () => EMPTY]) {
      const { events } = sent(make(talk(8), { summarize }).history, 'Hi');
      expect(events.at(-1)).toMatchObject({ type: 'error', content: { code: 'history' } });
    }
  });

  it('takes a promise of the summary, and limits by size', async () => {
    const { history } = make(talk(8), { above: 700, keep: 150, sizeOf: () => 100, summarize: () => Promise.resolve('later') });
    expect(await firstValueFrom(from(history.load()))).toEqual([told('later'), user('6'), assistant('7')]);
  });

  it('refuses limits that cannot be kept', () => {
    expect(() => make([], { above: 5, keep: 5 })).toThrow('keep must be below above');
    expect(() => make([], { keep: 0 })).toThrow('keep must be a whole number');
  });
});
