import { Observable } from 'rxjs';
import { handOn } from './handing-on.js';

const ignore = (): void => undefined;

/**
 * The chunks of an HTTP body, each emitted synchronously as it is read; unsubscribing cancels the body and so closes
 * its socket. `from(body)` does not cancel: it waits for the next chunk.
 */
export function readBody(body: ReadableStream<Uint8Array>): Observable<Uint8Array> {
  return new Observable<Uint8Array>((subscriber) => {
    const reader = body.getReader();
    let ended = false;
    const fail = (error: unknown): void => {
      ended = true;
      subscriber.error(error);
    };
    const pull = (): void => {
      reader.read().then((step) => {
        if (step.done) {
          ended = true;
          subscriber.complete();
          return;
        }
        if (!handOn(() => subscriber.next(step.value), goOn)) goOn();
      }, fail);
    };
    const goOn = (): void => {
      if (!subscriber.closed) pull();
    };
    subscriber.add(() => {
      if (!ended) reader.cancel().then(ignore, ignore);
    });
    pull();
  });
}
