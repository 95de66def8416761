import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { StreamEvent as StreamEventType } from '../../src/events/events.js';
import { StreamEvent } from '../../src/events/stream-event-codec.js';

/** For the files of one test file; removed by it. */
export const folder = mkdtempSync(join(tmpdir(), 'coldstream-'));
const nothing = join(folder, 'nothing');
let children: ChildProcess[] = [];

export function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
  children = [];
}

export interface Started {
  readonly child: ChildProcess;
  /** What has come on standard output so far. */
  readonly out: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** Starts a program of the command line, with no key of whoever runs the tests. */
export function start(program: 'main' | 'demo', argv: readonly string[], environment: Record<string, string> = {}): Started {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:ANTHROPIC|AWS)_/u.test(name));
  // Nor a profile of whoever runs the tests.
  const clean = { ...Object.fromEntries(kept), AWS_CONFIG_FILE: nothing, AWS_SHARED_CREDENTIALS_FILE: nothing };
  const child = spawn(process.execPath, ['--import', 'tsx', `src/cli/${program}.ts`, ...argv], { env: { ...clean, ...environment } });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, out, err }));
  return { child, out: () => out, ended };
}

/** Listens on loopback, on a port that the system gives. */
export async function addressOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

/** An address where nobody listens any more. */
export async function closedAddress(): Promise<string> {
  const server = createServer();
  const address = await addressOf(server);
  server.close();
  return address;
}

export const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

export function eventsOf(out: string): readonly StreamEventType[] {
  return linesOf(out).map((line) => {
    const decoded = StreamEvent.decode(JSON.parse(line));
    if (E.isLeft(decoded)) throw new Error(line);
    return decoded.right;
  });
}
