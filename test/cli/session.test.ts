import { concat, firstValueFrom, NEVER, of, Subject, throwError } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';
import type { Output } from '../../src/cli/output.js';
import { exitCodeOf } from '../../src/cli/session.js';
import { event } from '../../src/testing/index.js';

function recorder() {
  const log: string[] = [];
  const output: Output = {
    event: ({ type }) => log.push(type),
    notice: (text) => log.push(text),
    hold: () => log.push('hold'),
    release: () => log.push('release'),
    failure: (error) => log.push(`failure ${error instanceof Error ? error.message : ''}`),
    close: () => log.push('close'),
  };
  return { log, output };
}

const codeOf = (...events: readonly StreamEvent[]): Promise<number> => firstValueFrom(exitCodeOf(of(...events), recorder().output, NEVER));

describe('the exit code of a run', () => {
  test('is 0 for one that completes, 1 for one that fails, whatever a sub-agent did', async () => {
    expect(await codeOf(event.runStart(), event.complete())).toBe(0);
    expect(await codeOf(event.runStart(), event.error())).toBe(1);
    expect(await codeOf(event.error({}, { path: ['a'] }), event.complete())).toBe(0);
  });

  test('is 1 for one that ends before its run did, which is said', async () => {
    for (const events of [[], [event.runStart(), event.text('a')], [event.runStart(), event.complete({ path: ['a'] })]]) {
      const { log, output } = recorder();
      expect(await firstValueFrom(exitCodeOf(of(...events), output, NEVER, 'it ends early'))).toBe(1);
      expect(log.slice(-2)).toEqual(['failure it ends early', 'close']);
    }
    const { log, output } = recorder();
    expect(await firstValueFrom(exitCodeOf(of(event.error()), output, NEVER, 'it ends early'))).toBe(1);
    expect(log).toEqual(['error', 'close']);
  });

  test('is 1 for a source that fails, after what it had to show', async () => {
    const { log, output } = recorder();
    const source$ = concat(of(event.text('a')), throwError(() => new Error('no such file')));
    expect(await firstValueFrom(exitCodeOf(source$, output, NEVER))).toBe(1);
    expect(log).toEqual(['text_delta', 'failure no such file', 'close']);
  });

  test('is that of the signal that stops it; the run is unsubscribed and nothing more is shown', () => {
    const [run$, stops$] = [new Subject<StreamEvent>(), new Subject<number>()];
    const { log, output } = recorder();
    const codes: number[] = [];
    exitCodeOf(run$, output, stops$).subscribe((code) => codes.push(code));
    run$.next(event.text('a'));
    stops$.next(130);
    expect(run$.observed).toBe(false);
    run$.next(event.text('b'));
    expect([codes, log]).toEqual([[130], ['text_delta', 'close']]);
  });
});
