import type { ChildProcess } from 'node:child_process';
import { catchError, defer, lastValueFrom, merge, mergeMap, ReplaySubject, Subscription, throwError, timer, type Observable } from 'rxjs';
import { isColdstreamError } from '../../../errors/describe.js';
import { ConnectionError } from '../../../errors/errors.js';
import type { McpTransport } from '../client.js';
import { printable } from '../guards.js';
import { lineSplitter, type LongLine } from './lines.js';
import { readLine } from './messages.js';
import { adoptGroup, endGroup } from './process-group.js';
import { endOf, releasePipes, startError, startProcess, type StdioSettings } from './server-process.js';

/** A transport, in the form that the SDKs ask for, over a process of its own. */
export interface StdioTransport extends McpTransport {
  /** Starts the process; rejects with an error that says why it cannot. */
  start(): Promise<void>;
  /** Ends the process and all that it started; never rejects. May be called at any time, and more than once. */
  close(): Promise<void>;
  onerror?: ((error: Error) => void) | undefined;
  /** Fails when the server goes away by itself; completes when it is closed from here. */
  readonly lost$: Observable<never>;
}

const maxStderrLine = 65_536;
const nodeVersion = /^Node\.js v\d/;

/** How long the end of a process may take to be told after its input has broken, in milliseconds. */
const endGrace = 1_000;

/** Reads both outputs of a process by lines and tells when it is over. */
function listen(
  child: ChildProcess,
  settings: StdioSettings,
  heard: { line(line: string | LongLine): void; complaint(line: string): void; end(how: string | undefined): void },
): Subscription {
  const [output, errors] = [lineSplitter(settings.maxLineBytes), lineSplitter(maxStderrLine)];
  child.stdout?.on('data', (chunk: Buffer) => {
    for (const line of output.push(chunk)) heard.line(line);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of errors.push(chunk)) heard.complaint(typeof line === 'string' ? line : line.head);
  });
  // Whoever writes is told; without a listener the error would end this process.
  child.stdin?.on('error', () => undefined);
  return endOf(child).subscribe({ next: (how) => heard.end(how), error: () => undefined });
}

function write(child: ChildProcess | undefined, message: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const input = child?.stdin;
    if (input?.writable !== true) throw new ConnectionError('The MCP server is not connected.');
    input.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

/** A pipe breaks before the process has ended, and how it ended says more: that is waited for, but not for ever. */
function failLater(error: unknown): Observable<never> {
  return timer(endGrace).pipe(mergeMap(() => throwError(() => error)));
}

/** A transport over a process that does not run yet. */
export function stdioTransport(settings: StdioSettings): StdioTransport {
  const lost = new ReplaySubject<never>(1);
  const listening = new Subscription();
  let child: ChildProcess | undefined;
  let closing: Promise<void> | undefined;
  let isOver = false;
  let complaint = '';
  let thrown = '';

  const over = (): void => {
    if (isOver) return;
    isOver = true;
    transport.onclose?.();
  };
  const heard = {
    line: (line: string | LongLine): void => {
      const reading = isOver ? undefined : readLine(line);
      if (reading === undefined) return;
      if ('warning' in reading) settings.warn(reading.warning);
      else transport.onmessage?.(reading.message);
    },
    complaint: (line: string): void => {
      const said = printable(line);
      if (/^(?:Uncaught )?\w*Error\b.*:/.test(said)) thrown = said;
      // Node ends what it dumps of an error with its version; the error stands above.
      complaint = (nodeVersion.test(said) ? thrown : said) || complaint;
      if (typeof settings.stderr === 'function') settings.stderr(line);
    },
    end: (how: string | undefined): void => {
      over();
      const manner = how === undefined ? 'closed its output' : `ended (${how})`;
      const last = complaint === '' ? '.' : `: ${complaint}`;
      lost.error(new ConnectionError(`The MCP server "${printable(settings.command)}" ${manner}${last}`));
    },
  };
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (isOver) throw new ConnectionError('The MCP server was closed before it was started.');
      child = startProcess(settings);
      child.on('error', reject);
      child.once('spawn', resolve);
      if (child.pid === undefined) return;
      adoptGroup(child.pid);
      listening.add(listen(child, settings, heard));
    });
  const end = async (): Promise<void> => {
    over();
    listening.unsubscribe();
    lost.complete();
    if (child?.pid === undefined) return;
    child.stdin?.end();
    await lastValueFrom(endGroup(child.pid), { defaultValue: undefined });
    releasePipes(child);
  };

  const transport: StdioTransport = {
    start: () => start().catch((error: unknown) => Promise.reject(isColdstreamError(error) ? error : startError(error, settings))),
    send: (message) => lastValueFrom(defer(() => write(child, message)).pipe(catchError((error: unknown) => merge(lost, failLater(error)))), { defaultValue: undefined }),
    close: () => (closing ??= end()),
    lost$: lost,
  };
  return transport;
}
