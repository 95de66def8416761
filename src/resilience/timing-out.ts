import type { Observable } from 'rxjs';
import { TimeoutError } from '../errors/errors.js';
import { requireNumber } from '../errors/require.js';
import type { Retry, StreamEvent } from '../events/events.js';
import { moment, now } from '../internal/clock.js';
import { watchdog, type Ends, type Watch, type Watched } from '../internal/watchdog.js';
import { isContentEvent, type ModelRequest, type Provider } from '../provider.js';
import { markDecorated } from './marks.js';

/** The limits of `timingOut`, in milliseconds; `Infinity` turns one off. */
export interface TimeoutOptions {
  /**
   * From the request to the service's beginning to answer: its headers, or whatever comes first. Default `Infinity`, since
   * `firstByte` bounds it too; set it to give up sooner on a service that cannot be reached than on one that thinks.
   */
  readonly connect?: number | undefined;
  /** From the request to the first sign of life of the answer. Default 120,000. */
  readonly firstByte?: number | undefined;
  /** Between two signs of life, pings included. Default 60,000. */
  readonly idle?: number | undefined;
  /** From the first sign of life, and between two pieces of the answer; pings do not count. Default 300,000: models think for minutes. */
  readonly contentIdle?: number | undefined;
  /** From the request to the end of the answer. Default `Infinity`. */
  readonly total?: number | undefined;
}

type Limit = keyof TimeoutOptions;

function limitsOf({ connect = Infinity, firstByte = 120_000, idle = 60_000, contentIdle = 300_000, total = Infinity }: TimeoutOptions): Readonly<Record<Limit, number>> {
  const limits = { connect, firstByte, idle, contentIdle, total };
  for (const [name, value] of Object.entries(limits)) requireNumber(name, value);
  return limits;
}

const says: Readonly<Record<Limit, string>> = {
  connect: 'could not be reached',
  firstByte: 'did not begin to answer',
  idle: 'fell silent in its answer',
  contentIdle: 'kept the connection alive but sent nothing of its answer',
  total: 'did not finish its answer',
};

/**
 * Ends a model turn that hangs with a retryable `TimeoutError`, and closes its connection.
 *
 * ```
 * provider                        --a--b----------------
 * timingOut({ idle: 8 })          --a--b-------#
 *
 * provider                        --a--p--p--p--p--p----    p: a ping
 * timingOut({ contentIdle: 8 })   --a-------#
 * ```
 *
 * - One timer watches the whole turn, however many limits and events it has. Times are the scheduler's, so a marble test
 *   of an hour takes no time.
 * - `connect` ends at the answer's headers, which a provider tells by `onAnswer` of the request, `firstByte` at the first
 *   event or ping. Both hooks are handed on.
 * - Around `retrying`, each attempt has its own limits, its wait left out, and `total` is for all of them; beneath it,
 *   `total` is for each.
 * - The error is `partial` where a part of the answer had been emitted.
 *
 * @example
 * ```ts
 * import { timingOut } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const provider = timingOut({ connect: 5_000, total: 600_000 })(anthropic({ model: 'claude-sonnet-5' }));
 * provider({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }).subscribe({
 *   next: ({ type }) => console.log(type),
 *   error: (error) => console.error(error.message),
 * });
 * ```
 *
 * @param options the limits in milliseconds; all have defaults
 * @returns a decorator of providers
 * @throws ConfigurationError for a number that cannot be meant
 */
export function timingOut(options: TimeoutOptions = {}): (provider: Provider) => Provider {
  const limits = limitsOf(options);
  return (provider) => markDecorated((request) => watchdog(() => new WatchedTurn(provider, request, limits)), provider);
}

type Limits = Readonly<Record<Limit, number>>;

/** One turn, and when each of its limits passes. */
class WatchedTurn implements Watched<StreamEvent, Limit> {
  readonly ends: Ends<Limit> = { connect: Infinity, firstByte: Infinity, total: Infinity, idle: Infinity, contentIdle: Infinity };
  readonly soonest: number;
  private answered = false;
  private partial = false;
  private watch: Watch | undefined;

  constructor(
    private readonly provider: Provider,
    private readonly request: ModelRequest,
    private readonly limits: Limits,
  ) {
    const begun = now();
    this.ends.total = begun + limits.total;
    this.awaitAnswer(begun);
    this.soonest = Math.min(limits.idle, limits.contentIdle);
  }

  source(watch: Watch): Observable<StreamEvent> {
    const { request } = this;
    this.watch = watch;
    const onPing = (): void => {
      this.signOfLife(false);
      request.onPing?.();
    };
    const onAnswer = (): void => {
      this.ends.connect = Infinity;
      request.onAnswer?.();
    };
    return this.provider({ ...request, onPing, onAnswer });
  }

  seen(event: StreamEvent): void {
    const content = isContentEvent(event);
    this.partial ||= content;
    this.signOfLife(content);
    if (event.type === 'retry') this.waitAgain(event.content);
  }

  fail(name: Limit): TimeoutError {
    const { limits, partial } = this;
    return new TimeoutError(`The model ${says[name]} within ${String(limits[name])} ms (limit "${name}").`, { partial });
  }

  private signOfLife(content: boolean): void {
    const { ends, limits } = this;
    const at = this.answered ? moment() : now();
    ends.idle = at + limits.idle;
    if (content || !this.answered) ends.contentIdle = at + limits.contentIdle;
    if (this.answered) return;
    this.answered = true;
    ends.connect = Infinity;
    ends.firstByte = Infinity;
    this.watch?.nearer();
  }

  private awaitAnswer(at: number): void {
    this.ends.connect = at + this.limits.connect;
    this.ends.firstByte = at + this.limits.firstByte;
  }

  /** A retry beneath is a new request, after a wait that is not the service's silence. */
  private waitAgain({ delayMs, discard }: Retry['content']): void {
    this.answered = false;
    this.partial &&= !discard;
    this.ends.idle = Infinity;
    this.ends.contentIdle = Infinity;
    this.awaitAnswer(now() + delayMs);
    this.watch?.nearer();
  }
}
