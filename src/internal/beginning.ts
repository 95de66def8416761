import { catchError, defaultIfEmpty, defer, EMPTY, map, scan, takeLast, takeWhile, type OperatorFunction } from 'rxjs';

/**
 * The beginning of a body as one text, and no more of it than asked for: the rest is not read. A body that breaks off
 * ends there, since what it said until then may tell why.
 *
 * @param limit how much is enough, in UTF-16 units
 */
export function beginning(limit: number): OperatorFunction<Uint8Array, string> {
  return (source) =>
    defer(() => {
      const utf8 = new TextDecoder();
      return source.pipe(
        catchError(() => EMPTY),
        map((chunk) => utf8.decode(chunk.subarray(0, limit), { stream: true })),
        scan((text, piece) => text + piece, ''),
        takeWhile((text) => text.length < limit, true),
        takeLast(1),
        defaultIfEmpty(''),
        map((text) => text.slice(0, limit)),
      );
    });
}
