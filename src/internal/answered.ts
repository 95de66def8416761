import { defer, Observable } from 'rxjs';

/** Whether an answer has said all that it has to say, though its body may not have ended. */
export interface Ending {
  over: boolean;
}

/**
 * Sends a request and reads its answer. Unsubscribing aborts the request's signal, before the answer as well as after it,
 * unless the reading has said that the answer is over: what is done is not cancelled.
 *
 * The values of the reading reach the subscriber with nothing in between.
 *
 * @param send makes the request; what it rejects with is the error
 * @param read the values of the answer; sets `over` before it emits the last of them
 */
export function answered<Answer, T>(send: (signal: AbortSignal) => Promise<Answer>, read: (answer: Answer, ending: Ending) => Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const controller = new AbortController();
    const ending: Ending = { over: false };
    subscriber.add(() => {
      if (!ending.over) controller.abort();
    });
    send(controller.signal).then(
      (answer) => {
        if (!subscriber.closed) defer(() => read(answer, ending)).subscribe(subscriber);
      },
      (error: unknown) => {
        ending.over = true;
        subscriber.error(error);
      },
    );
  });
}
