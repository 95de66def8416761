import { asyncScheduler, of, Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { answered, type Ending } from '../../src/internal/answered.js';
import { draining } from '../../src/internal/draining.js';

const chunk = (size: number): Uint8Array => new Uint8Array(size);
const ticks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A body whose chunks, failures and end are told by hand, and what became of it. */
function drained() {
  const body = new Subject<Uint8Array>();
  const ending: Ending = { over: false };
  const heard: unknown[] = [];
  const subscription = body.pipe(draining(ending)).subscribe({ next: ({ length }) => heard.push(length), error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
  return { body, ending, heard, subscription };
}

/** What happens in virtual time; timers that are still set at the end would show in what is observed. */
function inVirtualTime(work: (after: (milliseconds: number) => void) => void): void {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ flush }) => {
    work((milliseconds) => {
      scheduler.maxFrames = milliseconds;
      flush();
    });
  });
}

describe('draining', () => {
  it('hands everything on while the answer is not over', () => {
    const { body, heard } = drained();
    body.next(chunk(1));
    body.next(chunk(2));
    body.complete();
    expect(heard).toEqual([1, 2, 'complete']);
    const broken = drained();
    broken.body.error('broken');
    expect(broken.heard).toEqual(['broken']);
  });

  it('C1: stops at once when it is unsubscribed before the answer is over', () => {
    const { body, subscription } = drained();
    body.next(chunk(1));
    subscription.unsubscribe();
    expect(body.observed).toBe(false);
  });

  it('N30: reads on unheard when the answer is over, and stops when the body has not ended in a moment', () => {
    inVirtualTime((after) => {
      const { body, ending, heard, subscription } = drained();
      ending.over = true;
      subscription.unsubscribe();
      body.next(chunk(10));
      after(100);
      expect([body.observed, heard]).toEqual([true, []]);
      after(1000);
      expect([body.observed, heard]).toEqual([false, []]);
    });
  });

  it.each([
    ['an end', (body: Subject<Uint8Array>) => body.complete()],
    ['N31: a failure', (body: Subject<Uint8Array>) => body.error('reset')],
  ])('%s after the answer is over is heard by nobody, and leaves no timer', (_, end) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    const { body, ending, heard, subscription } = drained();
    ending.over = true;
    subscription.unsubscribe();
    end(body);
    expect([body.observed, heard]).toEqual([false, []]);
    expect(schedule.mock.results).toMatchObject([{ value: { closed: true } }]);
    schedule.mockRestore();
  });

  it('N29: reads no more than a little after the answer is over', () => {
    const { body, ending, subscription } = drained();
    ending.over = true;
    subscription.unsubscribe();
    for (let read = 0; read < 63; read += 1) body.next(chunk(1024));
    expect(body.observed).toBe(true);
    body.next(chunk(1024));
    expect(body.observed).toBe(false);
  });

  it('tells nothing after the last event, also of a source that tells all at once', () => {
    const ending: Ending = { over: false };
    const heard: unknown[] = [];
    of(chunk(1), chunk(2))
      .pipe(draining(ending))
      .subscribe({
        next: ({ length }) => {
          heard.push(length);
          ending.over = true;
        },
        complete: () => heard.push('complete'),
      });
    expect(heard).toEqual([1]);
  });
});

describe('answered', () => {
  /** An exchange that is led by hand. */
  function asked() {
    const signals: AbortSignal[] = [];
    const endings: Ending[] = [];
    const values = new Subject<number>();
    const heard: unknown[] = [];
    let [answer, refuse] = [(_: string): void => undefined, (_: unknown): void => undefined];
    const source = answered(
      (signal) => {
        signals.push(signal);
        return new Promise<string>((resolve, reject) => ([answer, refuse] = [resolve, reject]));
      },
      (text, ending) => {
        heard.push(text);
        endings.push(ending);
        return values;
      },
    );
    const subscribe = () => source.subscribe({ next: (value) => heard.push(value), error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') });
    return { signals, endings, values, heard, subscribe, answer: (text: string) => answer(text), refuse: (error: unknown) => refuse(error) };
  }
  const isAborted = (signals: readonly AbortSignal[]): boolean | undefined => signals[0]?.aborted;

  it('C6 asks when it is subscribed, and reads the answer', async () => {
    const { signals, values, heard, subscribe, answer, endings } = asked();
    expect(signals).toEqual([]);
    subscribe();
    answer('answer');
    await ticks();
    values.next(1);
    for (const ending of endings) ending.over = true;
    values.complete();
    expect([heard, isAborted(signals)]).toEqual([['answer', 1, 'complete'], false]);
  });

  it('C1 aborts an unsubscribed request, and reads no answer that comes all the same', async () => {
    const { signals, heard, subscribe, answer } = asked();
    subscribe().unsubscribe();
    expect(isAborted(signals)).toBe(true);
    answer('late');
    await ticks();
    expect(heard).toEqual([]);
  });

  it('C1 aborts an answer that is unsubscribed in its middle, and none that is over', async () => {
    for (const over of [false, true]) {
      const { signals, values, subscribe, answer, endings } = asked();
      const subscription = subscribe();
      answer('answer');
      await ticks();
      for (const ending of endings) ending.over = over;
      subscription.unsubscribe();
      expect([isAborted(signals), values.observed]).toEqual([!over, false]);
    }
  });

  it('fails with what the request was refused with, or the reading throws', async () => {
    const refused = asked();
    refused.subscribe();
    refused.refuse('no');
    await ticks();
    expect([refused.heard, isAborted(refused.signals)]).toEqual([['no'], false]);

    const heard: unknown[] = [];
    const broken = (): Observable<number> => {
      throw new Error('broken');
    };
    answered(() => Promise.resolve(1), broken).subscribe({ error: (error: unknown) => heard.push(error) });
    await ticks();
    expect(heard).toEqual([new Error('broken')]);
  });
});
