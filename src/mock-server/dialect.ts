import type { OutgoingHttpHeaders } from 'node:http';
import type { Json } from '../events/json.js';
import type { Frame, Pace, Wire } from './frame.js';
import type { MockRequest } from './request.js';
import type { Random } from './seed.js';
import type { Answer, Failure } from './turn.js';

/** A whole answer that is no stream. */
export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** What one service's API has of its own; all else about answering a request is the same for all of them. */
export interface Dialect {
  /** The path that it serves, for people. */
  readonly route: string;
  readonly serves: (path: string) => boolean;
  /** The headers that can hold a key: one of them has to be there. */
  readonly keyHeaders: readonly string[];
  /** The answer to a request without a key. */
  readonly keyless: Failure;
  /** Reads the body of a request, or complains of it with `demand`. */
  readonly read: (body: Json, path: string) => MockRequest;
  readonly failure: (failure: Failure, requestId: string) => Reply;
  readonly requestId: (random: Random) => string;
  /** The headers of a stream. */
  readonly headers: (requestId: string) => OutgoingHttpHeaders;
  readonly wire: (request: MockRequest, model: string, answer: Answer, pace: Pace) => Wire;
  readonly encode: (frame: Frame) => Uint8Array;
}
