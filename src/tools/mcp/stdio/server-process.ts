import { spawn, type ChildProcess } from 'node:child_process';
import { delay, race, Subject, take, type Observable } from 'rxjs';
import { ConfigurationError } from '../../../errors/errors.js';
import { codeOf, printable } from '../guards.js';
import { serverEnvironment } from './environment.js';
import { hasGroups } from './process-group.js';

/** What a server's process is started with. */
export interface StdioSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly stderr: 'ignore' | 'inherit' | ((line: string) => void);
  readonly maxLineBytes: number;
  readonly warn: (message: string) => void;
}

/** How long the ends of the process and of its pipes may be apart: a child of the server may hold them open. */
const endPause = 40;

/** Starts the process; a failure is thrown, or comes as the process's `error`. */
export function startProcess({ command, args, cwd, env, stderr }: StdioSettings): ChildProcess {
  return spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    env: serverEnvironment(env),
    // A group of its own, so that it can be ended with all that it has started.
    detached: hasGroups,
    shell: false,
    windowsHide: true,
    stdio: ['pipe', 'pipe', stderr === 'inherit' ? 'inherit' : 'pipe'],
  });
}

/** Why the process could not be started, and what to do. */
export function startError(error: unknown, { command, cwd }: StdioSettings): ConfigurationError {
  const code = codeOf(error);
  const place = cwd === undefined ? '' : ` Does the working directory ${printable(cwd)} exist?`;
  const what = `The MCP server command "${printable(command)}"`;
  const details = { cause: error };
  if (code === 'ENOENT') return new ConfigurationError(`${what} was not found: install it, or give its full path.${place}`, details);
  if (code === 'EACCES') return new ConfigurationError(`${what} may not be run: make it executable, or give another one.${place}`, details);
  return new ConfigurationError(`${what} could not be started: ${typeof code === 'string' ? code : 'check its arguments'}.${place}`, details);
}

/** Emits, once, when the process is over or can no longer answer; says how it ended if that is known. */
export function endOf(child: ChildProcess): Observable<string | undefined> {
  const [closed, ended] = [new Subject<string | undefined>(), new Subject<string | undefined>()];
  let how: string | undefined;
  child.once('exit', (code, signal) => {
    how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
    ended.next(how);
  });
  child.stdout?.once('close', () => ended.next(how));
  child.once('close', () => closed.next(how));
  return race(closed, ended.pipe(delay(endPause))).pipe(take(1));
}

/** Lets go of the pipes: whoever has left the process's group may still hold their other ends. */
export function releasePipes(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}
