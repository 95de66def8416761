import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../src/events/json.js';

const ROOT = join(__dirname, '../..');

/** Writes a recording. */
export async function record(folder: string, file: string, wire: string | Uint8Array, expected: JsonObject): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), wire);
  await writeFile(join(folder, 'expected.json'), JSON.stringify(expected));
}

export interface Run {
  readonly code: number | null;
  readonly output: string;
}

export function run(parameters: readonly string[], leaveAfterFirst = false): Promise<Run> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/recordings.ts', ...parameters], { cwd: ROOT });
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (leaveAfterFirst) child.stdout.destroy();
    });
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** The line that tells of the recording. */
export function lineOf({ output }: Run, name: string): string {
  return output.split('\n').find((line) => line.startsWith(`ok    ${name}`) || line.startsWith(`FAIL  ${name}`)) ?? '';
}

/** A piece of text as a provider tells it. */
export function told(content: string, block = 0) {
  return { runId: 'run', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {}, type: 'text_delta', content, block } as const;
}
