import fc from 'fast-check';
import type { EventBody, StreamEvent } from '../../src/events/events.js';
import { foldMessage, readMessageFold, startMessageFold, stepMessageFold } from '../../src/messages/fold-message.js';
import { streamEvent } from '../support/arbitraries.js';
import { asTurn, mixedTurn, turn } from '../support/turn-arbitrary.js';

const text = (content: string, block = 0): EventBody => ({ type: 'text_delta', content, block });
const retry = (discard: boolean): EventBody => ({
  type: 'retry',
  content: { attempt: 1, delayMs: 0, error: { code: 'overloaded', message: 'busy' }, discard },
  usage: null,
});

describe('foldMessage', () => {
  it('law 5: gives the text, citations, thinking and calls of the message, whatever the pieces', () => {
    fc.assert(fc.property(turn, ({ message, events }) => expect(foldMessage(events)).toEqual(message)));
  });

  it('N28: puts blocks in order of position, however their pieces are mixed', () => {
    fc.assert(fc.property(mixedTurn, ({ message, events }) => expect(foldMessage(events)).toEqual(message)));
  });

  it('passes over what tells nothing of the answer, and every other path', () => {
    const silent = new Set<string>(['run_start', 'tool_progress', 'tool_result', 'tool_use_end', 'usage', 'message', 'raw', 'custom', 'complete', 'error']);
    const noise = streamEvent.filter(({ type, path }) => silent.has(type) || path.length > 0);
    fc.assert(
      fc.property(turn, fc.array(noise, { maxLength: 5 }), fc.nat(), ({ message, events }, others, place) => {
        const at = place % (events.length + 1);
        expect(foldMessage([...events.slice(0, at), ...others, ...events.slice(at)])).toEqual(message);
      }),
    );
  });

  it('folds the turn of a sub-agent when it is asked to', () => {
    fc.assert(
      fc.property(turn, turn, (own, theirs) => {
        const path = ['call_1', 'call_7'];
        const events = [...theirs.events.map((event) => ({ ...event, path })), ...own.events, ...asTurn([text('near')], { path: ['call_1'] })];
        expect(foldMessage(events, path)).toEqual(theirs.message);
        expect(foldMessage(events)).toEqual(own.message);
      }),
    );
  });

  it('drops an attempt that a retry discards, and nothing for a retry that does not', () => {
    fc.assert(
      fc.property(turn, turn, (dropped, kept) => {
        expect(foldMessage([...dropped.events, ...asTurn([retry(true)]), ...kept.events])).toEqual(kept.message);
        expect(foldMessage([...kept.events, ...asTurn([retry(false)])])).toEqual(kept.message);
      }),
    );
  });

  it('takes the last turn of a run', () => {
    const first = asTurn([text('Let me see.'), { type: 'tool_use_start', content: { id: 'call_1', name: 'clock', input: {} } }]);
    const second = asTurn([{ type: 'iteration_start' }, text('Noon.')], { iteration: 1 });
    const end = asTurn([{ type: 'complete', usage: null, stopReason: 'end_turn', iterations: 2, messages: [] }], { iteration: 1 });
    expect(foldMessage([...first, ...second, ...end]).content).toEqual([{ type: 'text', text: 'Noon.' }]);
    expect(foldMessage([...first, ...second.slice(0, 1)]).content).toEqual([]);
    expect(foldMessage([...first, ...second.slice(1)]).content).toEqual([{ type: 'text', text: 'Noon.' }]);
  });

  it('M5: a call cut before its end stands with what can be read of its input', () => {
    const events = asTurn([
      { type: 'tool_input_start', content: { id: 'call_1', name: 'write' }, block: 0 },
      { type: 'tool_input_delta', content: { id: 'call_1', delta: '{"lines":["one","tw' }, block: 0 },
    ]);
    expect(foldMessage(events).content).toEqual([{ type: 'tool_use', id: 'call_1', name: 'write', input: { lines: ['one'] } }]);
  });

  it('M4: a call without any input has an empty one', () => {
    const events = asTurn([{ type: 'tool_input_start', content: { id: 'call_1', name: 'clock' }, block: 0 }]);
    expect(foldMessage(events).content).toEqual([{ type: 'tool_use', id: 'call_1', name: 'clock', input: {} }]);
  });

  it('M9: keeps two calls of one id apart', () => {
    const call = (block: number, input: string): EventBody[] => [
      { type: 'tool_input_start', content: { id: 'same', name: `tool_${block}` }, block },
      { type: 'tool_input_delta', content: { id: 'same', delta: input }, block },
      { type: 'tool_use_start', content: { id: 'same', name: `tool_${block}`, input: { block } } },
    ];
    expect(foldMessage(asTurn([...call(0, '{"block":0}'), ...call(1, '{"block":1}')])).content).toEqual([
      { type: 'tool_use', id: 'same', name: 'tool_0', input: { block: 0 } },
      { type: 'tool_use', id: 'same', name: 'tool_1', input: { block: 1 } },
    ]);
    const atTheEnd = asTurn([...call(0, '').slice(2), ...call(1, '').slice(2)]);
    expect(foldMessage(atTheEnd).content).toHaveLength(2);
  });

  it('shows calls that the provider ran itself, as blocks that no provider is sent', () => {
    const use = { id: 'srv_1', name: 'search', input: { query: 'rain' } };
    const result = { id: 'srv_1', name: 'search', content: ['wet'], isError: false };
    const events = asTurn([
      { type: 'server_tool_use', content: { ...use, block: 0 } },
      { type: 'server_tool_result', content: { ...result, block: 1 } },
      text('It rains.', 2),
    ]);
    expect(foldMessage(events).content).toEqual([
      { type: 'provider', provider: 'unknown', block: { type: 'server_tool_use', ...use } },
      { type: 'provider', provider: 'unknown', block: { type: 'server_tool_result', ...result } },
      { type: 'text', text: 'It rains.' },
    ]);
  });

  it('loses nothing where thinking and text claim one position', () => {
    const events = asTurn([{ type: 'thinking', content: 'Hm', block: 0 }, text('Yes'), { type: 'thinking', content: 'm.', block: 0 }, text('.')]);
    expect(foldMessage(events).content).toEqual([
      { type: 'thinking', thinking: 'Hmm.' },
      { type: 'text', text: 'Yes.' },
    ]);
  });
});

describe('stepMessageFold', () => {
  it('gives after every event what foldMessage gives for the events so far; earlier folds stay valid', () => {
    fc.assert(
      fc.property(mixedTurn, ({ events }) => {
        const folds = [startMessageFold()];
        for (const event of events) folds.push(stepMessageFold(folds.at(-1) ?? startMessageFold(), event));
        folds.forEach((fold, length) => expect(readMessageFold(fold)).toEqual(foldMessage(events.slice(0, length))));
      }),
    );
  });

  it('changes neither the fold nor the event', () => {
    const freeze = <Value>(value: Value): Value => {
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) Object.values(Object.freeze(value)).forEach(freeze);
      return value;
    };
    fc.assert(
      fc.property(mixedTurn, ({ message, events }) => {
        let fold = freeze(startMessageFold());
        for (const event of freeze(events)) fold = freeze(stepMessageFold(fold, event));
        expect(readMessageFold(fold)).toEqual(message);
      }),
    );
  });

  it('gives back the fold itself for what tells nothing', () => {
    const fold = asTurn([text('x')]).reduce(stepMessageFold, startMessageFold());
    for (const event of asTurn([{ type: 'custom', name: 'tick', content: 1 }, retry(false)])) expect(stepMessageFold(fold, event)).toBe(fold);
  });

  it('law 9: takes as many steps for the last event as for the first, over many blocks and long ones', () => {
    // Every look at an earlier part reads its `kind`; the getter counts them.
    const blocks = 3_000;
    const events: StreamEvent[] = [];
    for (let block = 0; block < blocks; block += 1) {
      const call = { id: `call_${block}`, name: 'clock' };
      const inPieces = block % 2 === 0;
      if (inPieces) events.push(...asTurn([{ type: 'tool_input_start', content: call, block }]));
      if (inPieces) events.push(...asTurn([{ type: 'tool_input_delta', content: { id: call.id, delta: '{}' }, block }]));
      events.push(...asTurn([{ type: 'tool_use_start', content: { ...call, input: {} } }]));
    }
    events.push(...asTurn(Array.from({ length: blocks }, () => text('x', blocks))));
    let looks = 0;
    let fold = startMessageFold();
    for (const event of events) {
      fold = stepMessageFold(fold, event);
      const { active } = fold;
      if (active === null) continue;
      const { kind } = active;
      const counted = Object.defineProperty({ ...active }, 'kind', {
        enumerable: true,
        get: () => {
          looks += 1;
          return kind;
        },
      });
      fold = { ...fold, active: counted };
    }
    expect(readMessageFold(fold).content).toHaveLength(blocks + 1);
    // One or two looks at the active part for each event, one to copy it, and one to read each part at the end.
    expect(looks).toBeLessThan(events.length * 4);
  });
});
