import { defer, tap, type Observable } from 'rxjs';
import { TimeoutError } from '../errors/errors.js';
import type { StreamEvent } from '../events/events.js';
import { watchdog } from '../internal/watchdog.js';
import type { ModelRequest, Provider } from '../provider.js';
import { isContentEvent } from './content-event.js';
import { markDecorated } from './marks.js';

/** The limits of `timingOut`, in milliseconds; `Infinity` turns one off. */
export interface TimeoutOptions {
  /** From the request to the first sign of life of the answer. Default 120,000. */
  readonly firstByte?: number;
  /** Between two signs of life, pings included. Default 60,000. */
  readonly idle?: number;
  /** From the first sign of life, and between two pieces of the answer; pings do not count. Default 300,000: models think for minutes. */
  readonly contentIdle?: number;
  /** From the request to the end of the answer. Default `Infinity`. */
  readonly total?: number;
}

const defaults: Required<TimeoutOptions> = { firstByte: 120_000, idle: 60_000, contentIdle: 300_000, total: Infinity };

const says: Readonly<Record<keyof TimeoutOptions, string>> = {
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
 * timingOut({ idle: 8 frames })   --a--b-------#
 * ```
 *
 * One timer watches the whole turn, however many events it has. Times are the scheduler's, so a marble test of an hour
 * takes no time.
 *
 * @param options the limits in milliseconds; all have defaults
 * @returns a decorator of providers
 */
export function timingOut(options: TimeoutOptions = {}): (provider: Provider) => Provider {
  const limits = { ...defaults, ...options };
  return (provider) => markDecorated((request) => defer(() => watchedTurn(provider, request, limits)));
}

function watchedTurn(provider: Provider, request: ModelRequest, limits: Required<TimeoutOptions>): Observable<StreamEvent> {
  let answered = false;
  let partial = false;
  return watchdog<StreamEvent, keyof TimeoutOptions>(
    (watch) => {
      const signOfLife = (content: boolean): void => {
        if (answered) {
          watch.touch('idle', content ? 'contentIdle' : undefined);
          return;
        }
        answered = true;
        watch.stop('firstByte');
        watch.start('idle', limits.idle);
        watch.start('contentIdle', limits.contentIdle);
      };
      const onPing = (): void => {
        signOfLife(false);
        request.onPing?.();
      };
      watch.start('firstByte', limits.firstByte);
      watch.start('total', limits.total);
      return provider({ ...request, onPing }).pipe(
        tap((event) => {
          const content = isContentEvent(event);
          partial ||= content;
          signOfLife(content);
        }),
      );
    },
    (name, ms) => new TimeoutError(`The model ${says[name]} within ${String(ms)} ms (limit "${name}").`, { partial }),
  );
}
