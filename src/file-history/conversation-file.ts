import { constants } from 'node:fs';
import { mkdir, open, readFile, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HistoryBusyError } from '../errors/errors.js';
import type { Message } from '../messages/message.js';
import { ifThere } from './if-there.js';
import { linesFor, readContents, type Contents } from './lines.js';
import { Lock } from './lock.js';

/** What the file holds now; nothing where there is none. */
export async function contentsOf(path: string): Promise<Contents> {
  const bytes = await ifThere(readFile(path));
  return bytes === undefined ? { messages: [], end: 0 } : readContents(bytes, path);
}

/** Writes all of it there, or nothing. */
async function writeAt(file: FileHandle, bytes: Buffer, end: number): Promise<void> {
  try {
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written, end + written)).bytesWritten;
    }
    await file.datasync();
  } catch (error) {
    await file.truncate(end).catch(() => undefined);
    throw error;
  }
}

/** One conversation in one file, for one user of it: what is asked of it happens in that order. */
export class ConversationFile {
  #lock: Lock | null = null;
  /** Where the last whole line ended when this one last looked. */
  #end = 0;

  constructor(private readonly path: string) {}

  /** Takes the file for itself and reads it. */
  async load(): Promise<readonly Message[]> {
    const path = await this.#take();
    try {
      const { messages, end } = await contentsOf(path);
      this.#end = end;
      return messages;
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** Adds one line; as a whole, or not at all. */
  async append(messages: readonly Message[]): Promise<void> {
    const passing = this.#lock === null;
    if (passing) await this.load();
    try {
      await this.#write(messages);
    } finally {
      if (passing) await this.release();
    }
  }

  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }

  async #take(): Promise<string> {
    const path = await realpath(this.path).catch(() => resolve(this.path));
    if (this.#lock === null) {
      await mkdir(dirname(path), { recursive: true });
      this.#lock = await Lock.take(`${path}.lock`);
    }
    return path;
  }

  async #write(messages: readonly Message[]): Promise<void> {
    const path = await this.#take();
    if ((await this.#lock?.isHeld()) !== true) throw new HistoryBusyError(`${path} was taken by somebody else during the run.`);
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      const { size } = await file.stat();
      if (size !== this.#end) await this.#mend(file, path);
      const bytes = linesFor(messages, this.#end);
      await writeAt(file, bytes, this.#end);
      this.#end += bytes.length;
    } finally {
      await file.close();
    }
  }

  /** Cuts off what an earlier process has left unfinished. What somebody has finished meanwhile is not for us to cut. */
  async #mend(file: FileHandle, path: string): Promise<void> {
    if ((await contentsOf(path)).end !== this.#end) throw new HistoryBusyError(`${path} was written by somebody else during the run.`);
    await file.truncate(this.#end);
  }
}
