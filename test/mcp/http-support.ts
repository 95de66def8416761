import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mcpHttp, type McpClient, type McpHttpOptions } from 'coldstream/mcp';
import type { Observable } from 'rxjs';

export interface WireMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown>; readonly _meta?: { readonly progressToken?: string }; readonly requestId?: number };
  readonly result?: unknown;
}

/** A request that the server has got. */
export interface Seen {
  readonly verb: string;
  readonly message: WireMessage;
  readonly headers: IncomingMessage['headers'];
  /** Whether its connection was closed before the answer was complete. */
  cut: boolean;
}

export type Reply = (message: WireMessage, response: ServerResponse, seen: Seen) => void;

export interface HttpPeer {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** What was asked, in order: `initialize`, `tools/call echo`, `GET`, `DELETE` … */
  asked(): readonly string[];
  /** Forgets all sessions, as a server does that was restarted. */
  forget(): void;
  /** Knows the session from now on. */
  admit(session: string): void;
  /** Answers everything with the status, until told otherwise. */
  refuse(status: number | undefined): void;
  close(): Promise<void>;
}

const line = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });
export const event = (message: object, id?: string): string => `${id === undefined ? '' : `id: ${id}\n`}data: ${line(message)}\n\n`;
export const text = (value: unknown): object => ({ content: [{ type: 'text', text: String(value) }] });

export function json(response: ServerResponse, message: object, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(line(message));
}

export function stream(response: ServerResponse, ...parts: readonly string[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(parts.join(''));
  return response;
}

const initialized = { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'http', version: '1' } };
const servers = new Set<Server>();

/** What the tests replace of the server: tools by name, and `GET`, `DELETE`, `initialize`, `tools/list` … by theirs. */
export type Replies = Readonly<Record<string, Reply>>;

async function bodyOf(request: IncomingMessage): Promise<WireMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString();
  const message: WireMessage = body === '' ? {} : JSON.parse(body);
  return message;
}

function nameOf({ verb, message: { method, params, result } }: Seen): string {
  if (verb !== 'POST') return verb;
  if (method === undefined) return result === undefined ? 'error' : 'result';
  return params?.name === undefined ? method : `${method} ${params.name}`;
}

/** A server over Streamable HTTP with sessions, on loopback; nothing between it and the bytes. */
export async function httpPeer(replies: Replies = {}): Promise<HttpPeer> {
  const seen: Seen[] = [];
  const sessions = new Set<string>();
  let refusal: number | undefined;
  const usual: Replies = {
    initialize: ({ id }, response) => {
      const session = `session-${String(seen.length)}-secret`;
      sessions.add(session);
      json(response, { id, result: initialized }, { 'mcp-session-id': session });
    },
    'tools/list': ({ id }, response) => json(response, { id, result: { tools: Object.keys(replies).map((name) => ({ name, inputSchema: { type: 'object' } })) } }),
    GET: (_message, response) => response.writeHead(405).end(),
    DELETE: (_message, response) => response.writeHead(204).end(),
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((message) => {
      const entry: Seen = { verb: request.method ?? '', message, headers: request.headers, cut: false };
      seen.push(entry);
      response.on('close', () => {
        entry.cut = !response.writableFinished;
      });
      if (refusal !== undefined) {
        response.writeHead(refusal).end('closed for today');
        return;
      }
      const session = request.headers['mcp-session-id'];
      if (message.method !== 'initialize' && (typeof session !== 'string' || !sessions.has(session))) {
        response.writeHead(404).end('Session not found');
        return;
      }
      const name = message.method === 'tools/call' ? (message.params?.name ?? '') : entry.verb === 'POST' ? (message.method ?? '') : entry.verb;
      const reply = replies[name] ?? usual[name];
      if (reply === undefined) response.writeHead(202).end();
      else reply(message, response, entry);
    });
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}/mcp`,
    seen,
    asked: () => seen.map(nameOf),
    forget: () => sessions.clear(),
    admit: (session) => void sessions.add(session),
    refuse: (status) => {
      refusal = status;
    },
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  servers.delete(server);
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Closes the servers of a test. */
export async function closeServers(): Promise<void> {
  await Promise.all([...servers].map(closeServer));
}

export function http(peer: HttpPeer, options: McpHttpOptions = {}): Observable<McpClient> {
  return mcpHttp(peer.url, { connectTimeout: 10_000, ...options });
}
