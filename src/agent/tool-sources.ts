import { catchError, combineLatest, concatMap, connect, defaultIfEmpty, defer, EMPTY, ignoreElements, isObservable, map, merge } from 'rxjs';
import { of, Subject, take, takeUntil, tap, throwError, type Observable } from 'rxjs';
import { messageOf } from '../errors/describe.js';
import { ConfigurationError, ToolSourceError } from '../errors/errors.js';
import { isolated } from '../internal/isolated.js';
import type { Tool } from '../tools/types.js';
import type { ToolSource } from './options.js';

/** The tools of a run as they are now. */
export type LatestTools = () => readonly Tool[];

/**
 * Subscribes all sources for the length of the run, which begins once each has given its first tools, and releases them
 * when the run completes or fails.
 *
 * A source that fails before its first tools fails the run. One that fails later, or then names two tools alike, leaves
 * the last tools in place: their calls will say what is wrong.
 */
export function withTools<T>(sources: readonly ToolSource[], run: (latest: LatestTools) => Observable<T>): Observable<T> {
  const fixed = sources.filter((source): source is Tool => !isObservable(source));
  if (fixed.length === sources.length) return defer(() => run(() => distinct(fixed)));
  return combineLatest(sources.map(follow)).pipe(
    map((lists) => lists.flat()),
    connect((tools$) => {
      let latest: readonly Tool[] | null = null;
      const over$ = new Subject<void>();
      return merge(
        tools$.pipe(
          tap((tools) => {
            if (latest === null || clash(tools) === undefined) latest = tools;
          }),
          ignoreElements(),
          takeUntil(over$),
        ),
        tools$.pipe(
          take(1),
          concatMap((tools) => {
            distinct(tools);
            return run(() => latest ?? tools);
          }),
          tap({ complete: () => over$.next() }),
        ),
      );
    }),
  );
}

function follow(source: ToolSource): Observable<readonly Tool[]> {
  if (!isObservable(source)) return of([source]);
  return defer(() => {
    let supplied = false;
    return isolated(source).pipe(
      tap(() => {
        supplied = true;
      }),
      defaultIfEmpty<readonly Tool[], readonly Tool[]>([]),
      catchError((error: unknown) =>
        supplied ? EMPTY : throwError(() => new ToolSourceError(`A source of tools failed: ${messageOf(error)}`, { cause: error })),
      ),
    );
  });
}

/** @throws ConfigurationError if two tools share a name */
function distinct(tools: readonly Tool[]): readonly Tool[] {
  const name = clash(tools);
  if (name !== undefined) throw new ConfigurationError(`Two tools are named ${JSON.stringify(name)}. Rename one; mcpTools takes a namespace.`);
  return tools;
}

/** A name that two tools share. */
function clash(tools: readonly Tool[]): string | undefined {
  const names = new Set<string>();
  return tools.find(({ name }) => names.size === names.add(name).size)?.name;
}
