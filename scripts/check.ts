// Every check of the repository but the tests, two at a time; what a check prints is shown when it is done.
// `npm run check -- lint knip` runs only those named.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

interface Part {
  /** A script of package.json. */
  readonly name: string;
  /** The part that must have passed before. */
  readonly after?: string;
}

// The long ones first, so that both lanes are busy to the end.
const parts: readonly Part[] = [
  { name: 'lint' },
  { name: 'build' },
  { name: 'snippets' },
  { name: 'prove-marbles' },
  { name: 'package', after: 'build' },
  { name: 'surface' },
  { name: 'typecheck' },
  { name: 'layers' },
  { name: 'marble-cases' },
  { name: 'knip' },
  { name: 'faults' },
  { name: 'sizes', after: 'build' },
];
const lanes = 2;

async function run(name: string): Promise<boolean> {
  const begin = Date.now();
  const child = spawn('npm', ['run', '--silent', name], { cwd: join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, problems, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  console.log(`== ${name}: ${code === 0 ? 'ok' : `failed with exit code ${String(code)}`} (${((Date.now() - begin) / 1_000).toFixed(0)} s)`);
  const said = [out, problems].map((one) => one.trim()).filter((one) => one !== '');
  if (said.length > 0) console.log(said.join('\n'));
  return code === 0;
}

async function runAll(wanted: readonly Part[]): Promise<readonly string[]> {
  const waiting = [...wanted];
  const done = new Map<string, Promise<boolean>>();
  const failed: string[] = [];
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { name, after } = part;
      // What comes after another is named after it too, so a lane that waits waits for one that runs.
      const ready = after === undefined ? true : await (done.get(after) ?? true);
      if (!ready) console.log(`== ${name}: left out, it needs ${String(after)}`);
      const result = ready ? run(name) : Promise.resolve(false);
      done.set(name, result);
      if (!(await result)) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return failed;
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) throw new Error(`no such check: ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  const wanted = parts.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const failed = await runAll(wanted);
  console.log(failed.length === 0 ? `\ncheck: ${String(wanted.length)} passed` : `\ncheck: failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

void main();
