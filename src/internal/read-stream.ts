import { EMPTY, Observable, of } from 'rxjs';
import { handOn } from './handing-on.js';
import { fromAsyncIterable } from './from-async-iterable.js';
import { readBody } from './read-body.js';

/** Who is told of a body as it comes: a subscriber of rxjs fits. */
export interface BodyReceiver {
  next(chunk: Uint8Array): void;
  error(error: unknown): void;
  complete(): void;
}

/** Holds a body that is pushed. */
export interface BodyFlow {
  pause(): void;
  resume(): void;
  /** Closes the connection, unless the body has ended. Nothing is told any more. */
  stop(): void;
}

/** An answer that pushes its body: each chunk is one call, with no promise and no stream in between. */
export interface PushedBody {
  /** Begins, once: what has come before is told at once. */
  pushTo(receiver: BodyReceiver): BodyFlow;
}

type Listener = (value: never) => void;

/** What is asked of a stream of Node: an `IncomingMessage` or a `ClientHttp2Stream` fits. */
export interface NodeStream {
  on(event: string, listener: Listener): unknown;
  prependListener(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  destroy(): unknown;
  pause?(): unknown;
  resume?(): unknown;
  readonly destroyed?: boolean;
  readonly errored?: Error | null;
}

const ignore = (): void => undefined;

/** The same code that a reset has: whoever reads errors knows it. */
function brokenOff(): Error {
  return Object.assign(new Error('The connection was closed in the middle of the body'), { code: 'ECONNRESET' });
}

/**
 * The chunks of a stream of Node, each emitted synchronously as it comes; unsubscribing destroys the stream and so
 * closes its connection. A stream that closes without its end has failed, and so has one that was destroyed by the time
 * of its end: that is how HTTP/2 tells of a connection that was lost.
 */
function readNodeStream(stream: NodeStream): Observable<Uint8Array> {
  return new Observable<Uint8Array>((subscriber) => {
    let ended = false;
    const fail = (error: unknown): void => {
      ended = true;
      subscriber.error(error);
    };
    const goOn = (): void => {
      if (!subscriber.closed) stream.resume?.();
    };
    const listeners: readonly (readonly [string, Listener])[] = [
      [
        'data',
        (chunk: Uint8Array) => {
          if (handOn(() => subscriber.next(chunk), goOn)) stream.pause?.();
        },
      ],
      ['error', fail],
      ['close', () => fail(stream.errored ?? brokenOff())],
      [
        'end',
        () => {
          if (stream.destroyed === true) {
            fail(brokenOff());
            return;
          }
          ended = true;
          subscriber.complete();
        },
      ],
    ];
    subscriber.add(() => {
      for (const [event, listener] of listeners) stream.removeListener(event, listener);
      if (ended) return;
      // A stream may tell of its destruction as an error, and one that nobody hears ends the process.
      const forget = (): void => {
        stream.removeListener('error', ignore);
        stream.removeListener('close', forget);
      };
      stream.on('error', ignore);
      stream.on('close', forget);
      stream.destroy();
    });
    if (stream.destroyed === true) {
      fail(stream.errored ?? brokenOff());
      return;
    }
    for (const [event, listener] of listeners) {
      // Before any other: whoever made the stream may destroy it when it ends, and it would look as if it had been lost.
      if (event === 'end') stream.prependListener(event, listener);
      else stream.on(event, listener);
    }
  });
}

function readPushed(body: PushedBody): Observable<Uint8Array> {
  return new Observable<Uint8Array>((subscriber) => {
    // A chunk that is on its way when the flow is paused comes all the same, and may be held back too.
    let held = 0;
    let flow: BodyFlow | undefined = undefined;
    const goOn = (): void => {
      held -= 1;
      if (held === 0) flow?.resume();
    };
    flow = body.pushTo({
      next: (chunk) => {
        if (!handOn(() => subscriber.next(chunk), goOn)) return;
        held += 1;
        flow?.pause();
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    // What has come before is told before there is something to pause.
    if (held > 0) flow.pause();
    subscriber.add(() => flow.stop());
  });
}

function has<Name extends string>(value: object, ...names: readonly Name[]): value is Record<Name, (...args: never) => unknown> {
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

/** Known by its form: it may come from another copy of this package, or from anybody else. */
function isPushed(value: object): value is PushedBody {
  return has(value, 'pushTo');
}

function isWebStream(value: object): value is ReadableStream<Uint8Array> {
  return has(value, 'getReader', 'cancel');
}

function isNodeStream(value: object): value is NodeStream {
  return has(value, 'on', 'prependListener', 'removeListener', 'destroy');
}

function isAsyncIterable(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value;
}

function isBytes(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

/** Where to read the body of an answer from: itself where it pushes, so that no stream is made. */
export function bodyOf(response: { readonly body: unknown }): unknown {
  return isPushed(response) ? response : response.body;
}

/** The chunks of a body, whichever HTTP client it came from; what is no body has no chunks. */
export function readStream(body: unknown): Observable<Uint8Array> {
  if (typeof body === 'string') return of(new TextEncoder().encode(body));
  if (typeof body !== 'object' || body === null) return EMPTY;
  if (isBytes(body)) return of(body);
  if (isPushed(body)) return readPushed(body);
  if (isWebStream(body)) return readBody(body);
  if (isNodeStream(body)) return readNodeStream(body);
  if (isAsyncIterable(body)) return fromAsyncIterable(body);
  return EMPTY;
}
