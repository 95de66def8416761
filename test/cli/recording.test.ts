import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom, from, lastValueFrom, take, toArray } from 'rxjs';
import { jsonLine } from '../../src/cli/printable.js';
import { burstsOf, parseRecording, recordToFile, replayFile } from '../../src/cli/recording.js';
import { event } from '../../src/testing/index.js';

const folder = mkdtempSync(join(tmpdir(), 'coldstream-'));
const file = join(folder, 'run.jsonl');
afterAll(() => rmSync(folder, { recursive: true }));

const same = (text: string): string => text;
const events = [event.runStart(), event.text('a\u001b\u2028'), event.text('b'), event.complete()];

describe('recordings', () => {
  test('give back the events that were written', async () => {
    await lastValueFrom(from(events).pipe(recordToFile(file, same)));
    expect(readFileSync(file, 'utf8')).not.toContain('\u2028');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await firstValueFrom(replayFile(file, Infinity).pipe(toArray()))).toEqual(events);
  });

  test('hold what came before an unsubscription, and replace what was there', async () => {
    writeFileSync(file, 'x'.repeat(10_000));
    await lastValueFrom(from(events).pipe(recordToFile(file, same), take(2)));
    expect(parseRecording(readFileSync(file, 'utf8'))).toEqual(E.right(events.slice(0, 2)));
  });

  test('pass through what takes secrets out (D5)', async () => {
    await lastValueFrom(from([event.text('my sk-canary')]).pipe(recordToFile(file, (text) => text.replaceAll('sk-canary', '[redacted]'))));
    expect(readFileSync(file, 'utf8')).toContain('my [redacted]');
  });

  test('that cannot be written or read fail with the reason', async () => {
    const nowhere = join(folder, 'none', 'run.jsonl');
    await expect(lastValueFrom(from(events).pipe(recordToFile(nowhere, same)))).rejects.toThrow(/cannot be written: ENOENT/u);
    await expect(lastValueFrom(replayFile(nowhere, 1))).rejects.toThrow(/cannot be read: ENOENT/u);
  });

  test.each([
    ['not JSON', 'nonsense', 2, 'not JSON'],
    ['not an event', '{}', 2, 'runId'],
    ['an event with a wrong member', jsonLine({ ...event.text('a'), content: 1 }), 2, 'content'],
    ['a member that pollutes (D1)', '{"__proto__":{"a":1}}', 2, ''],
  ])('are refused with the number of the bad line: %s', (_title, line, number, reason) => {
    const parsed = parseRecording(`${jsonLine(event.runStart())}${line}\n`);
    expect(parsed).toEqual(E.left({ line: number, reason: expect.stringContaining(reason) }));
  });

  test('may begin with a byte order mark, as some editors write one', async () => {
    writeFileSync(file, `\uFEFF${events.map(jsonLine).join('')}`);
    expect(await firstValueFrom(replayFile(file, Infinity).pipe(toArray()))).toEqual(events);
  });

  test('without an event are refused', async () => {
    writeFileSync(file, '\n\n');
    await expect(lastValueFrom(replayFile(file, 1))).rejects.toThrow(`${file}:1:`);
  });

  test('play at the pace of the run times the speed; events of one moment come together', () => {
    const [a, b, c, d] = [0, 100, 100, 50].map((timestamp) => event.text('x', { timestamp: 1_000 + timestamp }));
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four events');
    expect(burstsOf([a, b, c, d], 2)).toEqual([
      { waitMs: 0, events: [a] },
      { waitMs: 50, events: [b, c, d] },
    ]);
    expect(burstsOf([a, b, c, d], Infinity)).toEqual([{ waitMs: 0, events: [a, b, c, d] }]);
  });
});
