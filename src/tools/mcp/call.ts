import { catchError, defer, finalize, from, map, merge, mergeMap, of, take, takeUntil, tap, type Observable, Subject } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import type { StreamEvent, ToolProgress } from '../../events/events.js';
import { withSignal } from '../../internal/abort.js';
import { eventFactory } from '../../provider.js';
import { errorOutcome, type ToolCall, type ToolContext, type ToolOutcome } from '../types.js';
import { anyResult, noTimeout, type McpClient } from './client.js';
import { fromMcpResult } from './content.js';
import { codeOf, isRecord, printable } from './guards.js';
import type { Watch, Wiretap } from './wiretap.js';

/** A connected client, and what passes on its transport. */
export interface Session {
  readonly client: McpClient;
  readonly wiretap: Wiretap;
}

const urlElicitationRequired = -32_042;

type Params = { readonly [member: string]: unknown };

/**
 * Sends the request; its result, or the SDK's error. Unsubscribed before the answer is read, the SDK sends
 * `notifications/cancelled`; from then on nothing does, not even in the microtasks that the SDK takes to hand it on.
 */
function request(session: Session, name: string, input: Params, watch: Watch): Observable<unknown> {
  return withSignal((signal) => {
    const answer = session.client.request(
      { method: 'tools/call', params: { name, arguments: input, _meta: { progressToken: watch.token } } },
      anyResult,
      { signal, timeout: noTimeout },
    );
    return merge(watch.answered$, from(answer)).pipe(
      take(1),
      map(() => answer),
    );
  }).pipe(mergeMap((answer) => from(answer)));
}

/** The members of a progress notification that can be used; undefined if there is none. */
function progressOf(call: ToolCall, params: Params): ToolProgress | undefined {
  const { progress, total, message } = params;
  const usable = {
    ...(typeof progress === 'number' && Number.isFinite(progress) && { progress }),
    ...(typeof total === 'number' && Number.isFinite(total) && { total }),
    ...(typeof message === 'string' && { message }),
  };
  if (Object.keys(usable).length === 0) return undefined;
  return { type: 'tool_progress', content: { id: call.id, name: call.name, ...usable } };
}

/** What a person would have to do first, where the server says so in the place of an answer. */
function errorText(error: unknown): string {
  const data = isRecord(error) && codeOf(error) === urlElicitationRequired ? error['data'] : undefined;
  const asked: readonly unknown[] = isRecord(data) && Array.isArray(data['elicitations']) ? data['elicitations'] : [];
  const pages = asked.flatMap((one) => (isRecord(one) && typeof one['url'] === 'string' ? [`\n${printable(one['url'], 2_000)}`] : []));
  return `${messageOf(error)}${pages.join('')}`;
}

/**
 * Runs one call of the server's tool `name`: `tool_progress` events as they come, then the outcome. Whatever the
 * server does, the outcome says it; the Observable does not fail.
 */
export function callTool(session: Session, name: string, call: ToolCall, context: ToolContext): Observable<StreamEvent | ToolOutcome> {
  const { input } = call;
  if (!isRecord(input)) return of(errorOutcome('The input of this tool must be an object.'));
  return defer(() => {
    if (session.client.transport === undefined) return of(errorOutcome('The MCP server of this tool is down.'));
    const event = eventFactory(context);
    const watch = session.wiretap.watch();
    const done = new Subject<void>();
    const outcome$ = request(session, name, input, watch).pipe(
      map(fromMcpResult),
      catchError((error: unknown) => of(errorOutcome(errorText(error)))),
      tap(() => done.next()),
    );
    const progress$ = watch.progress$.pipe(
      mergeMap((params) => {
        const body = progressOf(call, params);
        return body === undefined ? [] : [event(body)];
      }),
      takeUntil(done),
    );
    return merge(progress$, outcome$).pipe(finalize(() => watch.release()));
  });
}
