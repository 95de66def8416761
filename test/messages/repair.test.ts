import fc from 'fast-check';
import { repairMessages } from 'coldstream';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { brokenHistory } from '../support/broken-history.js';
import { historyFault } from '../support/valid-history.js';

const say = (text: string): ContentBlock => ({ type: 'text', text });
const call = (id: string): ContentBlock => ({ type: 'tool_use', id, name: 'clock', input: {} });
const result = (toolUseId: string, text = 'noon'): ContentBlock => ({ type: 'tool_result', toolUseId, content: [say(text)], isError: false });
const missing = (toolUseId: string): ContentBlock => ({ type: 'tool_result', toolUseId, content: [say('The history of this conversation holds no result of this call.')], isError: true });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content });

/** Every block but those that repairing adds or drops, as text. */
const words = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap(({ role, content }) => content.flatMap((block) => (block.type === 'text' || block.type === 'thinking' ? [`${role} ${JSON.stringify(block)}`] : [])));

describe('M17: a conversation that was handed in', () => {
  it('is sound when it is repaired, whatever it was', () => {
    fc.assert(fc.property(brokenHistory, (messages) => expect(historyFault(repairMessages(messages))).toBeUndefined()), { numRuns: 3_000 });
  });

  it('is returned as it is where it is sound, and so is what was repaired', () => {
    fc.assert(
      fc.property(brokenHistory, (messages) => {
        const repaired = repairMessages(messages);
        expect(repairMessages(repaired)).toBe(repaired);
        expect(repaired === messages).toBe(historyFault(messages) === undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps every word of both sides, in order, and invents none but an opening', () => {
    fc.assert(
      fc.property(brokenHistory, (messages) => {
        const [opening, ...others] = words(repairMessages(messages));
        const kept = opening?.includes('begins with an answer') === true ? others : words(repairMessages(messages));
        expect(kept).toEqual(words(messages));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gets error results for calls without one, in call order and before what the user says next', () => {
    const repaired = repairMessages([user(say('Time?')), assistant(call('a'), call('b')), user(say('Well?'), result('b'))]);
    expect(repaired[2]).toEqual(user(missing('a'), result('b'), say('Well?')));
  });

  it('gets a message of results at its very end, and between two answers', () => {
    const repaired = repairMessages([user(say('Time?')), assistant(call('a')), assistant(call('b'))]);
    expect(repaired.slice(2)).toEqual([user(missing('a')), assistant(call('b')), user(missing('b'))]);
  });

  it('loses results of no call, second results, calls of the user and empty messages', () => {
    const sound = [user(say('Time?')), assistant(call('a')), user(result('a')), assistant(say('Noon.'))];
    const broken = [user(result('x'), say('Time?'), call('u')), assistant(call('a')), user(result('a'), result('a', 'again')), user(), assistant(say('Noon.')), user(result('a'))];
    expect(repairMessages(broken)).toEqual(sound);
  });

  it('has results put behind their calls, from later messages and from earlier ones', () => {
    const late = [user(say('Time?')), assistant(call('a')), assistant(say('Wait.')), user(result('a'))];
    expect(repairMessages(late)).toEqual([user(say('Time?')), assistant(call('a')), user(result('a')), assistant(say('Wait.'))]);
    expect(repairMessages([user(say('Time?')), user(result('a')), assistant(call('a'))])).toEqual([user(say('Time?')), assistant(call('a')), user(result('a'))]);
  });

  it('gives a call its own result and not that of a later call of the same id', () => {
    const repaired = repairMessages([user(say('Time?')), assistant(call('a')), user(say('Again?')), assistant(call('a')), user(result('a', 'one'))]);
    expect(repaired[2]).toEqual(user(missing('a'), say('Again?')));
    expect(repaired.slice(3)).toEqual([assistant(call('a_2')), user(result('a_2', 'one'))]);
  });

  it('M9: keeps two calls of one id in a turn apart, each with its own result', () => {
    const repaired = repairMessages([user(say('Times?')), assistant(call('a'), call('a')), user(result('a', 'one'), result('a', 'two'))]);
    expect(repaired.slice(1)).toEqual([assistant(call('a'), call('a_2')), user(result('a', 'one'), result('a_2', 'two'))]);
  });

  it('does not begin with an answer', () => {
    const greeting = assistant(say('What can I do?'));
    expect(repairMessages([greeting])).toEqual([user(expect.objectContaining({ type: 'text' })), greeting]);
  });
});
