import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { firstValueFrom, from, lastValueFrom, NEVER, toArray } from 'rxjs';
import { agent, tool, type History, type Message } from 'coldstream';
import { fileHistory } from 'coldstream/file-history';
import { assistant, scriptedProvider, textTurn, toolTurn, user } from 'coldstream/testing';
import { message } from '../support/arbitraries.js';
import { historyFault } from '../support/valid-history.js';

const header = '{"coldstream":"history","version":1}\n';
const root = join(__dirname, '../..');
let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldstream-history-'));
  path = join(folder, 'one.jsonl');
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  rmSync(folder, { recursive: true });
});

const load = (history: History) => firstValueFrom(from(history.load()));
const append = (history: History, ...messages: readonly Message[]) => lastValueFrom(from(history.append(messages)), { defaultValue: undefined });
const stored = (at = path) => firstValueFrom(fileHistory(at).messages());

/** Writes as an agent's iterations do, and lets go. */
async function write(at: string, ...batches: readonly (readonly Message[])[]) {
  for (const batch of batches) await append(fileHistory(at), ...batch);
}

async function started(...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'fixtures/holder.ts'), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const noop = tool({ name: 'noop', description: '', input: { type: 'object' }, execute: () => 'done' });
const pair = (id: string): readonly Message[] => [
  { role: 'assistant', content: [{ type: 'tool_use', id, name: 'noop', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', toolUseId: id, content: [{ type: 'text', text: 'dönе 😀' }], isError: false }] },
];
const batches = [[user('Hi'), ...pair('a')], [...pair('b')], [assistant('Bye')]];

describe('a history in a file', () => {
  it('is remembered by the next process', async () => {
    const run = (...turns: Parameters<typeof scriptedProvider>[0]) => {
      const provider = scriptedProvider(turns);
      const ask = agent({ provider, tools: [noop], history: fileHistory(path), resilience: false });
      return { provider, ask: (text: string) => lastValueFrom(ask(text)) };
    };
    expect(await run(toolTurn({ id: 'a', name: 'noop' }), textTurn('Done.')).ask('Do it')).toMatchObject({ type: 'complete' });
    const next = run(textTurn('I did it.'));
    expect(await next.ask('What did you do?')).toMatchObject({ type: 'complete' });
    expect(next.provider.requests[0]?.messages).toHaveLength(5);
    expect(await stored()).toHaveLength(6);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
  });

  it('is readable by its owner alone, and leaves nothing else behind', async () => {
    await write(path, ...batches);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['one.jsonl']);
  });

  it('gives back what it was given: any message, halves of characters and unknown members too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(message, { maxLength: 3 }), { maxLength: 3 }), async (given) => {
        rmSync(path, { force: true });
        await write(path, ...given, [user('a\ud83d\nb')]);
        expect(await stored()).toEqual([...JSON.parse(JSON.stringify(given.flat())), user('a\ud83d\nb')]);
      }),
      { numRuns: 30 },
    );
  });

  it('does nothing before it is subscribed, and makes no file by being read', async () => {
    const history = fileHistory(join(folder, 'deep', 'er.jsonl'));
    void history.load();
    void history.append([user('Hi')]);
    expect(await load(fileHistory(path))).toEqual([]);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });

  it('begins with the folder that it needs', async () => {
    const deep = join(folder, 'deep', 'er.jsonl');
    await write(deep, [user('Hi')]);
    expect(await stored(deep)).toEqual([user('Hi')]);
  });

  it('needs a path', () => {
    expect(() => fileHistory(' ')).toThrow('path must be a text');
  });
});

describe('a crash in the middle of a write', () => {
  it('M17: cut after any byte, the file holds whole iterations, its calls are answered, and it can be written on', async () => {
    await write(path, ...batches);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString().split('\n').length - 2;
      const kept = batches.slice(0, Math.max(lines, 0)).flat();
      const history = fileHistory(path);
      expect(await load(history)).toEqual(kept);
      expect(historyFault(kept)).toBeUndefined();
      await append(history, user('On'));
      history.release?.();
      expect(await stored()).toEqual([...kept, user('On')]);
    }
  });

  it('a last line that a power failure has filled with nothing is dropped, whether or not it has an end', async () => {
    for (const tail of ['\0\0\0', '\0\0\0\n', '[{"role":\n']) {
      rmSync(path, { force: true });
      await write(path, ...batches);
      appendFileSync(path, tail);
      expect(await stored()).toEqual(batches.flat());
      await write(path, [user('On')]);
      expect(await stored()).toEqual([...batches.flat(), user('On')]);
    }
  });

  it('killed while it writes, a process leaves a sound history and no lock', async () => {
    for (let kill = 0; kill < 3; kill += 1) {
      const child = await started(path, 'append');
      await waitFor(() => existsSync(path) && statSync(path).size > 20_000 * (kill + 1));
      await killed(child);
      const history = fileHistory(path);
      const left = await load(history);
      expect(left.length % 3).toBe(0);
      expect(left.length).toBeGreaterThan(0);
      await append(history, user('On'), assistant('Yes'), user('Go'));
      history.release?.();
    }
  });
});

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a file that is none of ours', () => {
  it.each([['a text', 'hello\n'], ['a text without an end', 'hello'], ['a later version', '{"coldstream":"history","version":2}\n[]\n']])('%s is refused and left as it is', async (_, text) => {
    writeFileSync(path, text);
    await expect(load(fileHistory(path))).rejects.toMatchObject({ _tag: 'HistoryError' });
    await expect(append(fileHistory(path), user('Hi'))).rejects.toMatchObject({ _tag: 'HistoryError' });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['one.jsonl']);
  });

  it('broken in the middle, or with what is no message, is refused with its line', async () => {
    writeFileSync(path, `${header}nonsense\n[]\n`);
    await expect(load(fileHistory(path))).rejects.toThrow('one.jsonl, line 2');
    writeFileSync(path, `${header}[]\n[{"role":"system","content":[]}]\n`);
    await expect(load(fileHistory(path))).rejects.toThrow('one.jsonl, line 3');
  });

  it('ends a run with an error event', async () => {
    writeFileSync(path, 'hello\n');
    const run$ = agent({ provider: scriptedProvider([]), history: fileHistory(path), resilience: false })('Hi');
    expect(await lastValueFrom(run$)).toMatchObject({ type: 'error', content: { code: 'history' } });
  });
});

describe('a second writer', () => {
  const hanging = (at = path) => agent({ provider: () => NEVER, history: fileHistory(at), resilience: false })('Hi');
  const asking = (at = path) => agent({ provider: scriptedProvider([textTurn('Hello')]), history: fileHistory(at), resilience: false })('Hi');

  async function running(at = path) {
    const begun = waiting();
    const subscription = hanging(at).subscribe((event) => {
      if (event.type === 'iteration_start') begun.resolve();
    });
    await begun.promise;
    return subscription;
  }

  function waiting() {
    let resolve: () => void = () => undefined;
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    return { promise, resolve: () => resolve() };
  }

  it('is refused while a run uses the file, also by another way to it, and not afterwards', async () => {
    const subscription = await running();
    symlinkSync(path, join(folder, 'other.jsonl'));
    expect(await lastValueFrom(asking())).toMatchObject({ type: 'error', content: { code: 'history_busy' } });
    subscription.unsubscribe();
    expect(await lastValueFrom(asking())).toMatchObject({ type: 'complete' });
    expect((await stored()).map(({ role }) => role)).toEqual(['user', 'user', 'assistant']);
    const again = await running();
    expect(await lastValueFrom(asking(join(folder, 'other.jsonl')))).toMatchObject({ type: 'error', content: { code: 'history_busy', error: expect.stringContaining(`process ${String(process.pid)}`) } });
    again.unsubscribe();
  });

  it('may be the next run, begun with the last event of the one before', async () => {
    const events = await new Promise<readonly string[]>((resolve) => {
      asking().subscribe((event) => {
        if (event.type === 'complete') void lastValueFrom(asking().pipe(toArray())).then((next) => resolve(next.map(({ type }) => type)));
      });
    });
    expect(events.at(-1)).toBe('complete');
    expect(await stored()).toHaveLength(4);
  });

  it('in another process is refused, both ways', async () => {
    await started(path, 'hold');
    expect(await lastValueFrom(asking())).toMatchObject({ type: 'error', content: { code: 'history_busy' } });
    const other = join(folder, 'two.jsonl');
    const subscription = await running(other);
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'fixtures/holder.ts'), other, 'try'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(child.stdout, 'data');
    expect(String(said).trim()).toBe('history_busy');
    subscription.unsubscribe();
  });

  it('gets the file of a process that died with the lock', async () => {
    await killed(await started(path, 'hold'));
    expect(existsSync(`${path}.lock`)).toBe(true);
    expect(await lastValueFrom(asking())).toMatchObject({ type: 'complete' });
  });

  it('of many that find a dead one\'s lock only one gets it', async () => {
    const other = join(folder, 'link.jsonl');
    await write(path, [user('Hi')]);
    for (let round = 0; round < 20; round += 1) {
      writeFileSync(`${path}.lock`, JSON.stringify({ id: `lock_${String(round)}`, pid: 2 ** 30, place: place(), begun: null }));
      // Each by a way of its own, so that nothing in this process puts them in order.
      const ways = Array.from({ length: 6 }, (_, nth) => `${other}${String(nth)}`);
      for (const way of ways) if (!existsSync(way)) symlinkSync(path, way);
      const histories = ways.map((way) => fileHistory(way));
      const outcomes = await Promise.allSettled(histories.map(load));
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'history_busy' });
      const winner = histories[outcomes.findIndex(({ status }) => status === 'fulfilled')];
      if (winner !== undefined) await append(winner, user('Mine'));
      winner?.release?.();
      // The release is under way: another history of this process knows nothing of it.
      while (winner !== undefined && existsSync(`${path}.lock`)) await new Promise(setImmediate);
      await append(fileHistory(path), user('Next'));
      expect(readdirSync(folder).filter((name) => name.includes('.lock'))).toEqual([]);
    }
  });

  it('sees that a number now belongs to another process, where the system tells when that began', async () => {
    const lock = (begun: string | null) => writeFileSync(`${path}.lock`, JSON.stringify({ id: 'lock_1', pid: process.pid, place: place(), begun }));
    lock(null);
    await expect(load(fileHistory(path))).rejects.toMatchObject({ code: 'history_busy' });
    lock('1');
    const history = fileHistory(path);
    if (existsSync('/proc/self/stat')) expect(await load(history)).toEqual([]);
    else await expect(load(history)).rejects.toMatchObject({ code: 'history_busy' });
    history.release?.();
  });

  it('takes a holder on another machine for dead when it has been silent for a minute', async () => {
    const lock = join(folder, 'one.jsonl.lock');
    writeFileSync(lock, JSON.stringify({ id: 'lock_1', pid: 1, place: 'elsewhere', begun: null }));
    await expect(load(fileHistory(path))).rejects.toThrow('process 1 on elsewhere');
    utimesSync(lock, new Date(Date.now() - 90_000), new Date(Date.now() - 90_000));
    const history = fileHistory(path);
    expect(await load(history)).toEqual([]);
    history.release?.();
  });

  it('sees that a holder lives by the clock of the file system, and the holder touches no lock that is another\'s by now', async () => {
    const [mine, taken] = [fileHistory(path), fileHistory(join(folder, 'two.jsonl'))];
    const [lock, foreign] = [`${path}.lock`, join(folder, 'two.jsonl.lock')];
    const age = (file: string) => utimesSync(file, new Date(0), new Date(0));
    // The holder's clock is behind by more than the silence that is taken for death.
    jest.useFakeTimers({ now: Date.now() - 120_000, doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      await load(mine);
      await load(taken);
      writeFileSync(foreign, 'Mine now');
      for (const file of [lock, foreign]) age(file);
      const said = readFileSync(lock, 'utf8');
      jest.advanceTimersByTime(10_000);
      await waitFor(() => statSync(lock).mtimeMs !== 0);
      const fresh = join(folder, 'fresh');
      writeFileSync(fresh, '');
      expect(statSync(fresh).mtimeMs - statSync(lock).mtimeMs).toBeLessThan(60_000);
      expect(readFileSync(lock, 'utf8')).toBe(said);
      expect([readFileSync(foreign, 'utf8'), statSync(foreign).mtimeMs]).toEqual(['Mine now', 0]);
    } finally {
      jest.useRealTimers();
      mine.release?.();
      rmSync(foreign);
      taken.release?.();
    }
  });

  it('that heeds no lock is noticed, and what it wrote is kept', async () => {
    const history = fileHistory(path);
    await write(path, [user('Hi')]);
    await load(history);
    appendFileSync(path, `${JSON.stringify([user('Me too')])}\n`);
    await expect(append(history, user('On'))).rejects.toMatchObject({ code: 'history_busy' });
    expect(await stored()).toEqual([user('Hi'), user('Me too')]);
    truncateSync(path, header.length);
    await expect(append(history, user('On'))).rejects.toMatchObject({ code: 'history_busy' });
    rmSync(`${path}.lock`);
    await expect(append(history, user('On'))).rejects.toMatchObject({ code: 'history_busy' });
    history.release?.();
  });

  it('cannot read a lock that says nothing, and says what to do', async () => {
    writeFileSync(`${path}.lock`, '');
    await expect(load(fileHistory(path))).rejects.toThrow('Remove it if nobody does');
  });
});

/** As the lock names this machine. */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`.trim();
  } catch {
    return hostname();
  }
}
