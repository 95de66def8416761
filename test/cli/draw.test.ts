import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatMap, firstValueFrom, from, last, take, takeWhile, toArray, type Observable } from 'rxjs';
import { finalText, replay, toolCalls, usageTotals } from '../../operators/index.js';
import { columnsOf } from '../../src/cli/draw.js';
import { jsonLine } from '../../src/cli/printable.js';
import { readLines, replayFile } from '../../src/cli/recording.js';
import { isTerminal } from '../../src/events/construct.js';
import type { StreamEvent } from '../../src/events/events.js';
import { mockModelServer } from '../../src/mock-server/index.js';
import { drawn, signsOfSvg, signsOfText, svgOf } from './marbles/read-picture.js';
import { longGaps } from './marbles/samples.js';
import { folder, killAll, linesOf, start } from './programs.js';

afterEach(killAll);
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'run.jsonl');

async function marbles(environment: Record<string, string>, ...argv: readonly string[]) {
  return start('main', ['marbles', ...argv], environment).ended;
}

describe('the program that draws a recording', () => {
  test('draws it as wide as it is told, without colours in a pipe', async () => {
    writeFileSync(file, longGaps.map(jsonLine).join(''));
    const [usual, narrow] = await Promise.all([marbles({ COLUMNS: '' }, file), marbles({ COLUMNS: '30' }, file)]);
    expect(usual).toEqual({ code: 0, err: '', out: `${drawn(longGaps, 80).join('\n')}\n` });
    expect(narrow).toEqual({ code: 0, err: '', out: `${drawn(longGaps, 30).join('\n')}\n` });
  });

  test('writes an SVG to a file, which is not the recording, or to standard output', async () => {
    writeFileSync(file, longGaps.map(jsonLine).join(''));
    const svg = join(folder, 'run.svg');
    const [toFile, toOutput, toItself, toNowhere] = await Promise.all([
      marbles({}, file, '--svg', svg),
      marbles({}, file, '--svg', '-'),
      marbles({}, file, '--svg', join(folder, '.', 'run.jsonl')),
      marbles({}, file, '--svg', join(folder, 'none', 'run.svg')),
    ]);
    expect(toFile).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(svg, 'utf8')).toBe(svgOf(longGaps));
    expect(toOutput).toEqual({ code: 0, out: svgOf(longGaps), err: '' });
    expect(toItself).toMatchObject({ code: 1, out: '', err: expect.stringContaining('give --svg another name') });
    expect(toNowhere).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/cannot be written: ENOENT/u) });
    expect(readFileSync(file, 'utf8')).toBe(longGaps.map(jsonLine).join(''));
  });

  test('draws what can be read, says which lines cannot, and ends with 1', async () => {
    const lines = longGaps.map(jsonLine);
    const broken = join(folder, 'broken.jsonl');
    writeFileSync(broken, [...lines.slice(0, 20), '{"type":"text_delta"}\n', 'junk\n', 'junk\n', ...lines.slice(20, 30), 'junk\n', lines[30]?.slice(0, 60)].join(''));
    const { code, out, err } = await marbles({ COLUMNS: '80' }, broken);
    expect(code).toBe(1);
    expect(out).toBe(`${drawn(longGaps.slice(0, 30), 80).join('\n')}\n`);
    expect(linesOf(err)).toEqual([
      expect.stringMatching(/broken\.jsonl:21: .*runId/u),
      expect.stringMatching(/broken\.jsonl:22: .*not JSON$/u),
      expect.stringMatching(/broken\.jsonl:23: /u),
      expect.stringMatching(/2 more lines cannot be read$/u),
    ]);
  });

  test('says of a file without an event, and of none, what is wrong', async () => {
    const empty = join(folder, 'empty.jsonl');
    writeFileSync(empty, '');
    const [nothing, missing] = await Promise.all([marbles({}, empty), marbles({}, join(folder, 'none.jsonl'))]);
    expect(nothing).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/empty\.jsonl:1: .*holds no event\n$/u) });
    expect(missing).toMatchObject({ code: 1, out: '', err: expect.stringContaining('ENOENT') });
  });

  test('shows no key that a recording of others may hold (D5)', async () => {
    const key = 'sk-canary-0123456789';
    const [first, ...others] = longGaps;
    if (first?.type !== 'run_start') throw new Error('a run');
    writeFileSync(file, [{ ...first, input: [{ role: 'user' as const, content: [{ type: 'text' as const, text: `my ${key}` }] }] }, ...others].map(jsonLine).join(''));
    const { out } = await marbles({ ANTHROPIC_API_KEY: key }, file);
    expect(out).toContain('> my [redacted]');
  });
});

test('a last line that was cut off is told as such, and all before it is kept', () => {
  const text = longGaps.map(jsonLine).join('');
  expect(readLines(text).badLines).toEqual([]);
  expect(readLines(text.slice(0, -20))).toEqual({ events: longGaps.slice(0, -1), badLines: [{ line: longGaps.length, reason: expect.stringContaining('cut off') }] });
});

test('the width is that of COLUMNS, of the terminal, or 80', () => {
  expect(columnsOf({ stdout: { columns: 100 }, env: { COLUMNS: '33' } })).toBe(33);
  for (const COLUMNS of ['', 'wide', '0', '-3', '1.5']) expect(columnsOf({ stdout: { columns: 100 }, env: { COLUMNS } })).toBe(100);
  expect(columnsOf({ stdout: {}, env: {} })).toBe(80);
});

describe('a run that is recorded', () => {
  const values = <Out>(events$: Observable<Out>): Promise<readonly Out[]> => firstValueFrom(events$.pipe(toArray()));

  test('is drawn in the same order in the terminal and as an SVG, and gives operators what it gave live', async () => {
    const recording = join(folder, 'live.jsonl');
    const mcp = `"${process.execPath}" node_modules/@modelcontextprotocol/server-everything/dist/index.js stdio`;
    const prompt = 'What is 17 plus 25? Also run a short operation of 0.2 seconds in 2 steps.';
    const live = await firstValueFrom(
      mockModelServer().pipe(
        concatMap(({ url }) => start('main', ['run', prompt, '--base-url', url, '--mcp', mcp, '--record', recording, '--json'], { ANTHROPIC_API_KEY: 'none-needed' }).ended),
        take(1),
      ),
    );
    expect(live.code).toBe(0);
    const shown: readonly StreamEvent[] = readLines(live.out).events;

    const { events: recorded, badLines } = readLines(readFileSync(recording, 'utf8'));
    expect(badLines).toEqual([]);
    const replayed$ = replay(recorded, { speed: Infinity });
    expect(await values(replayed$)).toEqual(await values(replayFile(recording, Infinity)));
    const live$ = from(shown);
    expect(await values(replayed$.pipe(usageTotals()))).toEqual(await values(live$.pipe(usageTotals())));
    expect(await values(replayed$.pipe(toolCalls()))).toEqual(await values(live$.pipe(toolCalls())));
    expect(await values(replayed$.pipe(finalText()))).toEqual([expect.stringContaining('17 plus 25 is 42.')]);
    expect(await values(replayed$.pipe(toolCalls()))).toHaveLength(2);
    const [end] = await values(replayed$.pipe(takeWhile((event) => !isTerminal(event), true), last()));
    expect((await values(replayed$.pipe(usageTotals()))).at(-1)).toMatchObject({ outputTokens: end?.type === 'complete' ? end.usage?.outputTokens : -1 });

    const svg = join(folder, 'live.svg');
    const [terminal, picture] = await Promise.all([marbles({ COLUMNS: '400' }, recording), marbles({}, recording, '--svg', svg)]);
    expect([terminal.code, picture.code]).toEqual([0, 0]);
    const signs = signsOfText(linesOf(terminal.out));
    expect(signs).toHaveLength(8);
    expect(signs.slice(0, 2)).toEqual(['0 start', '0 turn 1']);
    expect(signs.at(-1)).toBe('0 complete');
    expect(signsOfSvg(readFileSync(svg, 'utf8'))).toEqual(signs);
  });
});

test('the picture in the README is what the code draws; node --import tsx scripts/picture.ts draws it anew', () => {
  const { events, badLines } = readLines(readFileSync('docs/pictures/demo.jsonl', 'utf8'));
  expect(badLines).toEqual([]);
  expect(readFileSync('docs/pictures/demo.svg', 'utf8')).toBe(svgOf(events));
});
