import { catchError, concat, defer, EMPTY, mergeMap, tap, throwError, timer, type Observable } from 'rxjs';
import { messageOf } from '../../../errors/describe.js';
import { ConnectionError } from '../../../errors/errors.js';
import { longestTimer } from '../../../internal/clock.js';
import type { Message } from '../well-formed.js';
import type { Reading } from './readings.js';
import { answers, requestId, type HttpSession } from './session.js';

/** How often in a row a stream that went on without a word may be lost before the request is given up. */
const maxSilentResumes = 3;
const resumePause = 1_000;
const leastPause = 20;

/**
 * Sends a request; the messages of its answer, the reply last. A stream that ends before the reply is opened again where
 * the server has marked how far it had come; without a mark it fails at once, since nothing more can come.
 */
export function conversation(session: HttpSession, request: Message): Observable<Message> {
  return defer(() => {
    const isReply = answers(requestId(request));
    let mark: string | undefined;
    let retryMs: number | undefined;
    let replied = false;
    let lost: unknown;

    const read = (readings$: Observable<Reading>, silent: number): Observable<Message> => {
      let heard = false;
      const messages$ = readings$.pipe(
        tap((reading) => {
          // A mark that is told again shows only that the stream is where it was.
          heard ||= reading.message !== undefined || (reading.mark !== undefined && reading.mark !== mark);
          mark = reading.mark ?? mark;
          retryMs = reading.retryMs ?? retryMs;
          replied ||= reading.message !== undefined && isReply(reading.message);
        }),
        mergeMap(({ message }) => (message === undefined ? [] : [message])),
        catchError((error: unknown) => {
          if (mark === undefined && !replied) return throwError(() => error);
          lost = error;
          return EMPTY;
        }),
      );
      return concat(messages$, defer(() => goOn(heard ? 0 : silent + 1)));
    };

    const goOn = (silent: number): Observable<Message> => {
      if (replied) return EMPTY;
      const position = mark;
      if (position === undefined || silent > maxSilentResumes) return throwError(() => cutOff(lost));
      const pause = Math.max(retryMs ?? resumePause * 2 ** silent, leastPause);
      return timer(Math.min(pause, longestTimer)).pipe(mergeMap(() => read(session.resume(position, isReply), silent)));
    };

    return read(session.post(request), 0);
  });
}

function cutOff(lost: unknown): ConnectionError {
  const why = lost === undefined ? '.' : `: ${messageOf(lost)}`;
  return new ConnectionError(`The MCP server ended its answer before it was complete${why}`);
}
