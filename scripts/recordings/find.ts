import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageOf } from '../../src/errors/describe.js';
import { isObject, type JsonRecord } from './json.js';

/** One recorded answer of a service, and what is known of it. */
export interface Recording {
  /** Its folder, relative to the one that was searched. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The parsed `expected.json`; undefined where there is none, or where it is no JSON object. */
  readonly expected: JsonRecord | undefined;
}

/** The place of a recording, or of something that could not be looked at. */
export interface Found {
  readonly name: string;
  readonly folder: string;
  readonly wire: string;
  /** The file that holds the recorded bytes. */
  readonly file: string;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** The wires by the file that holds the recorded bytes. A new provider's wire is one more line. */
const WIRE_FILES: ReadonlyMap<string, string> = new Map([
  ['wire.sse', 'anthropic'],
  ['wire.eventstream', 'bedrock'],
]);

const EXPECTED = 'expected.json';
const MAX_DEPTH = 4;

async function readExpected(file: string): Promise<JsonRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a recording; throws if its bytes cannot be read. */
export async function load({ name, folder, file, problem }: Found): Promise<Recording> {
  if (problem !== undefined) throw new Error(problem);
  // A pipe, say, would be waited for for ever.
  if (!(await stat(file)).isFile()) throw new Error(`${file} is not a file`);
  return { name, bytes: await readFile(file), expected: await readExpected(join(folder, EXPECTED)) };
}

/** Every recording in the folder, whether it holds folders of wires, of recordings, or is a recording itself. Links are followed. */
export async function findRecordings(root: string, folder = root, above: readonly string[] = []): Promise<Found[]> {
  const unreadable = (path: string, problem: string): Found => ({ name: relative(root, path) || path, folder: path, wire: 'anthropic', file: path, problem });
  const found: Found[] = [];
  try {
    const self = await realpath(folder);
    // A link to a folder that it stands in leads nowhere new.
    if (above.includes(self)) return [];
    for (const entry of (await readdir(folder)).sort()) {
      const path = join(folder, entry);
      const wire = WIRE_FILES.get(entry);
      if (wire !== undefined) found.push({ name: relative(root, folder) || folder, folder, wire, file: path });
      else if (entry !== EXPECTED) found.push(...(await findBelow(path, above.length)));
    }
    return found;

    async function findBelow(path: string, depth: number): Promise<Found[]> {
      try {
        if (!(await stat(path)).isDirectory() || depth >= MAX_DEPTH) return [];
      } catch (error) {
        return [unreadable(path, messageOf(error))];
      }
      return findRecordings(root, path, [...above, self]);
    }
  } catch (error) {
    return [...found, unreadable(folder, messageOf(error))];
  }
}
