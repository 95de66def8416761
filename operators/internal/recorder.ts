import type { StreamEvent } from '../../src/events/events.js';
import { jsonLine } from '../../src/events/json-line.js';
import { reportUnhandled } from './report-unhandled.js';

/** What takes lines of text: a Node stream that can be written, a file, a socket. */
export interface LineSink {
  /** Gets an event as one line of JSON, the line feed included. */
  write(line: string): unknown;
  /** Called once, however the stream ends. */
  end?(): unknown;
  /** Where it is there, an `error` that the sink emits is a failure of the sink. */
  on?(event: 'error', listener: (error: unknown) => void): unknown;
}

/** What takes events as an observer does: a `Subject`, an `Observer`. */
export interface EventObserver {
  next(event: StreamEvent): unknown;
  error?(error: unknown): unknown;
  /** Called where the stream completes, and where it is unsubscribed. */
  complete?(): unknown;
}

/** Where events are recorded. A function is called with each event; a promise that it returns may fail. */
export type EventSink = ((event: StreamEvent) => unknown) | EventObserver | LineSink;

/** How a sink that fails is dealt with. */
export interface RecordOptions {
  /** Whether the stream fails where the sink does. Default false: it goes on without being recorded. */
  readonly required?: boolean;
  /** Told of the sink's first failure. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

/** Writes to one sink for one subscription. */
export interface Recorder {
  write(event: StreamEvent): void;
  /** The stream has ended, by an error or not. */
  end(failure?: { readonly error: unknown }): void;
}

interface Target {
  write(event: StreamEvent): unknown;
  end(failure?: { readonly error: unknown }): unknown;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function targetOf(sink: EventSink, fail: (error: unknown) => void): Target {
  if (typeof sink === 'function') return { write: sink, end: () => undefined };
  if ('next' in sink) {
    return {
      write: (event) => sink.next(event),
      end: (failure) => (failure === undefined ? sink.complete?.() : sink.error?.(failure.error)),
    };
  }
  // Without a listener a Node stream that cannot write ends the process.
  sink.on?.('error', fail);
  return { write: (event) => sink.write(jsonLine(event)), end: () => sink.end?.() };
}

/**
 * A recorder that no failure of its sink gets out of: the first is told, and nothing is written after it.
 *
 * @param failed told of the first failure
 */
export function recorder(sink: EventSink, failed: (error: unknown) => void): Recorder {
  let [broken, ended] = [false, false];
  const fail = (error: unknown): void => {
    if (broken) return;
    broken = true;
    try {
      failed(error);
    } catch (thrown) {
      reportUnhandled(thrown);
    }
  };
  const attempt = (work: () => unknown): void => {
    try {
      const given = work();
      if (isThenable(given)) given.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
  const target = targetOf(sink, fail);
  return {
    write: (event) => {
      if (!broken) attempt(() => target.write(event));
    },
    end: (failure) => {
      if (ended) return;
      ended = true;
      attempt(() => target.end(failure));
    },
  };
}
