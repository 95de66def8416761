import { link, open, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Subscription } from 'rxjs';
import { HistoryBusyError } from '../errors/errors.js';
import { memberOf } from '../errors/system-error.js';
import { newId } from '../internal/ids.js';
import { inBackground } from '../internal/in-background.js';
import { ifThere } from './if-there.js';

const Owner = t.type(
  {
    id: t.string,
    pid: t.number,
    /** The machine, and the part of it in which the process has that number. */
    place: t.string,
    /** When the process began, where that can be known: its number is given to another process one day. */
    begun: t.union([t.string, t.null]),
  },
  'Owner',
);
type Owner = t.TypeOf<typeof Owner>;

/** How often a holder shows that it lives, and after what silence a holder on another machine is taken for dead. */
const signOfLife = 10_000;
const silence = 60_000;

/** Linux tells when a process began, in clock ticks since the machine did. */
async function begunAt(pid: number): Promise<string | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function place(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`.trim();
}

async function ownerOf(file: string): Promise<Owner | undefined> {
  const text = await ifThere(readFile(file, 'utf8'));
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const owner = Owner.decode(value);
  if (E.isRight(owner) && /^\w+$/.test(owner.right.id)) return owner.right;
  throw new HistoryBusyError(`${file} should say who uses the history, and does not. Remove it if nobody does.`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return memberOf(error, 'code') !== 'ESRCH';
  }
}

/** Whether the holder of the lock may still live. `now` is a file that was written now, by the clock that the lock's file has too. */
async function mayLive(owner: Owner, file: string, now: string): Promise<boolean> {
  if (owner.place !== (await place())) {
    const [written, seen] = [await stat(now), await ifThere(stat(file))];
    return seen === undefined || written.mtimeMs - seen.mtimeMs < silence;
  }
  if (!isRunning(owner.pid)) return false;
  const begun = await begunAt(owner.pid);
  return owner.begun === null || begun === null || begun === owner.begun;
}

/**
 * Writes what the lock's file says already, so that the file system stamps it: by the clock of this machine a live holder
 * would look silent where that clock is behind. A file that by now says something else is somebody else's, and left alone.
 */
async function showLife(file: string, said: string): Promise<void> {
  const lock = await open(file, 'r+');
  try {
    // By the handle this stays the file that was read, also where another replaces it meanwhile.
    if ((await lock.readFile('utf8')) === said) await lock.write(said, 0);
  } finally {
    await lock.close();
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (memberOf(error, 'code') === 'EEXIST') return false;
    throw error;
  }
}

function busy(file: string, owner: Owner | undefined): HistoryBusyError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.place.split(' ')[0] ?? ''}`;
  return new HistoryBusyError(`${file.replace(/\.lock(\.lock_\w+\.dead)*$/, '')} is in use by ${who}. Wait for the end of its run, or give each conversation a file of its own.`);
}

/** A lock that this process holds. */
export class Lock {
  readonly #signs: Subscription;

  private constructor(
    private readonly file: string,
    private readonly id: string,
    said: string,
  ) {
    this.#signs = inBackground(signOfLife, () => void showLife(file, said).catch(() => undefined));
  }

  /**
   * Takes the lock that the file stands for. The lock of a process that is dead is taken over.
   *
   * @throws HistoryBusyError while somebody else holds it
   */
  static async take(file: string): Promise<Lock> {
    const owner: Owner = { id: newId('lock'), pid: process.pid, place: await place(), begun: await begunAt(process.pid) };
    const draft = `${file}.${owner.id}`;
    const said = JSON.stringify(owner);
    await writeFile(draft, said, { mode: 0o600 });
    try {
      // A link appears with all that it says, or not at all.
      if (!(await linked(draft, file))) await Lock.#takeOver(file, draft);
    } finally {
      await rm(draft, { force: true });
    }
    return new Lock(file, owner.id, said);
  }

  static async #takeOver(file: string, draft: string): Promise<void> {
    const found = await ownerOf(file);
    if (found === undefined || (await mayLive(found, file, draft))) throw busy(file, found);
    // Of those who find it dead one alone may replace its lock: the one that holds the lock of the dead one's name.
    const right = await Lock.take(`${file}.${found.id}.dead`);
    try {
      if ((await ownerOf(file))?.id !== found.id) throw busy(file, undefined);
      await rename(draft, file);
    } finally {
      await right.release();
    }
  }

  /** Whether it is still held: somebody may have removed it, or have taken this process for dead. */
  async isHeld(): Promise<boolean> {
    return (await ownerOf(this.file))?.id === this.id;
  }

  async release(): Promise<void> {
    this.#signs.unsubscribe();
    if (await this.isHeld()) await rm(this.file, { force: true });
  }
}
