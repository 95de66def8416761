import { auditTime, catchError, concat, defer, EMPTY, isObservable, map, of, startWith, switchMap, takeUntil, tap, throwError, type Observable } from 'rxjs';
import { describeError, messageOf } from '../../errors/describe.js';
import { ConfigurationError, ConnectionError } from '../../errors/errors.js';
import { errorOutcome, type Tool } from '../types.js';
import { callTool, type Session } from './call.js';
import type { McpClient } from './client.js';
import { listTools } from './list.js';
import type { ListedTool } from './listed-tool.js';
import { nameTable } from '../../messages/tool-names.js';
import { listener, type OnNotice } from './notices.js';
import { outputCheck } from './output-schema.js';
import { Pins, type ApproveChange } from './pins.js';
import { reopening, type ReopeningDelay } from './reopening.js';
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
  /**
   * The pauses before a server that went away by itself is started again, where a source of clients was given. Default
   * `{ initial: 250, max: 30_000 }`; `false` leaves that to the source: its failure is then the tools' failure.
   */
  readonly restart?: ReopeningDelay | false;
  /** The hashes of the tools as they were approved before, from the notice `tools_listed`. Default: of the first listing. */
  readonly pins?: { readonly [name: string]: string };
  /**
   * Decides on each tool that was not there, or has another definition than the one that was approved. Until then, and
   * where it denies that (or fails), the tool is not offered and cannot be called. Default: a change is only announced.
   */
  readonly approveChange?: ApproveChange;
  /** Told of tools that were left out, and of a later listing that failed. Default: nobody is. */
  readonly onWarning?: (message: string) => void;
  /** Told of `tools_listed`, `server_down` and `server_up`, see {@link McpNotice}. Default: nobody is. */
  readonly onNotice?: OnNotice;
}

/** What is shared by all connections of one source of tools. */
interface Sharing {
  readonly options: McpToolsOptions;
  readonly pins: Pins;
  readonly warn: (message: string) => void;
}

function toTools(session: Session, listed: readonly ListedTool[], { options: { namespace, timeout }, pins, warn }: Sharing): readonly Tool[] {
  const names = nameTable(listed.map((tool) => tool.name), namespace);
  const byName = new Map(listed.map((tool) => [tool.name, tool]));
  return [...names].flatMap(([name, original]) => {
    const tool = byName.get(original);
    if (tool === undefined) return [];
    const { description, inputSchema, outputSchema, annotations } = tool;
    const check = outputSchema === undefined ? undefined : outputCheck(original, outputSchema, warn);
    const run: Tool['run'] = (call, context) => {
      if (!pins.allows(tool)) return of(errorOutcome('This tool has changed since it was approved, and may not be called.'));
      const outputs$ = callTool(session, original, call, context);
      return check === undefined ? outputs$ : outputs$.pipe(map((output) => (output.type === 'tool_outcome' ? check(output) : output)));
    };
    return [{ name, description, inputSchema, run, ...(timeout !== undefined && { timeout }), ...(annotations && { annotations }) }];
  });
}

/** The tools of a client until its connection is closed. */
function toolsOf(client: McpClient, sharing: Sharing): Observable<readonly Tool[]> {
  const { options, pins, warn } = sharing;
  return defer(() => {
    const { transport } = client;
    if (transport === undefined) {
      return throwError(() => new ConfigurationError('mcpTools was given an MCP client that is not connected: call its connect() first.'));
    }
    const session: Session = { client, wiretap: wiretapOf(transport) };
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
      switchMap(() => list$.pipe(switchMap((list) => pins.review(list)))),
      map((list) => toTools(session, list, sharing)),
      takeUntil(session.wiretap.closed$),
    );
  });
}

/** Whether it is no use to start the server again. Without a list of tools it is of no use either. */
function isFinal(error: unknown): boolean {
  const { code, retryable } = describeError(error);
  return !retryable && code !== 'tool_source';
}

/** The tools of a server that is started again when it goes away by itself, once it has listed them. */
function restarted(tools: Observable<readonly Tool[]>, restart: ReopeningDelay, notice: OnNotice): Observable<readonly Tool[]> {
  return defer(() => {
    let [hasBeenUp, isDown] = [false, false];
    return tools.pipe(
      tap(() => {
        if (isDown) notice({ type: 'server_up' });
        [hasBeenUp, isDown] = [true, false];
      }),
      reopening({
        ...restart,
        isFinal: (error) => !hasBeenUp || isFinal(error),
        proves: () => false,
        onPause: ({ error, ...pause }) => {
          isDown = true;
          notice({ type: 'server_down', error: messageOf(error), ...pause });
        },
      }),
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
 * client replaces the tools of the one before. A server that has been there and goes away by itself is started again,
 * after pauses that grow; until then the calls of its tools are answered with errors. Given a client, it never closes it.
 *
 * The structured content of an answer must fit the output schema that the tool was listed with, whichever page that
 * was. What a server says of its tools (`annotations`) is handed on to whoever approves calls, and decides nothing here.
 * A definition that differs from the one before is announced, and withheld until `approveChange` allows it.
 *
 * Fails as the source of clients does before the first list, and later where it says that it is no use to try again;
 * with `ToolSourceError` if the tools cannot be listed, `TimeoutError` if listing takes too long,
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
  return defer(() => {
    const { pins, approveChange, restart = { initial: 250, max: 30_000 } } = options;
    const [warn, notice] = [listener(options.onWarning), listener(options.onNotice)];
    const sharing: Sharing = { options, warn, pins: new Pins({ pins, approveChange, warn, notice }) };
    if (isObservable(client)) {
      const tools$ = client.pipe(switchMap((connected) => toolsOf(connected, sharing)));
      return restart === false ? tools$ : restarted(tools$, restart, notice);
    }
    return concat(toolsOf(client, sharing), throwError(() => new ConnectionError('The connection to the MCP server was closed.')));
  });
}
