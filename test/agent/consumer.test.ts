import { getEventListeners } from 'node:events';
import { config, defer, finalize, from, NEVER, ReplaySubject, share, Subject, take, takeUntil, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { agent, memoryHistory, OverloadedError, type Provider, type StreamEvent } from 'coldstream';
import { scriptedProvider, scriptedTool, textTurn, toolTurn, user } from 'coldstream/testing';
import { textOnly } from '../../operators/text-only.js';
import { collect } from '../support/collect.js';

/** A run of two turns with a tool between them, that tells when anything of it is opened and closed. */
function make(provider: Provider = scriptedProvider([toolTurn({ id: 'a', name: 'slow' }), textTurn('Do', 'ne.'), textTurn('Again.')], { pace: 2 })) {
  const log: string[] = [];
  const watched: Provider = (request) =>
    defer(() => {
      log.push('opened');
      return provider(request).pipe(finalize(() => log.push('closed')));
    });
  const slow = scriptedTool('slow', 'done', { latency: 20 });
  const history = memoryHistory();
  const ask = agent({ provider: watched, tools: [slow], history, resilience: false });
  return { ask, log, slow, history };
}

function virtually(work: (flush: () => void) => void): void {
  new TestScheduler(() => undefined).run(({ flush }) => work(flush));
}

/** Runs with what RxJS reports of faulty consumers. */
async function reported(work: () => void): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  const before = config.onUnhandledError;
  config.onUnhandledError = (error) => errors.push(error);
  try {
    work();
    // RxJS reports from a timer.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    config.onUnhandledError = before;
  }
  return errors;
}

const messageOf = (error: unknown): unknown => (error instanceof Error ? error.message : error);

describe('C1: a consumer that leaves', () => {
  const all = (() => {
    let count = 0;
    virtually((flush) => {
      make().ask('Hi').subscribe(() => (count += 1));
      flush();
    });
    return count;
  })();

  it.each(Array.from({ length: all }, (_, index) => index + 1))('inside next, with event %s, hears no more, and all is closed once', (count) => {
    const { ask, log, slow } = make();
    const seen: StreamEvent[] = [];
    virtually((flush) => {
      const left$ = new Subject<void>();
      ask('Hi').pipe(takeUntil(left$)).subscribe((event) => {
        seen.push(event);
        if (seen.length === count) left$.next();
      });
      flush();
    });
    expect(seen).toHaveLength(count);
    expect(log.filter((entry) => entry === 'closed')).toHaveLength(log.filter((entry) => entry === 'opened').length);
    expect(slow.calls.filter(({ state }) => state === 'running')).toEqual([]);
  });

  it('between two events, at any moment, hears no more, and all is closed', () => {
    for (let ms = 0; ms < 60; ms += 1) {
      const { ask, log, slow } = make();
      let late = 0;
      virtually((flush) => {
        let left = false;
        const subscription = ask('Hi').subscribe(() => (late += left ? 1 : 0));
        timer(ms).subscribe(() => {
          left = true;
          subscription.unsubscribe();
          expect(log.filter((entry) => entry === 'closed')).toHaveLength(log.filter((entry) => entry === 'opened').length);
          expect(slow.calls.filter(({ state }) => state === 'running')).toEqual([]);
        });
        flush();
      });
      expect(late).toBe(0);
    }
  });

  it('before subscribe has returned, as a synchronous run goes by', () => {
    const { ask, log } = make(scriptedProvider([toolTurn({ id: 'a', name: 'slow' })]));
    expect(collect(ask('Hi').pipe(take(3)))).toHaveLength(3);
    expect(log).toEqual(['opened', 'closed']);
  });
});

describe('C2: a next handler that throws', () => {
  it('is reported by RxJS and does not reach the run: it goes on, its history is whole, and it ends once', async () => {
    const { ask, history } = make(scriptedProvider([textTurn('Hel', 'lo')]));
    const seen: string[] = [];
    const errors = await reported(() => {
      ask('Hi').subscribe(({ type }) => {
        seen.push(type);
        throw new Error(`no ${type}`);
      });
    });
    expect(errors.map(messageOf)).toEqual(seen.map((type) => `no ${type}`));
    expect(seen.filter((type) => type === 'complete')).toHaveLength(1);
    expect(history.messages()).toHaveLength(2);
  });
});

describe('C3: an error that nobody handles', () => {
  it('is reported by RxJS, once, as the error of the run', async () => {
    const { ask } = make(scriptedProvider([new OverloadedError('overloaded')]));
    const errors = await reported(() => {
      ask('Hi').pipe(textOnly()).subscribe();
    });
    expect(errors).toMatchObject([{ _tag: 'RunError', code: 'overloaded' }]);
  });

  it('is none where the events are taken as they are: a failed run ends with an event', async () => {
    const { ask } = make(scriptedProvider([new OverloadedError('overloaded')]));
    expect(await reported(() => void ask('Hi').subscribe())).toEqual([]);
  });
});

describe('C7: a late subscriber', () => {
  it('of the run itself starts a run of its own, and misses nothing of it', () => {
    const { ask, log } = make(() => from(textTurn('Hello')));
    virtually((flush) => {
      const run$ = ask('Hi', { useHistory: false });
      const [first, second]: [StreamEvent[], StreamEvent[]] = [[], []];
      run$.pipe(take(5)).subscribe((event) => first.push(event));
      timer(100).subscribe(() => run$.pipe(take(5)).subscribe((event) => second.push(event)));
      flush();
      expect(second.map(({ type }) => type)).toEqual(first.map(({ type }) => type));
      expect(second[0]?.runId).not.toBe(first[0]?.runId);
    });
    expect(log.filter((entry) => entry === 'opened')).toHaveLength(2);
  });

  it('of a run that is shared on purpose gets all of it from the one request, and the run stops with the last of them', () => {
    const { ask, log, slow } = make();
    virtually((flush) => {
      const shared$ = ask('Hi').pipe(shareAll());
      const [early, late]: [number[], number[]] = [[], []];
      const subscriptions = [shared$.subscribe(({ seq }) => early.push(seq))];
      timer(15).subscribe(() => {
        subscriptions.push(shared$.subscribe(({ seq }) => late.push(seq)));
        expect(late).toEqual(early);
        for (const subscription of subscriptions) subscription.unsubscribe();
        expect(slow.calls.map(({ state }) => state)).toEqual(['stopped']);
      });
      flush();
    });
    expect(log).toEqual(['opened', 'closed']);
  });
});

/** What the guide gives for a run that several parts of an application need. */
function shareAll(): (source: Observable<StreamEvent>) => Observable<StreamEvent> {
  return share({ connector: () => new ReplaySubject<StreamEvent>(Infinity), resetOnComplete: false, resetOnError: false, resetOnRefCountZero: true });
}

describe('C10: a signal that lasts for a session', () => {
  it('has no listener left after any number of runs, however they ended', () => {
    const { signal } = new AbortController();
    const { ask } = make(() => NEVER);
    for (let count = 0; count < 20; count += 1) {
      collect(agent({ provider: scriptedProvider([textTurn('Hello')]) })('Hi', { signal }));
      collect(agent({ provider: scriptedProvider([new OverloadedError('no')]), resilience: false })('Hi', { signal }));
      ask(user('Hi'), { signal, useHistory: false }).subscribe().unsubscribe();
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
