import { lastValueFrom, toArray } from 'rxjs';
import { anthropic, toAnthropic } from 'coldstream/anthropic';
import type { StreamEvent } from '../../src/events/events.js';
import type { JsonObject } from '../../src/events/json.js';
import type { Message } from '../../src/messages/message.js';
import { close, delta, EMPTY_TEXT, end, HELLO, inputJson, KEY, open, sse, start, STOP, text } from './support.js';

const STREAM = { 'content-type': 'text/event-stream' };

interface Turn {
  readonly events: readonly StreamEvent[];
  readonly message: Message;
  readonly stopReason: string | null | undefined;
  /** The same message as the next request holds it. */
  readonly sentBack: unknown;
}

/** One turn over the real SDK and a body in memory, and the request of the turn after it. */
async function turn(frames: readonly JsonObject[], next: readonly Message[] = [{ role: 'user', content: [{ type: 'text', text: 'go on' }] }]): Promise<Turn> {
  const bodies: JsonObject[] = [];
  const fetch: typeof globalThis.fetch = (_input, init) => {
    if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body));
    return Promise.resolve(new Response(sse(frames), { headers: STREAM }));
  };
  const provider = anthropic({ model: 'claude-test', apiKey: KEY, baseURL: 'http://127.0.0.1', fetch });
  const events = await lastValueFrom(provider(HELLO).pipe(toArray()));
  const last = events.at(-1);
  if (last?.type !== 'message') throw new Error('no message');
  await lastValueFrom(provider({ messages: [...HELLO.messages, last.message, ...next] }));
  const { messages } = bodies[1] ?? {};
  const sent: unknown = Array.isArray(messages) ? messages[1] : undefined;
  return { events, message: last.message, stopReason: last.stopReason, sentBack: sent };
}

const whole = (blocks: readonly JsonObject[], reason = 'end_turn', more: JsonObject = {}): JsonObject[] => [
  start(),
  ...blocks.flatMap((block, index) => [open(index, block), close(index)]),
  end(reason, more),
  STOP,
];
const types = (events: readonly StreamEvent[]): string[] => events.map(({ type }) => type).filter((type) => type !== 'usage' && type !== 'message');

const SERVER_USE = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'rxjs' }, caller: { type: 'code_execution_20260120', tool_id: 'srvtoolu_0' } };
const RESULTS: readonly JsonObject[] = [
  { type: 'web_search_tool_result', content: [{ type: 'web_search_result', url: 'https://example.org', title: 't', encrypted_content: 'EugC+/==', page_age: null }], caller: { type: 'direct' } },
  { type: 'web_fetch_tool_result', content: { type: 'web_fetch_result', url: 'https://example.org', retrieved_at: null, content: { type: 'document', title: null, citations: null, source: { type: 'text', media_type: 'text/plain', data: 'x' } } } },
  { type: 'code_execution_tool_result', content: { type: 'code_execution_result', stdout: '1\n', stderr: '', return_code: 0, content: [{ type: 'code_execution_output', file_id: 'file_1' }] } },
  { type: 'code_execution_tool_result', content: { type: 'encrypted_code_execution_result', encrypted_stdout: 'E+/=', stderr: '', return_code: 0, content: [] } },
  { type: 'bash_code_execution_tool_result', content: { type: 'bash_code_execution_result', stdout: '', stderr: 'no', return_code: 1, content: [] } },
  { type: 'text_editor_code_execution_tool_result', content: { type: 'text_editor_code_execution_view_result', file_type: 'text', content: 'x', num_lines: 1, start_line: 1, total_lines: 1 } },
  { type: 'tool_search_tool_result', content: { type: 'tool_search_tool_search_result', tool_references: [{ type: 'tool_reference', tool_name: 'clock' }] } },
  { type: 'advisor_tool_result', content: { type: 'advisor_redacted_result', encrypted_content: 'A+/=' } },
  { type: 'advisor_tool_result', content: { type: 'advisor_result', text: 'Do.' } },
  { type: 'mcp_tool_result', is_error: false, content: [{ type: 'text', text: 'fine', citations: null }] },
];

const CITATIONS: readonly JsonObject[] = [
  { type: 'char_location', cited_text: 'a', document_index: 0, document_title: null, start_char_index: 0, end_char_index: 1, file_id: null },
  { type: 'page_location', cited_text: 'a', document_index: 0, document_title: 't', start_page_number: 1, end_page_number: 2, file_id: 'file_1' },
  { type: 'content_block_location', cited_text: 'a', document_index: 0, document_title: null, start_block_index: 0, end_block_index: 1, file_id: null },
  { type: 'web_search_result_location', cited_text: 'a', url: 'https://example.org', title: null, encrypted_index: 'Eo8B+/==' },
  { type: 'search_result_location', cited_text: 'a', source: 's', title: null, search_result_index: 0, start_block_index: 0, end_block_index: 1 },
];

describe('blocks, told by their event and sent back as they came', () => {
  it.each(RESULTS.map((result) => [String(result['type']), result] as const))('M14: %s, with the call that it answers', async (_type, result) => {
    const blocks = [SERVER_USE, { ...result, tool_use_id: SERVER_USE.id }];
    const { events, message, sentBack } = await turn(whole(blocks));
    expect(types(events)).toEqual(['server_tool_use', 'server_tool_result']);
    expect(events[1]).toMatchObject({ content: { id: 'srvtoolu_1', name: 'web_search', input: { query: 'rxjs' }, block: 0 } });
    expect(events[2]).toMatchObject({ content: { id: 'srvtoolu_1', name: 'web_search', content: result['content'], isError: false, block: 1 } });
    expect(message.content).toEqual(blocks.map((block) => ({ type: 'provider', provider: 'anthropic', block })));
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: blocks }));
  });

  it.each(['web_search', 'web_fetch', 'code_execution', 'bash_code_execution', 'text_editor_code_execution', 'tool_search', 'advisor'])('an error of %s is one', async (name) => {
    const result = { type: `${name}_tool_result`, tool_use_id: 'srvtoolu_9', content: { type: `${name}_tool_result_error`, error_code: 'unavailable' } };
    const { events, sentBack } = await turn(whole([result]));
    expect(events[1]).toMatchObject({ type: 'server_tool_result', content: { id: 'srvtoolu_9', name, isError: true } });
    expect(sentBack).toEqual({ role: 'assistant', content: [result] });
  });

  it('M14: calls of the MCP connector, their results and the list of its tools', async () => {
    const use = { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'echo', server_name: 'demo', input: { say: 'hi' } };
    const result = { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: true, content: 'no' };
    const listing = { type: 'mcp_tool_listing', mcp_server_name: 'demo', tools: [{ name: 'echo', description: null, input_schema: { type: 'object' } }] };
    const { events, sentBack } = await turn(whole([listing, use, result]));
    expect(types(events)).toEqual(['raw', 'server_tool_use', 'server_tool_result']);
    expect(events[1]).toMatchObject({ content: { provider: 'anthropic', event: { content_block: listing } } });
    expect(events[2]).toMatchObject({ content: { name: 'echo', input: { say: 'hi' } } });
    expect(events[3]).toMatchObject({ content: { name: 'echo', content: 'no', isError: true } });
    expect(sentBack).toEqual({ role: 'assistant', content: [listing, use, result] });
  });

  it.each([
    { type: 'container_upload', file_id: 'file_1' },
    { type: 'fallback', from: { model: 'claude-a' }, to: { model: 'claude-b' }, trigger: { type: 'refusal', category: 'bio' } },
    { type: 'compaction', content: 'summary', encrypted_content: 'y==', signature: 's+/=', tool_changes: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'clock' } }] },
    { type: 'compaction', content: null, encrypted_content: 'y==', signature: null, tool_changes: null },
    { type: 'hologram', depth: [1, null, { deep: '' }] },
  ])('M14 N23: $type is told raw and kept', async (block) => {
    const { events, sentBack } = await turn(whole([block]));
    expect(types(events)).toEqual(['raw']);
    expect(events[1]).toMatchObject({ content: { event: { type: 'content_block_start', content_block: block } } });
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: [block] }));
  });

  it('M14: compaction that comes in a delta keeps what its start brought', async () => {
    const begun = { type: 'compaction', content: null, encrypted_content: null, signature: 's+/=', tool_changes: [] };
    const change = { type: 'compaction_delta', content: 'summary', encrypted_content: 'y==' };
    const { events, sentBack, stopReason } = await turn([start(), open(0, begun), delta(0, change), close(0), end('compaction'), STOP]);
    expect(types(events)).toEqual(['raw', 'raw']);
    expect(stopReason).toBe('compaction');
    expect(sentBack).toEqual({ role: 'assistant', content: [{ ...begun, content: 'summary', encrypted_content: 'y==' }] });
  });

  it('M14: who called a tool, and from which set it is, go back with the call', async () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'clock', input: { zone: 'Lima' }, caller: { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' }, toolset_name: 'browser' };
    const { events, message, sentBack } = await turn(whole([call], 'tool_use'), [{ role: 'user', content: [{ type: 'tool_result', toolUseId: 'toolu_1', content: [], isError: false }] }]);
    expect(types(events)).toEqual(['tool_input_start', 'tool_use_start']);
    expect(message.content).toMatchObject([{ type: 'tool_use', wire: { caller: call.caller, toolset_name: 'browser' } }]);
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: [call] }));
  });

  it('citations of every kind, in deltas and at the start', async () => {
    const [first, ...others] = CITATIONS;
    const frames = [start(), open(0, { type: 'text', text: '', citations: [first ?? {}] }), ...others.map((citation) => delta(0, { type: 'citations_delta', citation })), text(0, 'a'), close(0), end(), STOP];
    const { events, sentBack } = await turn(frames);
    expect(events.flatMap((event) => (event.type === 'citation' ? [event.content] : []))).toEqual(CITATIONS);
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: [{ type: 'text', text: 'a', citations: CITATIONS }] }));
  });

  it('M18: thinking that is not shown has its signature, and goes back without a word', async () => {
    const frames = [start(), open(0, { type: 'thinking', thinking: '', signature: '' }), delta(0, { type: 'signature_delta', signature: 'Er+/==' }), close(0), open(1, EMPTY_TEXT), text(1, 'a'), close(1), end(), STOP];
    const { events, sentBack } = await turn(frames);
    expect(types(events)).toEqual(['text_delta']);
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 'Er+/==' }, { type: 'text', text: 'a' }] }));
  });

  it('thinking that is not shown tells how much of it there is, as it came', async () => {
    const change = { type: 'thinking_delta', thinking: '', estimated_tokens: 50 };
    const quiet = { type: 'thinking_delta', thinking: '', estimated_tokens: null };
    const frames = [start(), open(0, { type: 'thinking', thinking: '', signature: 's' }), delta(0, change), delta(0, quiet), close(0), end(), STOP];
    const { events, sentBack } = await turn(frames);
    expect(events.flatMap((event) => (event.type === 'raw' ? [event.content.event] : []))).toEqual([delta(0, change)]);
    expect(sentBack).toEqual({ role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 's' }] });
  });

  it('M18: thinking, redacted and not, between calls keeps its place and every byte', async () => {
    const blocks = [
      { type: 'thinking', thinking: 'Hm. \ud800 "\u2028', signature: 'ErYC+/=' },
      { type: 'redacted_thinking', data: 'opaque+/=' },
      { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} },
      { type: 'thinking', thinking: 'And.', signature: 'ErYD+/=' },
      { type: 'tool_use', id: 'toolu_2', name: 'clock', input: {} },
    ];
    const { sentBack } = await turn(whole(blocks, 'tool_use'));
    expect(sentBack).toEqual({ role: 'assistant', content: blocks });
  });

  it('content that arrives whole in message_start is told and kept, and deltas go on after it', async () => {
    const before = [{ type: 'text', text: 'Hello' }, SERVER_USE, { type: 'redacted_thinking', data: 'x' }, { type: 'compaction', content: 'c' }];
    const { events, sentBack } = await turn([start({ content: before }), open(4, EMPTY_TEXT), text(4, 'again'), close(4), end(), STOP]);
    expect(types(events)).toEqual(['text_delta', 'server_tool_use', 'raw', 'text_delta']);
    expect(sentBack).toEqual({ role: 'assistant', content: [...before, { type: 'text', text: 'again' }] });
  });

  it('a whole answer in message_start, its stop reason among it, needs no delta', async () => {
    const { message, stopReason } = await turn([start({ content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' }), STOP]);
    expect([message.content, stopReason]).toEqual([[{ type: 'text', text: 'Hello' }], 'end_turn']);
  });

  it('fine-grained input arrives in pieces that are no JSON by themselves', async () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} };
    const pieces = ['', '{"zone"', ': "Li', 'ma", "when": [1', ', 2]', '}'];
    const { events, sentBack } = await turn([start(), open(0, call), ...pieces.map((piece) => inputJson(0, piece)), close(0), end('tool_use'), STOP]);
    expect(events.flatMap((event) => (event.type === 'tool_input_delta' ? [event.content.delta] : [])).join('')).toBe(pieces.join(''));
    expect(sentBack).toEqual({ role: 'assistant', content: [{ ...call, input: { zone: 'Lima', when: [1, 2] } }] });
  });

  it('M5: a call whose input was cut off is never told as one to run', async () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} };
    const { events, message, stopReason } = await turn([start(), open(0, call), inputJson(0, '{"path":"/etc/pas'), end('max_tokens'), STOP]);
    expect(types(events)).toEqual(['tool_input_start', 'tool_input_delta']);
    expect([message.content, stopReason]).toEqual([[{ type: 'tool_use', id: 'toolu_1', name: 'clock', input: {} }], 'max_tokens']);
  });

  it('N28: calls whose pieces interleave keep them apart', async () => {
    const call = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'clock', input: {} });
    const frames = [start(), open(1, call('b')), open(0, call('a')), inputJson(1, '{"n"'), inputJson(0, '{"n":'), inputJson(1, ':2}'), inputJson(0, '1}'), close(1), close(0), end('tool_use'), STOP];
    const { events, message } = await turn(frames);
    expect(events.flatMap((event) => (event.type === 'tool_use_start' ? [event.content] : []))).toEqual([
      { id: 'b', name: 'clock', input: { n: 2 } },
      { id: 'a', name: 'clock', input: { n: 1 } },
    ]);
    expect(toAnthropic(message).content).toEqual([{ ...call('a'), input: { n: 1 } }, { ...call('b'), input: { n: 2 } }]);
  });
});

describe('ends', () => {
  it.each(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded', 'compaction', 'paused_for_reasons'])(
    'M11 M12 M13 N24: %s is the stop reason as the service says it',
    async (reason) => {
      expect((await turn(whole([{ type: 'text', text: 'a' }], reason))).stopReason).toBe(reason);
    },
  );

  it('M12: a turn that paused goes back as it is, with nothing after it', async () => {
    const blocks = [{ type: 'text', text: 'Searching.' }, SERVER_USE];
    const { sentBack } = await turn(whole(blocks, 'pause_turn'), []);
    expect(JSON.stringify(sentBack)).toBe(JSON.stringify({ role: 'assistant', content: blocks }));
  });

  it('M11: a refusal says why in the metadata of its message', async () => {
    const details = { type: 'refusal', category: 'frontier_llm', explanation: 'No.' };
    const { events } = await turn(whole([], 'refusal', { delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: details, container: null } }));
    expect(events.at(-1)).toMatchObject({ type: 'message', stopReason: 'refusal', metadata: { stop_details: details } });
  });

  it('M10: an answer of nothing is one, and is not sent back', async () => {
    const { message, sentBack } = await turn(whole([]));
    expect(message.content).toEqual([]);
    expect(sentBack).toBeUndefined();
  });

  it('usage is overwritten and never added, null keeps what there was, iterations come along', async () => {
    const iterations = [{ type: 'compaction', input_tokens: 5, output_tokens: 1 }, { type: 'message', input_tokens: 10, output_tokens: 7 }];
    const usage = { output_tokens: 7, input_tokens: null, cache_read_input_tokens: null, cache_creation_input_tokens: 30, server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 }, output_tokens_details: { thinking_tokens: 3 }, iterations };
    const { events } = await turn([start(), end('end_turn', { usage: { output_tokens: 4 } }), end('end_turn', { usage }), STOP]);
    expect(events.flatMap((event) => (event.type === 'usage' ? [event.usage.outputTokens] : []))).toEqual([1, 4, 7]);
    expect(events.at(-1)).toMatchObject({
      usage: { inputTokens: 10, outputTokens: 7, cacheReadTokens: 4, cacheWriteTokens: 30, reasoningTokens: 3, raw: { iterations, server_tool_use: usage.server_tool_use, service_tier: 'standard' } },
    });
  });
});
