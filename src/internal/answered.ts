import { Observable } from 'rxjs';

/** Whether an answer has said all that it has to say, though its body may not have ended. */
export interface Ending {
  over: boolean;
}

/** A request under way: all that an open answer holds of its asking. */
class Asking {
  readonly ending: Ending = { over: false };
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  unsubscribe(): void {
    if (!this.ending.over) this.controller.abort();
  }
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
    const asking = new Asking();
    const { ending } = asking;
    subscriber.add(asking);
    send(asking.signal).then(
      (answer) => {
        if (subscriber.closed) return;
        let read$: Observable<T>;
        try {
          read$ = read(answer, ending);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        read$.subscribe(subscriber);
      },
      (error: unknown) => {
        ending.over = true;
        subscriber.error(error);
      },
    );
  });
}
