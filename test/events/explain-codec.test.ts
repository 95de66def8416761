import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { explain } from '../../src/events/explain-codec.js';
import { Json } from '../../src/events/json-codec.js';
import { Message } from '../../src/messages/message-codec.js';
import { Usage } from '../../src/messages/usage-codec.js';

function errorsOf(codec: t.Type<unknown> | t.Decoder<unknown, unknown>, value: unknown): t.Errors {
  const result = codec.decode(value);
  if (E.isRight(result)) throw new Error('it decoded');
  return result.left;
}

describe('explain', () => {
  it('shows short values, and of large ones only kind and size', () => {
    const large = 'x'.repeat(1_000_000);
    const shown = (role: unknown): string => explain(errorsOf(Message, { role, content: [] }));
    expect(shown('agent')).toContain('Invalid value "agent" supplied to');
    expect(shown(large)).toContain('Invalid value "<text of 1000000 characters>" supplied to');
    expect(shown(Array.from({ length: 9 }, () => large))).toContain('"<array of 9>"');
    expect(shown({ key: large, other: 1 })).toContain('"<object with 2 members>"');
  });

  it('D5: of what stands in a refused object nothing is told', () => {
    const message = explain(errorsOf(Usage, { inputTokens: { secret: 'sk-canary-123' } }));
    expect(message).toContain('Usage/inputTokens: number');
    expect(message).not.toContain('sk-canary');
  });

  it('survives values that JSON cannot write', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const value of [1n, Symbol('s'), () => 1, cycle, Number.NaN, undefined, Object.create(null)]) {
      expect(explain([{ value, context: [{ key: '', type: Json }] }])).toContain('supplied to : Json');
    }
  });

  it('stays short for many errors, for a long path and for long names', () => {
    const many = explain(errorsOf(Message, { role: 'user', content: Array.from({ length: 300_000 }, () => ({ type: 'text' })) }));
    expect(many).toContain('content: ContentBlock[]/0: TextBlock/text: string');
    expect(many).toMatch(/; and 299997 more$/);
    expect(many.length).toBeLessThan(1_500);
    let deep: unknown = Number.NaN;
    for (let level = 0; level < 400; level += 1) deep = { ['n'.repeat(500)]: deep };
    const long = explain(errorsOf(Json, deep));
    expect(long).toContain('Not safe JSON: NaN');
    expect(long.length).toBeLessThan(500);
    let nested: unknown = { type: 'text' };
    for (let level = 0; level < 200; level += 1) nested = { type: 'tool_result', toolUseId: 'c', isError: false, content: [nested] };
    const path = explain(errorsOf(Message, { role: 'user', content: [nested] }));
    expect(path).toMatch(/^Invalid value undefined supplied to : Message\/content/);
    expect(path).toMatch(/TextBlock\/text: string$/);
    expect(path.length).toBeLessThan(500);
  });
});
