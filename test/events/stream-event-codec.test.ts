import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { eventBodies } from '../../src/events/event-body-codec.js';
import type { StreamEventType } from '../../src/events/events.js';
import { explain } from '../../src/events/explain-codec.js';
import { StreamEvent } from '../../src/events/stream-event-codec.js';
import { envelope, eventBody, json, jsonObject, streamEvent, streamEventOf } from '../support/arbitraries.js';

const around = { runId: 'run_1', seq: 3, path: [], iteration: 0, timestamp: 1_000, model: null, metadata: {} };

function decoded(value: unknown): StreamEvent {
  const result = StreamEvent.decode(value);
  if (E.isLeft(result)) throw new Error(explain(result.left));
  return result.right;
}

function refusal(value: unknown): string {
  const result = StreamEvent.decode(value);
  if (E.isRight(result)) throw new Error(`decoded: ${JSON.stringify(result.right)}`);
  return explain(result.left);
}

/** Every type, held complete by the compiler: a new event fails here until it is listed. */
const everyType: Readonly<Record<StreamEventType, true>> = {
  run_start: true,
  iteration_start: true,
  text_delta: true,
  thinking: true,
  citation: true,
  tool_input_start: true,
  tool_input_delta: true,
  tool_use_start: true,
  tool_progress: true,
  tool_approval: true,
  tool_result: true,
  tool_use_end: true,
  server_tool_use: true,
  server_tool_result: true,
  usage: true,
  message: true,
  retry: true,
  raw: true,
  custom: true,
  iteration_end: true,
  complete: true,
  error: true,
};

function isType(type: string): type is StreamEventType {
  return Object.hasOwn(everyType, type);
}

const types = Object.keys(everyType).filter(isType);

describe('StreamEvent', () => {
  it('has a codec and an arbitrary for every type of event', () => {
    expect(Object.keys(eventBodies).sort()).toEqual([...types].sort());
    expect(Object.keys(eventBody).sort()).toEqual([...types].sort());
  });

  it.each(types)('decodes from its JSON text what it encoded, without loss: %s', (type) => {
    fc.assert(
      fc.property(streamEventOf(type), (event) => {
        const again = decoded(JSON.parse(JSON.stringify(StreamEvent.encode(event))));
        expect(again).toEqual(event);
        expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(event)));
        expect(StreamEvent.is(event)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps members that it does not know, on the event and inside it', () => {
    fc.assert(
      fc.property(streamEvent, json, (event, value) => {
        const written: unknown = JSON.parse(JSON.stringify({ ...event, added_later: value }));
        expect(decoded(written)).toEqual(written);
      }),
    );
    const inside = { ...around, type: 'tool_use_end', content: { id: 'call_1', name: 'clock', ended_by: 'tool' } };
    expect(decoded(inside)).toEqual(inside);
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(streamEvent, (event) => {
        const before = JSON.stringify(event);
        decoded(event);
        expect(JSON.stringify(event)).toBe(before);
      }),
    );
  });

  it.each(types)('refuses an event with a member that it needs missing or of a wrong kind: %s', (type) => {
    fc.assert(
      fc.property(streamEventOf(type), (event) => {
        const optional = new Set(['name', 'threadId', 'id', 'stopReason', 'usage', 'output', 'pending', 'type']);
        for (const member of Object.keys(event).filter((key) => !optional.has(key) || (type === 'custom' && key === 'name'))) {
          const without = Object.fromEntries(Object.entries(event).filter(([key]) => key !== member));
          expect(refusal(without)).toContain(`/${member}: `);
          if (type === 'citation' || (type === 'custom' && member === 'content')) continue;
          expect(refusal({ ...event, [member]: true })).toContain(`/${member}: `);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('N21: makes raw of an unknown type, envelope and object kept', () => {
    fc.assert(
      fc.property(envelope, jsonObject, fc.string(), (outer, members, type) => {
        fc.pre(!isType(type));
        const event = { ...members, ...outer, type };
        expect(decoded(event)).toEqual({ ...outer, type: 'raw', content: { provider: 'unknown', event } });
      }),
    );
  });

  it('N21: keeps of an unknown event’s envelope what is valid, and puts neutral values for the rest', () => {
    const event = { type: 'toString', runId: 7, seq: -1, path: ['call_1'], iteration: 2, timestamp: 'noon', model: 'm-1' };
    expect(decoded(event)).toEqual({
      ...{ runId: '', seq: 0, path: ['call_1'], iteration: 2, timestamp: 0, model: 'm-1', metadata: {} },
      ...{ type: 'raw', content: { provider: 'unknown', event } },
    });
    expect(StreamEvent.is(event)).toBe(false);
  });

  it('M14: keeps a content block of an unknown type whole, beside the known ones', () => {
    const video = { type: 'video', url: 'https://example.test/v', frames: [1, 2] };
    const message = { role: 'assistant', content: [{ type: 'text', text: 'See:' }, video] };
    expect(decoded({ ...around, type: 'message', message })).toMatchObject({
      message: { role: 'assistant', content: [{ type: 'text', text: 'See:' }, { type: 'provider', provider: 'unknown', block: video }] },
    });
  });

  it('lets a failure arrive whose code a newer version added', () => {
    const failure = { error: 'spent', code: 'over_budget', retryable: false, partial: true };
    expect(decoded({ ...around, type: 'error', content: failure, usage: null, messages: [] })).toMatchObject({
      content: { error: 'spent', code: 'unknown', retryable: false, partial: true },
    });
  });

  it('names the path and what was expected there', () => {
    expect(refusal({ ...around, type: 'text_delta', content: 7, block: 0 })).toBe(
      'Invalid value 7 supplied to : StreamEvent<text_delta>/content: string',
    );
    expect(refusal({ ...around, seq: -1, type: 'iteration_start' })).toBe(
      'Invalid value -1 supplied to : StreamEvent/seq: whole number from 0',
    );
    const content = [{ type: 'text', text: 'ok' }, { type: 'tool_use', id: 'call_1', input: {} }];
    expect(refusal({ ...around, type: 'message', message: { role: 'assistant', content } })).toBe(
      'Invalid value undefined supplied to : StreamEvent<message>/message: Message/content: ContentBlock[]/1: ToolUseBlock/name: string',
    );
    expect(refusal({ ...around, type: 'message', message: { role: 'system', content: [] } })).toBe(
      'Invalid value "system" supplied to : StreamEvent<message>/message: Message/role: "user" | "assistant"',
    );
  });

  it('tells of each thing that is wrong, of the envelope too', () => {
    expect(refusal({ ...around, runId: null, type: 'text_delta', content: 'x', block: 1.5 })).toBe(
      'Invalid value null supplied to : StreamEvent/runId: string; ' +
        'Invalid value 1.5 supplied to : StreamEvent<text_delta>/block: whole number from 0',
    );
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'text_delta'],
    ['an array', [around]],
    ['an object without a type', around],
    ['a type that is no text', { ...around, type: 1 }],
    ['a type that is inherited', { ...around, ...Object.create({ type: 'iteration_start' }) }],
  ])('refuses %s', (_name, value) => {
    expect(refusal(value)).toContain('supplied to : StreamEvent');
    expect(StreamEvent.is(value)).toBe(false);
  });

  it('D1: refuses a __proto__ member anywhere, in members that it does not know too', () => {
    const text = JSON.stringify({ ...around, type: 'iteration_start', metadata: 'HERE', added_later: ['THERE'] });
    expect(refusal(JSON.parse(text.replace('"HERE"', '{"__proto__":{"isAdmin":true}}')))).toBe(
      'Not safe JSON: a member named __proto__, supplied to : StreamEvent/metadata',
    );
    expect(refusal(JSON.parse(text.replace('"HERE"', '{}').replace('"THERE"', '{"__proto__":1}')))).toBe(
      'Not safe JSON: a member named __proto__, supplied to : StreamEvent/added_later/0',
    );
  });

  it('D14: a depth of 100,000 is refused, in JSON members and in blocks inside blocks', () => {
    const deepJson = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const citation = JSON.stringify({ ...around, type: 'citation', content: 'HERE', block: 0 });
    expect(refusal(JSON.parse(citation.replace('"HERE"', deepJson)))).toContain('nested deeper than 512');
    const open = '{"type":"tool_result","toolUseId":"call_1","isError":false,"content":[';
    const deepBlock = `${open.repeat(100_000)}${']}'.repeat(100_000)}`;
    const message = JSON.stringify({ ...around, type: 'message', message: { role: 'user', content: ['HERE'] } });
    expect(refusal(JSON.parse(message.replace('"HERE"', deepBlock)))).toContain('nested deeper than 512');
  });

  it('D14: the greatest depth that is taken does not overflow either', () => {
    const open = '{"type":"tool_result","toolUseId":"call_1","isError":false,"content":[';
    const blocks: unknown = JSON.parse(`[${open.repeat(250)}${']}'.repeat(250)}]`);
    const event = { ...around, type: 'message', message: { role: 'user', content: blocks } };
    expect(decoded(event)).toEqual(event);
  });

  it('looks at each part a fixed number of times, whatever the size and the nesting', () => {
    const readsPerPart = (value: unknown): number => {
      let [parts, reads] = [0, 0];
      const watch = (part: unknown): unknown => {
        if (typeof part !== 'object' || part === null) return part;
        parts += Object.keys(part).length;
        return new Proxy(part, {
          get: (target, key, receiver): unknown => {
            const member: unknown = Reflect.get(target, key, receiver);
            if (!Object.hasOwn(target, key) || key === 'length') return member;
            reads += 1;
            return watched.get(member) ?? member;
          },
        });
      };
      const watched = new Map<unknown, unknown>();
      const replace = (part: unknown): void => {
        if (typeof part !== 'object' || part === null) return;
        for (const member of Object.values(part)) replace(member);
        watched.set(part, watch(part));
      };
      replace(value);
      decoded(watched.get(value));
      return reads / parts;
    };
    const nestedBlock = (depth: number): unknown => ({
      type: 'tool_result',
      toolUseId: 'call_1',
      isError: false,
      content: depth === 0 ? [] : [nestedBlock(depth - 1)],
    });
    const user = (content: readonly unknown[]): unknown => ({ ...around, type: 'message', message: { role: 'user', content } });
    const small = readsPerPart(user([nestedBlock(1)]));
    expect(readsPerPart(user(Array.from({ length: 2_000 }, () => nestedBlock(1))))).toBeLessThan(small + 2);
    expect(readsPerPart(user([nestedBlock(200)]))).toBeLessThan(small + 2);
  });
});
