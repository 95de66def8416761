import { defer, from, switchMap, type Observable } from 'rxjs';
import type { McpClient } from '../client.js';
import type { McpClientOptions } from '../client-options.js';
import { connected, type Connection } from '../connect.js';
import { printable } from '../guards.js';
import { loadSdk } from '../load-sdk.js';
import { listener } from '../notices.js';
import type { StdioSettings } from './server-process.js';
import { stdioTransport } from './stdio-transport.js';

/** How `mcpStdio` starts a server. */
export interface McpStdioOptions extends McpClientOptions {
  /** Working directory. Default: this process's. */
  readonly cwd?: string;
  /** Added to what the server inherits, which is only what a program needs to run at all (`PATH`, `HOME` …). */
  readonly env?: { readonly [name: string]: string };
  /** What becomes of the server's standard error: dropped (default), passed on as it is, or given line by line. */
  readonly stderr?: 'ignore' | 'inherit' | ((line: string) => void);
  /** The longest message that is read, in bytes. Default 10 MiB. A longer one fails only the call that it answers. */
  readonly maxLineBytes?: number;
}

/**
 * An MCP server as a process: each subscription starts one and connects to it over its standard input and output.
 *
 * Emits the connected client and does not complete. Unsubscribing, also while it connects, ends the server with all
 * processes that it has started: its input is closed, `SIGTERM` follows within a tenth of a second and `SIGKILL` a
 * second later. The same happens to servers that still run when this process ends. (On Windows only the server's own
 * process is ended.)
 *
 * ```text
 * process    [start]--connect---------------exit 3
 * mcpStdio   --------------------c--------------#
 * ```
 *
 * The command is run as it is, without a shell; never take it from a model or from remote configuration. The server
 * does not inherit this process's environment, so that keys stay here; pass what it needs as `env`.
 *
 * Fails with `ConfigurationError` if the command cannot be started or `@modelcontextprotocol/sdk` is not installed,
 * `TimeoutError` if connecting takes too long, and `ConnectionError`, which names the exit code and the last line of
 * its standard error, when the server goes away by itself. Add `retry({ delay: 1000 })` to start it again.
 *
 * @example
 * ```ts
 * import { mcpStdio, mcpTools } from 'coldstream/mcp';
 *
 * const files$ = mcpStdio('npx', ['-y', '@modelcontextprotocol/server-filesystem', '/tmp'], { stderr: 'inherit' });
 * mcpTools(files$).subscribe((tools) => console.log(tools.length));
 * ```
 *
 * @param command - The program.
 * @param args - Its arguments.
 * @param options - See {@link McpStdioOptions}.
 * @returns The connected client.
 */
export function mcpStdio(command: string, args: readonly string[] = [], options: McpStdioOptions = {}): Observable<McpClient> {
  const { cwd, env, stderr = 'ignore', maxLineBytes = 10_485_760, onWarning } = options;
  const settings: StdioSettings = {
    command,
    args,
    stderr,
    maxLineBytes,
    warn: listener(onWarning),
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
  };
  const open = (): Connection => {
    const transport = stdioTransport(settings);
    return { transport, what: `The MCP server "${printable(command)}"`, server: printable(command), lost$: transport.lost$ };
  };
  return defer(() => from(loadSdk())).pipe(switchMap((sdk) => connected(sdk, options, open)));
}
