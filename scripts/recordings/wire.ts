import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { ErrorCode } from '../../src/errors/codes.js';
import type { Provider } from '../../src/provider.js';
import type { JsonRecord } from './json.js';
import type { Head, Place } from './serve.js';

/** One recorded answer of a service, and what is known of it. */
export interface Recording {
  /** Its folder, relative to the one that was searched. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The parsed `expected.json`; undefined where there is none, or where it is no JSON object. */
  readonly expected: JsonRecord | undefined;
}

/** What came of one try. */
export interface Outcome {
  readonly events: readonly StreamEvent[];
  readonly error: unknown;
}

/** The end of a turn. */
export type Turn = StreamEventOf<'message'>;

/** What has to come of a recording. */
export type Judgement =
  /** It cannot be tried, or its two files contradict each other. */
  | { readonly kind: 'unusable'; readonly why: string }
  | Failure
  | { readonly kind: 'success'; readonly note?: string };

export interface Failure {
  readonly kind: 'failure';
  readonly why: string;
  /** What the error may be called. */
  readonly codes: readonly ErrorCode[];
  /** The status of an answer that is a refusal. */
  readonly status?: number;
  readonly note?: string;
}

/** What is demanded of the provider for one recording. */
export interface Case {
  readonly judgement: Judgement;
  /** The text on the wire before its end, or before its failure. */
  readonly text: string;
  /** A rule that the wire breaks although a reader can go on, and the text before that: to refuse it there is as right. */
  readonly orBroken?: { readonly why: string; readonly text: string };
  /** The first difference between the turn that had to come and the one that came, in words. */
  readonly compareTurn: (turn: Turn, events: readonly StreamEvent[]) => string | undefined;
}

/** A kind of HTTP that a provider can be told to speak. */
export interface Transport {
  readonly name: 'HTTP/1.1' | 'HTTP/2';
  /** The provider that finds the service at the place. */
  readonly connect: (place: Place) => Provider;
}

/** All that is known here of a provider's wire format. */
export interface Wire {
  readonly name: string;
  /** The file that holds the recorded bytes. */
  readonly file: string;
  readonly transports: readonly Transport[];
  /** What has to come of a recording, read from its bytes independently of the provider. */
  readonly judge: (recording: Recording) => Case;
  /** The status and the headers of the recorded answer. */
  readonly head: (recording: Recording) => Head;
}
