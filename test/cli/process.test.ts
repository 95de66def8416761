import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { StreamEvent as StreamEventType } from '../../src/events/events.js';
import { StreamEvent } from '../../src/events/stream-event-codec.js';

const folder = mkdtempSync(join(tmpdir(), 'coldstream-'));
let children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Started {
  readonly child: ChildProcess;
  /** What has come on standard output so far. */
  readonly out: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function start(program: 'main' | 'demo', argv: readonly string[], environment: Record<string, string> = {}): Started {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, ...clean } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', `src/cli/${program}.ts`, ...argv], { env: { ...clean, ...environment } });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, out, err }));
  return { child, out: () => out, ended };
}

/** An address where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

function eventsOf(out: string): readonly StreamEventType[] {
  return linesOf(out).map((line) => {
    const decoded = StreamEvent.decode(JSON.parse(line));
    if (E.isLeft(decoded)) throw new Error(line);
    return decoded.right;
  });
}

const quick = 'What is 17 plus -3.5? And run a short operation of 0.2 seconds in 2 steps.';

describe('the program', () => {
  const key = 'sk-canary-123';

  test('that cannot reach the service ends with 1 and one line that names the cause (N1, D5)', async () => {
    const address = await closedAddress();
    const nowhere = ['run', 'hi', '--base-url', `http://${address}`];
    const [plain, json] = await Promise.all([
      start('main', nowhere, { ANTHROPIC_API_KEY: key }).ended,
      start('main', [...nowhere, '--json'], { ANTHROPIC_API_KEY: key }).ended,
    ]);
    expect([plain.code, json.code]).toEqual([1, 1]);
    expect(linesOf(plain.err).at(-1)).toContain(`ECONNREFUSED ${address}`);
    expect(linesOf(json.err)).toEqual([expect.stringContaining(`ECONNREFUSED ${address}`)]);
    expect(eventsOf(json.out).at(-1)).toMatchObject({ type: 'error', content: { code: 'connection' } });
    expect([plain.out, plain.err, json.out, json.err].join('')).not.toContain(key);
  });

  test('says what to do without a key, with bad arguments (exit 2) and with a file that is no recording', async () => {
    const argvs = [['run', 'hi'], ['run'], ['replay', 'package.json']];
    const [keyless, usage, replay] = await Promise.all(argvs.map((argv) => start('main', argv).ended));
    expect([keyless?.code, usage?.code, replay?.code]).toEqual([1, 2, 1]);
    expect(linesOf(keyless?.err ?? '')).toEqual([expect.stringContaining('ANTHROPIC_API_KEY')]);
    expect(linesOf(replay?.err ?? '')).toEqual([expect.stringContaining('package.json:1:')]);
  });
});

describe('the demo', () => {
  test('runs an agent with MCP tools from end to end, records it, and shows the recording alike (D2)', async () => {
    const file = join(folder, 'run.jsonl');
    const shown = await start('demo', [quick, '--record', file]).ended;
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('17 plus -3.5 is 13.5.');
    expect(shown.out).toContain('1/2');
    expect(shown.out).toMatch(/tokens in, \d+ out .* first token after/u);
    expect(shown.out).not.toContain('\u001b');

    const replayed = await start('main', ['replay', file, '--speed', 'max']).ended;
    expect(replayed).toMatchObject({ code: 0, err: '' });
    expect(shown.out.endsWith(replayed.out)).toBe(true);
    expect(replayed.out.startsWith('> What is 17')).toBe(true);

    const events = eventsOf(readFileSync(file, 'utf8'));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index));
    expect(events.at(-1)).toMatchObject({ type: 'complete', stopReason: 'end_turn' });
    expect(events.filter(({ type }) => type === 'tool_progress')).toHaveLength(2);
  });

  test('prints only events with --json, and ends quietly when its reader goes away', async () => {
    const [whole, cut] = [start('demo', ['hello', '--json']), start('demo', [quick, '--json'])];
    cut.child.stdout?.once('data', () => cut.child.stdout?.destroy());
    const { code, out, err } = await whole.ended;
    expect(code).toBe(0);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: 'complete' });
    expect(err).toContain('scripted');
    expect(await cut.ended).toMatchObject({ code: 0, err: expect.not.stringContaining('EPIPE') });
  });

  async function stop(signal: NodeJS.Signals, code: number): Promise<void> {
    const pidFile = join(folder, `${signal}.pid`);
    const mcp = `"${process.execPath}" test/cli/fixtures/everything.mjs "${pidFile}"`;
    const { child, out, ended } = start('demo', ['run a long operation of 60 seconds in 600 steps', '--mcp', mcp]);
    while (!out().includes(' 1/600')) {
      if (child.exitCode !== null) throw new Error('it ended by itself');
      await once(child.stdout ?? child, 'data');
    }
    child.kill(signal);
    // npm passes a signal on that the terminal has sent already.
    child.kill(signal);
    expect(await ended).toMatchObject({ code, err: expect.not.stringMatching(/^\s+at /mu) });
    expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow('ESRCH');
  }

  test('ends with 130 for SIGINT and 143 for SIGTERM in the middle of a tool, and no server is left (T14)', async () => {
    await Promise.all([stop('SIGINT', 130), stop('SIGTERM', 143)]);
  });
});
