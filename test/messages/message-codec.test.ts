import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { Json } from '../../src/events/json-codec.js';
import { ContentBlock } from '../../src/messages/content-block-codec.js';
import { Message } from '../../src/messages/message-codec.js';
import { Usage } from '../../src/messages/usage-codec.js';
import { contentBlock, json, message, usage } from '../support/arbitraries.js';

describe('Message, ContentBlock, Usage and Json', () => {
  it('have names of their own, for error paths', () => {
    expect([Message.name, ContentBlock.name, Usage.name, Json.name]).toEqual(['Message', 'ContentBlock', 'Usage', 'Json']);
  });

  it('M18: decode from JSON text what they encoded, without loss', () => {
    const again = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(fc.property(message, (value) => expect(Message.decode(again(Message.encode(value)))).toEqual(E.right(value))));
    fc.assert(fc.property(contentBlock, (value) => expect(ContentBlock.decode(again(ContentBlock.encode(value)))).toEqual(E.right(value))));
    fc.assert(fc.property(usage, (value) => expect(Usage.decode(again(Usage.encode(value)))).toEqual(E.right(value))));
    fc.assert(fc.property(json, (value) => expect(Json.decode(again(Json.encode(value)))).toEqual(E.right(value))));
  });

  it('hand on the very value where nothing in it is unknown', () => {
    fc.assert(
      fc.property(message, (value) => {
        const result = Message.decode(value);
        expect(E.isRight(result) && result.right === value).toBe(true);
      }),
    );
  });

  it('refuse an optional member that stands there without a value', () => {
    for (const value of [null, undefined, 1]) {
      expect(E.isLeft(ContentBlock.decode({ type: 'thinking', thinking: '', signature: value }))).toBe(true);
      expect(ContentBlock.is({ type: 'thinking', thinking: '', signature: value })).toBe(false);
    }
    expect(ContentBlock.is({ type: 'thinking', thinking: '' })).toBe(true);
  });

  it('tell what they hold from what they would have to change', () => {
    const future = { type: 'video', url: 'https://example.test/v' };
    expect(ContentBlock.is(future)).toBe(false);
    expect(ContentBlock.decode(future)).toEqual(E.right({ type: 'provider', provider: 'unknown', block: future }));
    expect(E.isLeft(ContentBlock.decode({ type: 7 }))).toBe(true);
  });

  it('D1: refuse a __proto__ member in a tool input', () => {
    const block: unknown = JSON.parse('{"type":"tool_use","id":"c","name":"n","input":{"__proto__":{"isAdmin":true}}}');
    expect(E.isLeft(ContentBlock.decode(block))).toBe(true);
    expect(ContentBlock.is(block)).toBe(false);
    expect(Json.is(JSON.parse('{"__proto__":1}'))).toBe(false);
  });
});
