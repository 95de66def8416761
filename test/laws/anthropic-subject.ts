import { createServer, type ServerResponse } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { Observable } from 'rxjs';
import { anthropic, toAnthropic, type AnthropicConfig } from 'coldstream/anthropic';
import type { Provider } from 'coldstream';
import type { LawBench, LawExchange, LawTurn, ProviderSubject } from 'coldstream/testing';
import type { Json, JsonObject } from '../../src/events/json.js';
import { close, delta, EMPTY_TEXT, end, GREETING, inputJson, KEY, open, sse, start, STOP, text } from '../anthropic/support.js';
import { portOf } from '../support/port.js';
import { contentOfSecond } from './scripted-subject.js';

interface AnthropicTurn extends LawTurn {
  readonly wire: readonly JsonObject[];
}

const THINKING: JsonObject = { type: 'thinking', thinking: 'Let me see', signature: 'c2lnbmVkIPCfmIA=' };
const REDACTED: JsonObject = { type: 'redacted_thinking', data: 'b3BhcXVl/+8=' };
const SEARCH: JsonObject = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'rills' }, caller: { type: 'direct' } };
const FOUND: JsonObject = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ type: 'web_search_result', url: 'https://example.org', title: 'Rills', encrypted_content: 'ZW5j' }] };
const CITED: JsonObject = { type: 'web_search_result_location', url: 'https://example.org', title: 'Rills', encrypted_index: 'aW5kZXg=', cited_text: 'a rill' };
const HOLOGRAM: JsonObject = { type: 'hologram', data: 'of a kind that nobody knows', depth: [1, 2, { of: 'field' }] };

/** One block's worth of a turn, so that the table can be read beside the wire. */
const told = (...tells: LawTurn['tells']): LawTurn['tells'] => tells;

const anthropicTurns: readonly AnthropicTurn[] = [
  {
    name: 'text',
    wire: GREETING,
    tells: [['usage'], [], [], ['text_delta'], ['text_delta'], [], ['usage'], ['message']],
    sentBack: [{ type: 'text', text: 'Hello 😀' }],
  },
  {
    name: 'a tool call',
    wire: [
      start(),
      open(0, { type: 'tool_use', id: 'toolu_1', name: 'clock', input: {}, caller: { type: 'direct' } }),
      inputJson(0, '{"place":"Čá'),
      inputJson(0, 'slav"}'),
      close(0),
      end('tool_use'),
      STOP,
    ],
    tells: [['usage'], ['tool_input_start'], ['tool_input_delta'], ['tool_input_delta'], ['tool_use_start'], ['usage'], ['message']],
    sentBack: [{ type: 'tool_use', id: 'toolu_1', name: 'clock', input: { place: 'Čáslav' }, caller: { type: 'direct' } }],
  },
  {
    name: 'thinking, a search, citations and blocks that nobody knows',
    wire: [
      start(),
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Let me see' }),
      delta(0, { type: 'signature_delta', signature: 'c2lnbmVkIPCfmIA=' }),
      close(0),
      open(1, REDACTED),
      close(1),
      open(2, { ...SEARCH, input: {} }),
      inputJson(2, '{"query":"rills"}'),
      close(2),
      open(3, FOUND),
      close(3),
      open(4, EMPTY_TEXT),
      delta(4, { type: 'citations_delta', citation: CITED }),
      text(4, 'Rills.'),
      close(4),
      open(5, HOLOGRAM),
      close(5),
      { type: 'weather_report', clouds: 3 },
      end(),
      STOP,
    ],
    tells: [
      ['usage'],
      ...told([], ['thinking'], [], []),
      ...told([], []),
      ...told([], [], ['server_tool_use']),
      ...told([], ['server_tool_result']),
      ...told([], ['citation'], ['text_delta'], []),
      ...told(['raw'], []),
      ...told(['raw'], ['usage'], ['message']),
    ],
    sentBack: [THINKING, REDACTED, SEARCH, FOUND, { type: 'text', text: 'Rills.', citations: [CITED] }, HOLOGRAM],
  },
];

const breaks: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'a reset': (response) => void response.socket?.resetAndDestroy(),
  'an end of the connection': (response) => void response.socket?.end(),
};

function exchange({ wire }: AnthropicTurn, response: ServerResponse, body: Json): LawExchange {
  let closed = false;
  response.once('close', () => (closed = true));
  return {
    body,
    closed: () => closed,
    answer: () => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    send: (frames) => void response.write(sse(frames.map((frame) => wire[frame] ?? {}))),
    end: () => void response.end(),
    break: (how) => breaks[how]?.(response),
  };
}

/** Anthropic's wire on loopback. */
function anthropicBench(turn: AnthropicTurn, makeProvider: (baseURL: string) => Provider): Observable<LawBench> {
  return new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => exchanges.push(exchange(turn, response, JSON.parse(Buffer.concat(chunks).toString()))));
    });
    server.listen(0, '127.0.0.1', () => {
      subscriber.next({ provider: makeProvider(`http://127.0.0.1:${portOf(server)}`), exchanges: () => exchanges });
    });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });
}

/** What the SDK's own accumulator makes of the turn. */
async function accumulated({ wire }: AnthropicTurn): Promise<unknown> {
  const fetch = (): Promise<Response> => Promise.resolve(new Response(sse(wire), { headers: { 'content-type': 'text/event-stream' } }));
  const client = new Anthropic({ apiKey: KEY, fetch });
  const message = await client.beta.messages.stream({ model: 'x', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }).finalMessage();
  const read: { readonly content: unknown } = JSON.parse(JSON.stringify(message));
  return read.content;
}

export const decoratedAnthropic = (decorate: (provider: Provider) => Provider, config: Partial<AnthropicConfig> = {}): ProviderSubject<AnthropicTurn>['open'] => (turn) =>
  anthropicBench(turn, (baseURL) => decorate(anthropic({ model: 'claude-test', apiKey: KEY, baseURL, ...config })));

export const anthropicSubject: ProviderSubject<AnthropicTurn> = {
  name: 'anthropic',
  turns: anthropicTurns,
  open: decoratedAnthropic((provider) => provider),
  breaks: Object.keys(breaks),
  sentBack: (body) => (typeof body === 'object' && body !== null && 'messages' in body ? contentOfSecond(body.messages) : undefined),
  official: async (turn, { message }) => [toAnthropic(message).content, await accumulated(turn)] as const,
};
