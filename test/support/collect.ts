import type { Observable } from 'rxjs';

/** Subscribes and gives what came synchronously; fails if the source has not completed by then. */
export function collect<T>(source: Observable<T>): readonly T[] {
  const values: T[] = [];
  let completed = false;
  source.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => {
      throw error;
    },
    complete: () => {
      completed = true;
    },
  });
  if (!completed) throw new Error(`The source did not complete synchronously; it emitted ${String(values.length)} values.`);
  return values;
}
