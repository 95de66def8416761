// Draws docs/pictures/demo.svg, the picture in the README, from docs/pictures/demo.jsonl; a test fails where it differs
// from what the code draws. `node --import tsx scripts/picture.ts --record` runs the demo first, and records it anew.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const recording = join(root, 'docs/pictures/demo.jsonl');

function run(program: string, ...argv: readonly string[]): void {
  // The stand-in answers, whatever keys there are.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:ANTHROPIC|AWS)_/u.test(name)));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'src/cli', program), ...argv], { cwd: root, env: environment, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}`);
}

if (process.argv.includes('--record')) {
  run('demo.ts', '--record', recording);
  chmodSync(recording, 0o644);
}
run('main.ts', 'marbles', recording, '--svg', recording.replace(/jsonl$/u, 'svg'));
