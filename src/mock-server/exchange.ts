import { once } from 'node:events';
import { concat, concatMap, defer, EMPTY, from, ignoreElements, map, tap, timer, toArray, type Observable } from 'rxjs';
import type { Json } from '../events/json.js';
import { parseJson } from '../events/json-object.js';
import { fromAsyncIterable } from '../internal/from-async-iterable.js';
import { demand, reading } from './complaint.js';
import type { Dialect } from './dialect.js';
import { burstsOf, type Pace, type Wire } from './frame.js';
import type { Incoming, Outgoing } from './listen.js';
import type { MockRequest } from './request.js';
import type { Script } from './script.js';
import { failure, isFailure, type Failure } from './turn.js';

/** One request, and all that its answer depends on. */
export interface Exchange {
  readonly request: Incoming;
  readonly response: Outgoing;
  readonly path: string;
  readonly dialect: Dialect;
  /** That of an answer which is no stream. */
  readonly requestId: string;
  readonly script: Script;
  readonly pace: Pace;
  /** The model that the answer claims to come from, or null for the one that was asked. */
  readonly model: string | null;
  readonly onRequest: (request: MockRequest) => void;
}

/** Refuses the request in its service's own way. */
export function refuse({ request, response, dialect, requestId }: Exchange, refusal: Failure): void {
  const { status, headers, body } = dialect.failure(refusal, requestId);
  // The body may not have been read. A connection of HTTP/1.1 cannot serve another request then, and HTTP/2 has no such
  // header: there the rest of the body is thrown away.
  if (request.httpVersionMajor === 1) response.writeHead(status, { ...headers, connection: 'close' });
  else {
    response.writeHead(status, headers);
    request.resume();
  }
  response.write(Buffer.from(body));
  response.end();
}

function write(response: Outgoing, bytes: Uint8Array): Observable<never> {
  return defer(() => (response.write(bytes) ? EMPTY : from(once(response, 'drain')).pipe(ignoreElements())));
}

/** Sends the frames at their pace; a client that does not read is waited for. */
function sendStream({ response, dialect }: Exchange, { requestId, frames }: Wire): Observable<never> {
  response.writeHead(200, dialect.headers(requestId));
  return from(burstsOf(frames, dialect.encode)).pipe(
    concatMap(({ delayMs, bytes }) => concat(timer(delayMs).pipe(ignoreElements()), write(response, bytes))),
    tap({ complete: () => response.end() }),
  );
}

function readBody(request: Incoming): Observable<Json | undefined> {
  return fromAsyncIterable<Uint8Array>(request).pipe(
    toArray(),
    map((chunks) => parseJson(Buffer.concat(chunks).toString('utf8'))),
  );
}

/** Reads the request, asks the script, and streams what it says. Fails where the script does. */
export function answer(exchange: Exchange): Observable<never> {
  const { request, path, dialect, script, pace, model, onRequest } = exchange;
  return readBody(request).pipe(
    concatMap((body) => {
      const read = reading(() => {
        demand(body !== undefined, 'the body is not valid JSON');
        return dialect.read(body, path);
      });
      if (!read.valid) {
        refuse(exchange, failure(400, 'invalid_request_error', read.message));
        return EMPTY;
      }
      onRequest(read.value);
      const turn = script(read.value);
      if (isFailure(turn)) {
        refuse(exchange, turn);
        return EMPTY;
      }
      return sendStream(exchange, dialect.wire(read.value, model ?? read.value.model, turn, pace));
    }),
  );
}
