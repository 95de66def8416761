import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One recorded answer of a service, and what is known of it. */
export interface Recording {
  /** Its folder, relative to the one that was searched. */
  readonly name: string;
  readonly wire: string;
  readonly bytes: Uint8Array;
  /** The parsed `expected.json`; undefined where there is none, or where it is no JSON. */
  readonly expected: Record<string, unknown> | undefined;
}

/** The wires by the file that holds the recorded bytes. A new provider's wire is one more line. */
const WIRE_FILES: ReadonlyMap<string, string> = new Map([
  ['wire.sse', 'anthropic'],
  ['wire.eventstream', 'bedrock'],
]);

const MAX_DEPTH = 4;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readExpected(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every recording in the folder, whether it holds folders of wires, of recordings, or is a recording itself. */
export async function findRecordings(root: string, folder = root, depth = 0): Promise<Recording[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: Recording[] = [];
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const wire = WIRE_FILES.get(entry.name);
    if (wire !== undefined && entry.isFile()) {
      const name = relative(root, folder) || folder;
      found.push({ name, wire, bytes: await readFile(path), expected: await readExpected(join(folder, 'expected.json')) });
    } else if (entry.isDirectory() && depth < MAX_DEPTH) {
      found.push(...(await findRecordings(root, path, depth + 1)));
    }
  }
  return found;
}
