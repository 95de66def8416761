import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defer, lastValueFrom, of, Subject, toArray } from 'rxjs';
import { recordTo, replay } from 'coldstream/operators';
import { event, textTurn } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

const turn = textTurn('Hel', 'lo');

describe('recordTo', () => {
  it('records to a file by a Node stream, and what it wrote can be replayed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'record-to-'));
    try {
      const file = join(folder, 'run.jsonl');
      const stream = createWriteStream(file);
      const closed = once(stream, 'close');
      expect(await lastValueFrom(of(...turn).pipe(recordTo(stream), toArray()))).toEqual(turn);
      await closed;
      const recorded: readonly StreamEvent[] = JSON.parse(`[${readFileSync(file, 'utf8').trimEnd().replaceAll('\n', ',')}]`);
      expect(await lastValueFrom(replay(recorded).pipe(toArray()))).toEqual(turn);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('goes on where a file cannot be opened, and tells why', async () => {
    const errors: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      const record$ = defer(() =>
        of(...turn).pipe(recordTo(createWriteStream(join(tmpdir(), 'no', 'such', 'folder', 'run.jsonl')), { onError: (error) => {
          errors.push(error);
          resolve();
        } })),
      );
      record$.subscribe();
    });
    await told;
    expect(errors).toMatchObject([{ code: 'ENOENT' }]);
  });

  it.each([false, true])('hears of a promise that a sink returns and that fails (required: %s) (C9)', async (required) => {
    const source = new Subject<StreamEvent>();
    const seen: unknown[] = [];
    const told = new Promise<unknown>((resolve) => {
      const sink = (): Promise<never> => Promise.reject(new TypeError('no store'));
      source.pipe(recordTo(sink, { required, onError: resolve })).subscribe({ next: ({ type }) => seen.push(type), error: (error: unknown) => seen.push(error) });
    });
    source.next(event.text('a'));
    expect(await told).toEqual(new TypeError('no store'));
    source.next(event.text('b'));
    expect(seen).toEqual(required ? ['text_delta', new TypeError('no store')] : ['text_delta', 'text_delta']);
  });
});
