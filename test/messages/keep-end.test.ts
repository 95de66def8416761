import fc from 'fast-check';
import { estimateTokens, keepLast, keepTokens } from 'coldstream';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { repairMessages } from '../../src/messages/repair.js';
import { brokenHistory } from '../support/broken-history.js';
import { historyFault } from '../support/valid-history.js';

const say = (text: string): ContentBlock => ({ type: 'text', text });
const call = (id: string): ContentBlock => ({ type: 'tool_use', id, name: 'clock', input: {} });
const result = (toolUseId: string): ContentBlock => ({ type: 'tool_result', toolUseId, content: [say('noon')], isError: false });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content });
const steps = (...ids: string[]) => ids.flatMap((id) => [assistant(call(id)), user(result(id))]);

describe('keepLast', () => {
  const first = user(say('First'));
  const second = user(say('Second'));
  const whole = [first, assistant(say('One.')), second, ...steps('a', 'b', 'c'), assistant(say('Two.'))];

  it('keeps a conversation that is short enough as it is', () => {
    expect(keepLast(10)(whole)).toBe(whole);
  });

  it('keeps whole questions where they fit', () => {
    expect(keepLast(9)(whole)).toEqual(whole.slice(2));
  });

  it('keeps the question and the latest steps where one question led to more', () => {
    expect(keepLast(7)(whole)).toEqual([second, ...whole.slice(5)]);
    expect(keepLast(4)(whole)).toEqual([second, ...steps('c'), assistant(say('Two.'))]);
  });

  it('keeps the last step, whatever the limit', () => {
    expect(keepLast(1)(whole)).toEqual([second, assistant(say('Two.'))]);
    expect(keepLast(1)([first, ...steps('a', 'b')])).toEqual([first, ...steps('b')]);
    expect(keepLast(1)([...whole, first])).toEqual([first]);
    expect(keepLast(1)([])).toEqual([]);
  });

  it('takes nonsense for a fault of the program', () => {
    expect(() => keepLast(0)).toThrow('count must be a whole number');
    expect(() => keepTokens(Number.NaN)).toThrow('tokens must be a whole number');
  });

  it('M17: never splits a pair and begins with the user, whatever was handed in; it keeps an end, and no more than allowed if it can', () => {
    fc.assert(
      fc.property(brokenHistory, fc.integer({ min: 1, max: 9 }), (messages, count) => {
        const kept = keepLast(count)(messages);
        const sound = repairMessages(messages);
        expect(historyFault(kept)).toBeUndefined();
        expect(kept.slice(1)).toEqual(kept.length < 2 ? [] : sound.slice(1 - kept.length));
        // The question, a call and its results are what cannot be parted.
        expect(kept.length).toBeLessThanOrEqual(Math.max(count, 3));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('keepTokens', () => {
  it('counts by its estimate', () => {
    const messages = [user(say('First')), assistant(say('One.')), user(say('Second')), assistant(say('Two.'))];
    expect(keepTokens(200, () => 100)(messages)).toEqual(messages.slice(2));
    expect(keepTokens(1_000)(messages)).toBe(messages);
    expect(keepTokens(1_000)([user(say('x'.repeat(4_000))), ...messages])).toEqual(messages);
  });
});

describe('estimateTokens', () => {
  it('is about a quarter of the bytes of what is said', () => {
    expect(estimateTokens(user(say('x'.repeat(400))))).toBe(101);
    expect(estimateTokens(user(say('日'.repeat(100))))).toBe(76);
    expect(estimateTokens(user({ type: 'tool_result', toolUseId: 'a', content: [say('x'.repeat(400))], isError: false }))).toBe(101);
    expect(estimateTokens(user())).toBe(1);
  });

  it('counts media by their kind and not by their text', () => {
    const image: ContentBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'A'.repeat(1_000_000) } };
    expect(estimateTokens(user(image))).toBe(1_601);
  });

  it('is a positive number of any block', () => {
    fc.assert(
      fc.property(brokenHistory, (messages) => {
        for (const message of messages) expect(estimateTokens(message)).toBeGreaterThan(0);
      }),
    );
  });
});
