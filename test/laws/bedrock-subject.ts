import { createServer, type ServerResponse } from 'node:http';
import { Observable } from 'rxjs';
import { bedrock } from 'coldstream/bedrock';
import type { LawBench, LawExchange, LawTurn, ProviderSubject } from 'coldstream/testing';
import type { Json, JsonObject } from '../../src/events/json.js';
import { EVENT_STREAM, eventFrame } from '../support/event-stream.js';
import { http2Breaks, serveHttp2, type Http2Request } from '../support/http2-server.js';
import { portOf } from '../support/port.js';
import { contentOfSecond } from './scripted-subject.js';

interface BedrockTurn extends LawTurn {
  readonly wire: readonly (readonly [type: string, body: JsonObject])[];
}

type Wire = BedrockTurn['wire'][number];

const START: Wire = ['messageStart', { role: 'assistant', p: 'abc' }];
const open = (index: number, start: JsonObject): Wire => ['contentBlockStart', { contentBlockIndex: index, start }];
const delta = (index: number, change: JsonObject): Wire => ['contentBlockDelta', { contentBlockIndex: index, delta: change, p: 'ab' }];
const close = (index: number): Wire => ['contentBlockStop', { contentBlockIndex: index }];
const stop = (stopReason: string): Wire => ['messageStop', { stopReason }];
const METADATA: Wire = ['metadata', { usage: { inputTokens: 10, outputTokens: 4, totalTokens: 14 }, metrics: { latencyMs: 7 } }];

/** The end of every turn: whole with its stop, counted with its metadata. */
const ENDING: LawTurn['tells'] = [[], ['usage', 'message']];

function turn(name: string, wire: readonly Wire[], tells: LawTurn['tells'], sentBack: Json): BedrockTurn {
  return { name, wire, tells: [...tells, ...ENDING], sentBack, enough: { frames: wire.length - 1, adds: ['message'] } };
}

const bedrockTurns: readonly BedrockTurn[] = [
  turn(
    'text',
    [START, delta(0, { text: 'Hel' }), delta(0, { text: 'lo 😀' }), close(0), stop('end_turn'), METADATA],
    [[], ['text_delta'], ['text_delta'], []],
    [{ text: 'Hello 😀' }],
  ),
  turn(
    'a tool call',
    [START, open(0, { toolUse: { toolUseId: 'tooluse_1', name: 'clock' } }), delta(0, { toolUse: { input: '{"place":"Čá' } }), delta(0, { toolUse: { input: 'slav"}' } }), close(0), stop('tool_use'), METADATA],
    [[], ['tool_input_start'], ['tool_input_delta'], ['tool_input_delta'], ['tool_use_start']],
    [{ toolUse: { toolUseId: 'tooluse_1', name: 'clock', input: { place: 'Čáslav' } } }],
  ),
  turn(
    'reasoning that is signed and that is hidden, citations and events that nobody knows',
    [
      START,
      delta(0, { reasoningContent: { text: 'Let me see' } }),
      delta(0, { reasoningContent: { signature: 'c2lnbmVkIPCfmIA=' } }),
      close(0),
      delta(1, { reasoningContent: { redactedContent: 'b3BhcXVl/+8=' } }),
      close(1),
      delta(2, { text: 'Rills.' }),
      delta(2, { citation: { title: 'Rills', location: { documentChar: { documentIndex: 0, start: 1, end: 4 } } } }),
      close(2),
      ['weatherReport', { clouds: 3 }],
      stop('end_turn'),
      METADATA,
    ],
    [[], ['thinking'], [], [], [], [], ['text_delta'], ['citation'], [], ['raw']],
    [
      { reasoningContent: { reasoningText: { text: 'Let me see', signature: 'c2lnbmVkIPCfmIA=' } } },
      { reasoningContent: { redactedContent: 'b3BhcXVl/+8=' } },
      { citationsContent: { content: [{ text: 'Rills.' }], citations: [{ title: 'Rills', location: { documentChar: { documentIndex: 0, start: 1, end: 4 } } }] } },
    ],
  ),
];

type Answering = Pick<LawExchange, 'answer' | 'end' | 'break'> & { readonly write: (bytes: Uint8Array) => void; readonly onClose: (listener: () => void) => void };

function exchange({ wire }: BedrockTurn, body: string, { write, onClose, ...answering }: Answering): LawExchange {
  let closed = false;
  onClose(() => (closed = true));
  const read: JsonObject = JSON.parse(body);
  return {
    ...answering,
    body: read,
    closed: () => closed,
    send: (frames) => {
      const bytes = Buffer.concat(frames.map((frame) => eventFrame(...(wire[frame] ?? ['none', {}]))));
      if (!closed && bytes.length > 0) write(bytes);
    },
  };
}

function overHttp2({ stream, socket }: Omit<Http2Request, 'body'>): Answering {
  return {
    answer: () => {
      if (!stream.destroyed) stream.respond({ ':status': 200, 'content-type': EVENT_STREAM });
    },
    write: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    break: (how) => http2Breaks[how]?.({ stream, socket }),
    onClose: (listener) => stream.once('close', listener),
  };
}

const http1Breaks: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'a reset': (response) => void response.socket?.resetAndDestroy(),
  'an end of the connection': (response) => void response.socket?.end(),
};

function overHttp1(response: ServerResponse): Answering {
  return {
    answer: () => response.writeHead(200, { 'content-type': EVENT_STREAM }).flushHeaders(),
    write: (bytes) => void response.write(bytes),
    end: () => void response.end(),
    break: (how) => http1Breaks[how]?.(response),
    onClose: (listener) => response.once('close', listener),
  };
}

const provider = (handler: 'http1' | 'http2', endpoint: string) =>
  bedrock({ model: 'anthropic.claude-test-v1:0', region: 'us-east-1', endpoint, handler, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'none' } });

function http2Bench(lawTurn: BedrockTurn): Observable<LawBench> {
  return new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const listening = serveHttp2(({ body, ...request }) => exchanges.push(exchange(lawTurn, body, overHttp2(request))));
    void listening.then(({ url }) => subscriber.next({ provider: provider('http2', url), exchanges: () => exchanges }));
    return () => void listening.then(({ close: stopServer }) => stopServer());
  });
}

function http1Bench(lawTurn: BedrockTurn): Observable<LawBench> {
  return new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      request.once('end', () => exchanges.push(exchange(lawTurn, body, overHttp1(response))));
    });
    server.listen(0, '127.0.0.1', () => subscriber.next({ provider: provider('http1', `http://127.0.0.1:${portOf(server)}`), exchanges: () => exchanges }));
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });
}

const shared = {
  turns: bedrockTurns,
  sentBack: (body: unknown) => (typeof body === 'object' && body !== null && 'messages' in body ? contentOfSecond(body.messages) : undefined),
};

export const bedrockHttp2Subject: ProviderSubject<BedrockTurn> = { ...shared, name: 'bedrock over HTTP/2', open: http2Bench, breaks: Object.keys(http2Breaks) };

export const bedrockHttp1Subject: ProviderSubject<BedrockTurn> = { ...shared, name: 'bedrock over HTTP/1.1', open: http1Bench, breaks: Object.keys(http1Breaks) };
