import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { Http2Sessions } from './http2-sessions.js';

/** A request as the SDK hands it to what sends it. */
interface OutgoingRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Sent {
  readonly response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>>; readonly body: ClientHttp2Stream };
}

/** What the SDK asks of its handlers. */
interface Http2Handler {
  readonly metadata: { readonly handlerProtocol: 'h2' };
  handle(request: OutgoingRequest, options?: { readonly abortSignal?: AbortSignal | undefined }): Promise<Sent>;
}

function originOf({ protocol, hostname, port }: OutgoingRequest): string {
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
}

function pathOf({ path, query = {} }: OutgoingRequest): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => (one === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(one)}`)),
  );
  return parameters.length === 0 ? path : `${path}?${parameters.join('&')}`;
}

function headersOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  return plain;
}

function aborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}

function open(session: ClientHttp2Session, request: OutgoingRequest): ClientHttp2Stream {
  const { headers, method, body } = request;
  const outgoing: OutgoingHttpHeaders = { ...headers, ':path': pathOf(request), ':method': method };
  try {
    const stream = session.request(outgoing);
    stream.end(body);
    return stream;
  } catch (error) {
    // A header that Node does not send, say: no stream will tell that this session has nothing to do.
    session.destroy();
    throw error;
  }
}

const ignore = (): void => undefined;

/** Ends with a stream what it was sent on. Apart from the asking, since nothing of that need be held while a stream lasts. */
function follow(stream: ClientHttp2Stream, sessions: Http2Sessions, origin: string, session: ClientHttp2Session): void {
  let whole = false;
  // All of these are told once at most: `once` would hold three objects for each.
  stream.on('end', () => {
    // One that was lost or stopped ends as well, but it is destroyed by then.
    whole = !stream.destroyed;
  });
  stream.on('close', () => {
    // A stream that came to its end leaves its session to the next one; what was stopped or broken closes its connection.
    if (whole && stream.rstCode === 0) sessions.giveBack(origin, session);
    else session.destroy();
  });
  stream.on('error', ignore);
}

function send(sessions: Http2Sessions, request: OutgoingRequest, signal: AbortSignal | undefined): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const origin = originOf(request);
    const session = sessions.take(origin);
    const stream = open(session, request);
    follow(stream, sessions, origin, session);
    const abort = (): void => {
      reject(aborted());
      session.destroy();
    };
    const answer = (headers: IncomingHttpHeaders): void => {
      leave();
      resolve({ response: { statusCode: Number(headers[':status']), headers: headersOf(headers), body: stream } });
    };
    const close = (): void => {
      leave();
      reject(new Error('http2 request did not get a response'));
    };
    /** What listens for the answer holds the request. */
    const leave = (): void => {
      signal?.removeEventListener('abort', abort);
      stream.removeListener('response', answer).removeListener('error', reject).removeListener('close', close);
    };
    signal?.addEventListener('abort', abort, { once: true });
    stream.on('response', answer).on('error', reject).on('close', close);
  });
}

/** What Node gives without an import, which a browser's bundler would have to find; undefined elsewhere. */
function nodeHttp2(): typeof import('node:http2') | undefined {
  return typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:http2');
}

/**
 * A handler for a client of the SDK that speaks HTTP/2, with a session for each stream that is open. Undefined where Node is not.
 */
export function http2Handler(): Http2Handler | undefined {
  const http2 = nodeHttp2();
  if (http2 === undefined) return undefined;
  const sessions = new Http2Sessions((origin) => http2.connect(origin));
  return {
    metadata: { handlerProtocol: 'h2' },
    handle: (request, { abortSignal } = {}) => (abortSignal?.aborted === true ? Promise.reject(aborted()) : send(sessions, request, abortSignal)),
  };
}
