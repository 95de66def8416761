import { map, Subscription, type Observable } from 'rxjs';
import { ConfigurationError, ConnectionError } from '../../errors/errors.js';
import type { StreamEvent } from '../../events/events.js';
import { toSse, type SseOptions } from './to-sse.js';

/** What is asked of a response: the `ServerResponse` of node:http and node:http2 fits, and so does Express's. */
export interface ResponseLike {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  /** How much was written and not yet taken by the network. */
  readonly writableLength: number;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  flushHeaders(): void;
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

/** How a run is sent to a client. */
export interface PipeToResponseOptions extends SseOptions {
  /**
   * The most that may wait for a client that reads too slowly, in bytes, when another frame is to be sent; beyond it
   * the client is dropped and the run stopped. Default 16 Mi.
   */
  readonly maxQueue?: number;
  /** Told why a response was cut: the source failed, or the client did not read. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // No cache keeps it, and nothing on the way compresses it, which would hold frames back until a block is full.
  'Cache-Control': 'no-cache, no-transform',
  // Tells nginx, and those who learned it from nginx, not to buffer.
  'X-Accel-Buffering': 'no',
} as const;

const ignore = (): void => undefined;

function begin(response: ResponseLike): void {
  if (!response.headersSent) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  }
  // The client learns that it is connected before the first event.
  response.flushHeaders();
}

function limitOf({ maxQueue = 16 * 1024 * 1024 }: PipeToResponseOptions): number {
  if (maxQueue >= 0) return maxQueue;
  throw new ConfigurationError(`maxQueue must be a number of bytes from 0, not ${String(maxQueue)}.`);
}

/**
 * Answers a request with a run, as Server-Sent Events. A client that disconnects unsubscribes the run: the model's
 * request is closed and its tools are stopped.
 *
 * Status and further headers (CORS, a cookie) are the application's: set them on the response before. The frames are
 * those of `toSse`.
 *
 * - The end of the source ends the response.
 * - A source that fails on the Rx error channel cuts the response, so that its client sees a broken stream and not a
 *   short one; `onError` is told why. The run of an agent does not fail there: its `error` event is sent.
 * - A run cannot be told to wait, so frames queue for a client that reads slowly; beyond `maxQueue` the response is cut
 *   like that too. One that has ended keeps what it still has to send: a limit for that is the server's `timeout`.
 * - A response that is over already is left alone, and nothing is subscribed.
 * - An `EventSource` connects again when a response ends or breaks, with a `Last-Event-ID` header, and a second run
 *   would cost a second time. Answer such a request with status 204, which makes it stop.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import type { Agent } from 'coldstream';
 * import { pipeToResponse } from 'coldstream/sse';
 *
 * export const serve = (ask: Agent) =>
 *   createServer((request, response) => {
 *     if (request.headers['last-event-id'] !== undefined) response.writeHead(204).end();
 *     else pipeToResponse(ask('Tell me a story.'), response);
 *   });
 * ```
 *
 * @see {@link toSse} for the frames alone, where another server sends them.
 * @param events$ the run; it is subscribed at once
 * @param response of node:http, or one like it
 * @param options heartbeat and limits; all have defaults
 * @returns the subscription to the run; unsubscribing stops the run and cuts a response that has not ended
 * @throws ConfigurationError for options that cannot work
 */
export function pipeToResponse(events$: Observable<StreamEvent>, response: ResponseLike, options: PipeToResponseOptions = {}): Subscription {
  const maxQueue = limitOf(options);
  const encode = toSse(options);
  const connection = new Subscription();
  if (response.destroyed || response.writableEnded) {
    connection.unsubscribe();
    return connection;
  }
  connection.add(() => {
    if (!response.writableEnded) response.destroy();
  });
  response.on('close', () => connection.unsubscribe());
  // A frame for a response that the application has just ended is not worth the process.
  response.on('error', ignore);
  begin(response);

  const frames$ = encode(events$).pipe(
    map((frame) => {
      if (response.writableLength <= maxQueue) return frame;
      throw new ConnectionError(`The client was dropped: it left more than ${maxQueue} bytes of the event stream unread.`, { partial: true });
    }),
  );
  connection.add(
    frames$.subscribe({
      next: (frame) => response.write(frame),
      error: (error: unknown) => {
        connection.unsubscribe();
        options.onError?.(error);
      },
      complete: () => {
        response.end();
        connection.unsubscribe();
      },
    }),
  );
  return connection;
}
