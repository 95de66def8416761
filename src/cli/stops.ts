import { Subject, type Observable } from 'rxjs';
import { now } from '../internal/clock.js';

/** npm passes Ctrl-C on to a program that the terminal has told already: what comes this soon is the same key press. */
const samePressMs = 500;

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

function codeOf(error: NodeJS.ErrnoException): number {
  // The reader has what it wanted (`| head`): that is no failure.
  return error.code === 'EPIPE' ? 0 : 1;
}

/**
 * Emits the exit code when the process is asked to end: by a signal, or because nobody reads its output any more. A
 * second signal ends the process at once, after `beforeExit`. Listens as long as the process lives: without a listener
 * a signal would end it before its children are gone.
 */
export function watchStops(beforeExit: () => void): Observable<number> {
  const stops$ = new Subject<number>();
  let firstAt: number | undefined;
  const onSignal = (signal: keyof typeof exitCodes): void => {
    const at = now();
    if (firstAt === undefined) {
      firstAt = at;
      stops$.next(exitCodes[signal]);
    } else if (at - firstAt > samePressMs) {
      beforeExit();
      process.exit(exitCodes[signal]);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => stops$.next(codeOf(error)));
  process.stderr.on('error', () => undefined);
  return stops$.asObservable();
}
