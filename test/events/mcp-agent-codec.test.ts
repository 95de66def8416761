import * as E from 'fp-ts/lib/Either.js';
import fc, { type Arbitrary } from 'fast-check';
import type { StreamEvent } from '../../src/events/events.js';
import { explain } from '../../src/events/explain-codec.js';
import { StreamEventFromMcpAgent } from '../../src/events/mcp-agent-codec.js';
import { toMcpAgent, type McpAgentEvent, type McpAgentEventType, type McpAgentUsage } from '../../src/events/mcp-agent.js';
import { StreamEvent as StreamEventCodec } from '../../src/events/stream-event-codec.js';
import { json, jsonObject, streamEvent } from '../support/arbitraries.js';

function decoded(value: unknown): StreamEvent {
  const result = StreamEventFromMcpAgent.decode(value);
  if (E.isLeft(result)) throw new Error(explain(result.left));
  return result.right;
}

function refusal(value: unknown): string {
  const result = StreamEventFromMcpAgent.decode(value);
  return E.isLeft(result) ? explain(result.left) : 'decoded';
}

const viaText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The whole event of the guide, for the parts that matter to a test. */
function guide(parts: Partial<McpAgentEvent> & { readonly type: McpAgentEventType }): McpAgentEvent {
  return { content: null, iteration: 0, metadata: {}, timestamp: 0, model: null, stop_reason: null, usage: null, ...parts };
}

const text = fc.string({ maxLength: 20 });
const usage: Arbitrary<McpAgentUsage> = fc.record(
  {
    input_tokens: fc.nat(),
    output_tokens: fc.nat(),
    cache_read_input_tokens: fc.integer({ min: 1 }),
    cache_creation_input_tokens: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['input_tokens', 'output_tokens'] },
);
const resultBlocks = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('text'), text }),
    fc.record({ type: fc.constant('image'), data: fc.base64String(), mimeType: fc.constant('image/png') }),
    fc.record({ type: fc.constant('resource_link'), uri: fc.webUrl(), name: text }),
  ),
  { maxLength: 3 },
);
const toolUse = fc.record({ id: text, name: text, input: jsonObject });
const toolResult = fc.record({ id: text, name: text, is_error: fc.boolean(), content: resultBlocks });
const contentOf: Readonly<Record<McpAgentEventType, Arbitrary<McpAgentEvent['content']>>> = {
  iteration_start: fc.constant(null),
  text_delta: text,
  thinking: text,
  tool_use_start: toolUse,
  tool_result: toolResult,
  tool_use_end: fc.constant(null),
  iteration_end: fc.constant(null),
  complete: fc.constant(null),
  error: fc.record({ error: text }),
};
const nine = ['iteration_start', 'text_delta', 'thinking', 'tool_use_start', 'tool_result', 'tool_use_end', 'iteration_end', 'complete', 'error'] as const;

/** What a Python endpoint writes: its clock has microseconds. */
const guideEvent: Arbitrary<McpAgentEvent> = fc.constantFrom(...nine).chain((type) =>
  fc.record({
    type: fc.constant(type),
    content: contentOf[type],
    iteration: fc.nat({ max: 50 }),
    metadata: jsonObject,
    timestamp: fc.nat({ max: 4_000_000_000_000_000 }).map((microseconds) => microseconds / 1_000_000),
    model: fc.option(text),
    stop_reason: type === 'iteration_end' || type === 'complete' ? fc.option(text) : fc.constant(null),
    usage: ['iteration_end', 'complete', 'error'].includes(type) ? fc.option(usage) : fc.constant(null),
  }),
);

describe('StreamEventFromMcpAgent', () => {
  it('writes what it read, to the last member', () => {
    fc.assert(
      fc.property(guideEvent, (event) => {
        expect(viaText(StreamEventFromMcpAgent.encode(decoded(viaText(event))))).toEqual(viaText(event));
      }),
      { numRuns: 300 },
    );
  });

  it('reads events that the codec of our own events takes', () => {
    fc.assert(fc.property(guideEvent, (event) => expect(StreamEventCodec.is(decoded(event))).toBe(true)));
  });

  it('reads what it wrote, and writes the same from that', () => {
    fc.assert(
      fc.property(streamEvent, (event) => {
        const written = StreamEventFromMcpAgent.encode({ ...event, path: [] });
        fc.pre(written !== null);
        const { type, iteration, timestamp, model, metadata } = event;
        expect(decoded(viaText(written))).toMatchObject({ type, iteration, timestamp, model, metadata });
        expect(viaText(StreamEventFromMcpAgent.encode(decoded(viaText(written))))).toEqual(viaText(written));
      }),
      { numRuns: 300 },
    );
  });

  it('writes the nine types with all eight members, and null for every other type and for sub-agents', () => {
    const known = new Set<string>(nine);
    const members = ['type', 'content', 'iteration', 'metadata', 'timestamp', 'model', 'stop_reason', 'usage'].sort();
    fc.assert(
      fc.property(streamEvent, (event) => {
        const written = toMcpAgent({ ...event, path: [] });
        expect(written === null).toBe(!known.has(event.type));
        if (written !== null) expect(Object.keys(written).sort()).toEqual(members);
        expect(toMcpAgent({ ...event, path: ['call_1'] })).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  const around = { runId: 'run_1', seq: 9, path: [], iteration: 1, timestamp: 1_732_291_200_123, model: 'model-1', metadata: { tier: 'x' } };
  const written = { iteration: 1, timestamp: 1_732_291_200.123, model: 'model-1', metadata: { tier: 'x' } };
  const tokens = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 0, raw: { service_tier: 'x' } };

  it.each<[McpAgentEventType, StreamEvent, McpAgentEvent]>([
    ['text_delta', { ...around, type: 'text_delta', content: 'Hi', block: 2 }, guide({ ...written, type: 'text_delta', content: 'Hi' })],
    [
      'tool_use_start',
      { ...around, type: 'tool_use_start', content: { id: 'call_1', name: 'add', input: { a: 1 } } },
      guide({ ...written, type: 'tool_use_start', content: { id: 'call_1', name: 'add', input: { a: 1 } } }),
    ],
    [
      'tool_result',
      {
        ...around,
        type: 'tool_result',
        content: { id: 'call_1', name: 'add', content: [{ type: 'text', text: '2' }], isError: false, structured: 2, durationMs: 4 },
      },
      guide({ ...written, type: 'tool_result', content: { id: 'call_1', name: 'add', is_error: false, content: [{ type: 'text', text: '2' }] } }),
    ],
    [
      'tool_use_end',
      { ...around, type: 'tool_use_end', content: { id: 'call_1', name: 'add' } },
      guide({ ...written, type: 'tool_use_end' }),
    ],
    [
      'complete',
      { ...around, type: 'complete', usage: tokens, stopReason: 'end_turn', iterations: 2, messages: [] },
      guide({
        ...written,
        type: 'complete',
        stop_reason: 'end_turn',
        usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 3 },
      }),
    ],
    [
      'error',
      { ...around, type: 'error', content: { error: 'busy', code: 'overloaded', retryable: true, partial: false }, usage: null, messages: [] },
      guide({ ...written, type: 'error', content: { error: 'busy' } }),
    ],
  ])('writes the guide’s %s', (_type, event, expected) => {
    expect(StreamEventFromMcpAgent.encode(event)).toEqual(expected);
  });

  it('takes missing and null members for what they are by default, and ignores what it does not know', () => {
    const neutral = { runId: '', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} };
    expect(decoded({ type: 'iteration_start' })).toEqual({ ...neutral, type: 'iteration_start' });
    const nulls = { content: null, iteration: null, metadata: null, timestamp: null, model: null, stop_reason: null, usage: null };
    expect(decoded({ ...nulls, type: 'complete', extra: 1 })).toEqual({
      ...neutral,
      ...{ type: 'complete', usage: null, stopReason: null, iterations: 1, messages: [] },
    });
    expect(decoded({ type: 'iteration_end', usage: { input_tokens: 3, output_tokens: null, service: 'x' } })).toMatchObject({
      usage: { inputTokens: 3, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, raw: { input_tokens: 3, output_tokens: null, service: 'x' } },
    });
    expect(decoded({ type: 'tool_use_start', content: { name: 'clock' } })).toMatchObject({ content: { id: '', name: 'clock', input: {} } });
    expect(decoded({ type: 'tool_result', content: {} })).toMatchObject({ content: { id: '', name: '', content: [], isError: false } });
  });

  it.each<[string, unknown, unknown]>([
    ['a text', 'done', [{ type: 'text', text: 'done' }]],
    ['nothing', null, []],
    ['a number', 42, [{ type: 'text', text: '42' }]],
    ['an object', { rows: [1] }, [{ type: 'text', text: '{"rows":[1]}' }]],
    ['texts', ['a', 'b'], [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }]],
    [
      'blocks that only MCP knows',
      [{ type: 'resource_link', uri: 'file:///a' }],
      [{ type: 'provider', provider: 'mcp-agent', block: { type: 'resource_link', uri: 'file:///a' } }],
    ],
  ])('reads %s as the content of a result', (_name, content, blocks) => {
    expect(decoded({ type: 'tool_result', content: { is_error: true, content } })).toMatchObject({ content: { content: blocks, isError: true } });
  });

  it('N21: makes raw of a type beyond the nine', () => {
    fc.assert(
      fc.property(jsonObject, json, (members, content) => {
        const event = { ...members, ...guide({ type: 'complete' }), content, type: 'heartbeat' };
        expect(decoded(event)).toMatchObject({ type: 'raw', content: { provider: 'mcp-agent', event } });
      }),
    );
  });

  it('names the path to what is wrong', () => {
    expect(refusal({ type: 'text_delta', content: 7 })).toBe('Invalid value 7 supplied to : StreamEventFromMcpAgent/content: string');
    expect(refusal({ type: 'tool_use_start', content: { id: 'call_1' } })).toBe(
      'Invalid value undefined supplied to : StreamEventFromMcpAgent/content: McpAgentToolUse/name: string',
    );
    expect(refusal({ type: 'complete', usage: { input_tokens: 'many' } })).toBe(
      'Invalid value "many" supplied to : StreamEventFromMcpAgent/usage: McpAgentUsage | null/input_tokens: number | null',
    );
    expect(refusal({ type: 'complete', timestamp: 1e300 })).toContain('/timestamp: seconds since the epoch | null');
    expect(refusal({ content: 'x' })).toContain('/type: string');
    expect(refusal(null)).toContain('supplied to : StreamEventFromMcpAgent');
  });

  it('D1, D14: refuses a __proto__ member and a depth of 100,000', () => {
    expect(refusal(JSON.parse('{"type":"tool_use_start","content":{"name":"n","input":{"__proto__":1}}}'))).toContain('__proto__');
    const deep: unknown = JSON.parse(`{"type":"complete","metadata":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`);
    expect(refusal(deep)).toContain('nested deeper than 512');
  });
});
