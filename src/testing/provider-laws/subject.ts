import type { Observable, ObservableInput } from 'rxjs';
import type { StreamEventOf, StreamEventType } from '../../events/events.js';
import type { Provider } from '../../provider.js';

/** A turn that the service under the laws can give, a frame at a time. What the frames are made of is its own business. */
export interface LawTurn {
  /** Stands in the titles of the tests: `text`, `a tool call`. */
  readonly name: string;
  /**
   * One entry for each frame, in order: the types of the events that the provider tells when the frame arrives, `[]` for
   * a frame that says nothing by itself. The last frame is the terminal one, and its last event is `message`.
   */
  readonly tells: readonly (readonly StreamEventType[])[];
  /**
   * For a wire whose turn is whole before its last frame: after this many frames, an end of the stream (of any kind) is a
   * success, and adds these events to the ones of the frames.
   */
  readonly enough?: { readonly frames: number; readonly adds: readonly StreamEventType[] };
  /** What the assistant's message has to be in the next request, where `sentBack` of the subject finds it. */
  readonly sentBack?: unknown;
}

/** One request, as the service sees it. The laws say what the service does next. */
export interface LawExchange {
  /** The request's body, parsed. */
  readonly body: unknown;
  /** Whether the exchange is over for the service: it has ended the answer, or the client is gone (not merely silent). */
  readonly closed: () => boolean;
  /** Begins the answer (status and headers), and sends no frame. Does nothing once the client is gone. */
  readonly answer?: () => void;
  /** Sends the frames of these positions, in one piece. Does nothing once the client is gone. */
  readonly send: (frames: readonly number[]) => void;
  /** Ends the answer as if it were whole. */
  readonly end?: () => void;
  /** Breaks the connection in one of the ways of `breaks`. */
  readonly break?: (how: string) => void;
}

/** A service, and a provider that asks it. */
export interface LawBench {
  readonly provider: Provider;
  /** The requests so far, in the order in which they arrived; a longer list each time. */
  readonly exchanges: () => readonly LawExchange[];
}

/** What a provider owes, by name. {@link providerLaws} says what each means. */
export type ProviderLaw =
  | 'cold'
  | 'apart'
  | 'left at once'
  | 'left while connecting'
  | 'left before the answer'
  | 'left before the first event'
  | 'left within an event'
  | 'left between events'
  | 'answer announced'
  | 'ended early'
  | 'broken before the answer'
  | 'broken'
  | 'held open'
  | 'surplus'
  | 'order'
  | 'plain'
  | 'lossless'
  | 'round trip';

/** A provider, handed over to the laws with a service that they control. */
export interface ProviderSubject<Turn extends LawTurn = LawTurn> {
  readonly name: string;
  /** The turns to hold the laws over. A few short ones that hold what the wire has: text, a tool call, signed thinking. */
  readonly turns: readonly Turn[];
  /**
   * Subscribed once for each law: starts a service that answers every request with the turn, as far as it is told to, and
   * emits it with the provider that asks it. Does not complete. Unsubscribed, it closes everything.
   */
  readonly open: (turn: Turn) => Observable<LawBench>;
  /** The ways in which a connection of this wire can break, by the names that `break` knows. */
  readonly breaks?: readonly string[];
  /** Finds the assistant's message, or its content, in the body of a request. */
  readonly sentBack?: (body: unknown) => unknown;
  /**
   * The provider's own proof that nothing was lost: what the `message` event holds in the terms of the wire, and what
   * something that is not under test, such as the vendor's SDK, makes of the same turn.
   */
  readonly official?: (turn: Turn, event: StreamEventOf<'message'>) => ObservableInput<readonly [told: unknown, official: unknown]>;
  /** Laws that cannot be held over this provider, with the reason; the title of the suite names them. */
  readonly without?: Readonly<Partial<Record<ProviderLaw, string>>>;
  /** How long to wait for what is owed before the law counts as broken, in milliseconds. Default 5,000. */
  readonly patience?: number;
}
