import { auditTime, catchError, concat, defer, EMPTY, isObservable, map, startWith, switchMap, takeUntil, tap, throwError, type Observable } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import { ConfigurationError, ConnectionError } from '../../errors/errors.js';
import type { Tool } from '../types.js';
import { callTool, type Session } from './call.js';
import type { McpClient } from './client.js';
import { listTools, type ListedTool } from './list.js';
import { nameTable } from '../../messages/tool-names.js';
import { wiretapOf } from './wiretap.js';

/** A burst of `list_changed` notifications is answered by one listing, this many milliseconds after its first. */
const listChangedPause = 50;

/** How `mcpTools` presents a server's tools. */
export interface McpToolsOptions {
  /** Put before each name as `namespace__name`, so that the tools of two servers cannot be mistaken for each other. */
  readonly namespace?: string;
  /** How long one call may take, in milliseconds. Default: the agent's `toolTimeout`. */
  readonly timeout?: number;
  /** How long the server may take to answer for one page of its list, in milliseconds. Default 60,000. */
  readonly listTimeout?: number;
  /** Told of tools that were left out, and of a later listing that failed. Default: nobody is. */
  readonly onWarning?: (message: string) => void;
}

function toTools(session: Session, listed: readonly ListedTool[], { namespace, timeout }: McpToolsOptions): readonly Tool[] {
  const names = nameTable(listed.map((tool) => tool.name), namespace);
  const byName = new Map(listed.map((tool) => [tool.name, tool]));
  return [...names].flatMap(([name, original]) => {
    const tool = byName.get(original);
    if (tool === undefined) return [];
    const { description, inputSchema } = tool;
    const run: Tool['run'] = (call, context) => callTool(session, original, call, context);
    return [{ name, description, inputSchema, run, ...(timeout !== undefined && { timeout }) }];
  });
}

/** The tools of a client until its connection is closed. */
function toolsOf(client: McpClient, options: McpToolsOptions): Observable<readonly Tool[]> {
  return defer(() => {
    const { transport } = client;
    if (transport === undefined) {
      return throwError(() => new ConfigurationError('mcpTools was given an MCP client that is not connected: call its connect() first.'));
    }
    const session: Session = { client, wiretap: wiretapOf(transport) };
    const warn = options.onWarning ?? (() => undefined);
    let listed = false;
    const list$ = listTools(client, { listTimeout: options.listTimeout ?? 60_000, warn }).pipe(
      tap(() => {
        listed = true;
      }),
      catchError((error: unknown) => {
        if (!listed) return throwError(() => error);
        warn(`The changed list of MCP tools could not be read, the old one stays: ${messageOf(error)}`);
        return EMPTY;
      }),
    );
    const changed$ = session.wiretap.listChanged$.pipe(auditTime(listChangedPause));
    return changed$.pipe(
      startWith(undefined),
      switchMap(() => list$),
      map((list) => toTools(session, list, options)),
      takeUntil(session.wiretap.closed$),
    );
  });
}

/**
 * The tools of an MCP server.
 *
 * Emits them once they are listed (all pages), again whenever the server says that the list has changed, and does not
 * complete while the client is connected. Give it to `agent` as it is.
 *
 * ```text
 * client     c--------------------------
 * server     --list----list_changed-----
 * mcpTools   ------a----------------b---
 * ```
 *
 * Names are kept where every provider takes them, and cleaned where not (`files.read` becomes `files_read`); the
 * server is always called by its own name. Each call sends `tools/call`, hands on the server's progress as
 * `tool_progress` events, all of them before the outcome, and sends `notifications/cancelled` when it is unsubscribed
 * before the answer. An error of the server, a crash and a malformed answer become error outcomes.
 *
 * Given an Observable of clients (`mcpStdio(...)`), it subscribes it with the tools and releases it with them; a new
 * client replaces the tools of the one before, and its failure is the tools' failure: `mcpStdio(...).pipe(retry(...))`
 * goes on with the tools of the next process. Given a client, it never closes it.
 *
 * Fails with `ToolSourceError` if the tools cannot be listed, `TimeoutError` if listing takes too long,
 * `ConnectionError` when a given client's connection closes, `ConfigurationError` for a client that is not connected.
 *
 * @example
 * ```ts
 * import { mcpStdio, mcpTools } from 'coldstream/mcp';
 *
 * const tools$ = mcpTools(mcpStdio('npx', ['-y', '@modelcontextprotocol/server-everything']), { namespace: 'demo' });
 * tools$.subscribe((tools) => console.log(tools.map((tool) => tool.name)));
 * ```
 *
 * @param client - A connected client, or an Observable of them.
 * @param options - See {@link McpToolsOptions}.
 * @returns The tools; each list replaces the one before.
 */
export function mcpTools(client: McpClient | Observable<McpClient>, options: McpToolsOptions = {}): Observable<readonly Tool[]> {
  // Where clients come from a source, it is the source that knows what the end of a connection means.
  if (isObservable(client)) return client.pipe(switchMap((connected) => toolsOf(connected, options)));
  const closed$ = throwError(() => new ConnectionError('The connection to the MCP server was closed.'));
  return concat(toolsOf(client, options), closed$);
}
