import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageOf } from '../../src/errors/describe.js';
import { isObject, type JsonRecord } from './json.js';
import type { Recording, Wire } from './wire.js';
import { WIRES } from './wires.js';

/** The place of a recording, or of something that could not be looked at. */
export interface Found {
  readonly name: string;
  readonly folder: string;
  /** Undefined where that cannot be told. */
  readonly wire?: Wire;
  /** The file that holds the recorded bytes. */
  readonly file: string;
  /** Why it cannot be read. */
  readonly problem?: string;
}

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
  const unreadable = (path: string, problem: string): Found => ({ name: relative(root, path) || path, folder: path, file: path, problem });
  const found: Found[] = [];
  try {
    const self = await realpath(folder);
    // A link to a folder that it stands in leads nowhere new.
    if (above.includes(self)) return [];
    const entries = (await readdir(folder)).sort();
    for (const entry of entries) {
      const path = join(folder, entry);
      const wire = WIRES.find(({ file }) => file === entry);
      if (wire !== undefined) found.push({ name: relative(root, folder) || folder, folder, wire, file: path });
      else if (entry !== EXPECTED) found.push(...(await findBelow(path, above.length)));
    }
    if (entries.includes(EXPECTED) && found.length === 0) return [unreadable(folder, `${EXPECTED} stands without its ${WIRES.map(({ file }) => file).join(' or ')}`)];
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
