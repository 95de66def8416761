import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { built } from './build.js';
import type { Addresses } from './server/services.js';
import type { Figures, Order, Task } from './task.js';

export interface Services {
  readonly addresses: Addresses;
  stop(): void;
}

/** Long enough for the slowest client on a busy machine; a client that hangs must not hold the bench. */
const MOST_MILLISECONDS = 180_000;

const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true', NODE_NO_WARNINGS: '1' };

/** Starts the services in a process of their own. */
export async function startServices(): Promise<Services> {
  const child = spawn(process.execPath, [join(built.bench, 'server/main.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line]: unknown[] = await once(createInterface(child.stdout), 'line');
  const addresses: Addresses = JSON.parse(String(line));
  return { addresses, stop: () => child.stdin.end() };
}

async function outputOf(child: ChildProcess, what: string): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MILLISECONDS);
  const closed = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => child.once('close', (...how) => resolve(how)));
  const [out, problems] = await Promise.all([child.stdout === null ? '' : text(child.stdout), child.stderr === null ? '' : text(child.stderr)]);
  const [code, signal] = await closed;
  clearTimeout(timer);
  if (code === 0) return out;
  throw new Error(`${what} ended with ${code === null ? (signal ?? '') : `exit code ${String(code)}`}: ${problems.trim().slice(0, 500)}`);
}

/** Runs a program of the bench in a process of its own; its last line is what it measured. */
export async function figuresOf(program: string, argument: unknown, node: string = process.execPath, flags: readonly string[] = []): Promise<Figures> {
  const file = join(built.bench, `${program}.mjs`);
  const child = spawn(node, [...flags, file, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...quiet } });
  const out = await outputOf(child, program);
  const figures: Figures = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
  return figures;
}

/** One measurement of one client. `peerNode` is the Node that runs the peers. */
export function measure(client: string, isPeer: boolean, url: string, task: Task, peerNode: string | undefined): Promise<Figures> {
  const module = isPeer ? join(built.peers, 'clients', `${client}.mjs`) : join(built.bench, 'clients', `${client}.mjs`);
  const order: Order = { client: module, url, task };
  return figuresOf('worker', order, isPeer ? peerNode : undefined, task.kind === 'heap' ? ['--expose-gc'] : []);
}
