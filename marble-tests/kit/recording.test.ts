import * as E from 'fp-ts/lib/Either.js';
import { catchError, concat, config, firstValueFrom, from, ignoreElements, NEVER, of, switchMap, take, tap, throwError, type Observable } from 'rxjs';
import { agent, OverloadedError, retrying, StreamEvent, type Provider } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { event, firstDifference, marbles, matchers, recordingProvider, replayProvider, scriptedProvider, scriptedTool, tokens, toolTurn, user, type Marbles } from 'coldstream/testing';

expect.extend(matchers);

type Recording = StreamEvent[];

/** As it would come back from a file. */
function reread(recording: readonly StreamEvent[]): readonly StreamEvent[] {
  return recording.map((each) => {
    const decoded = StreamEvent.decode(JSON.parse(JSON.stringify(each)));
    if (E.isLeft(decoded)) throw new Error(`the recording holds what is no event: ${JSON.stringify(each)}`);
    return decoded.right;
  });
}

const into = (recording: Recording) => (each: StreamEvent): void => void recording.push(each);
const clock = { id: 'call_1', name: 'clock' };
const question = { messages: [], runId: 'run_1' };

describe('a run that is recorded and replayed', () => {
  /** A refusal, a call, and an answer. */
  function liveTurns(m: Marbles): Provider {
    const busy = new OverloadedError('Overloaded', { retryAfterMs: 5_000, status: 529, requestId: 'req_1' });
    return scriptedProvider([m.turn('200ms #', undefined, { error: busy }), m.turn('1s (c|)', { c: clock }), m.turn('-a-b|', { a: 'It is ', b: 'noon.' })]);
  }
  const ask = (provider: Provider) =>
    agent({ provider: retrying({ jitter: 0 })(provider), tools: [scriptedTool('clock', 'noon', { latency: 30_000 })] })('What time is it?');
  const line = '(si) @200ms y @6200ms (odbum) @36200ms (rzMei)t-t (umec|)';

  /** Plays a run in a time of its own, and gives its events. */
  function runOf(make: (m: Marbles) => Observable<StreamEvent>, line: string): Recording {
    const events: Recording = [];
    marbles((m) => m.expectRun(make(m).pipe(tap(into(events)))).toBe(line))();
    return events;
  }

  it('is the same, frame by frame, at the speed of the recording', () => {
    const recording: Recording = [];
    runOf((m) => ask(recordingProvider(liveTurns(m), into(recording))), line);
    const provider = replayProvider(reread(recording), { speed: 1 });
    runOf(() => ask(provider), line);
    provider.assertConsumed();
    expect(provider.requests.map(({ iteration, attempt }) => [iteration, attempt])).toEqual([[0, 1], [0, 2], [1, 1]]);
  });

  it('waits for nothing of the recorded turns by default', () => {
    const recording: Recording = [];
    runOf((m) => ask(recordingProvider(liveTurns(m), into(recording))), line);
    runOf(() => ask(replayProvider(recording)), '(siy) @5s (odbum) @35s (rzMeittumec|)');
  });

  it('is the same again from the events of the run, retries and all', () => {
    const once = (provider: Provider) => agent({ provider, resilience: false, tools: [scriptedTool('clock', 'noon')] })('What time is it?');
    const short = '(si) @200ms y @6200ms (odbumrzMei)t-t (umec|)';
    const recording = reread(runOf((m) => once(retrying({ jitter: 0 })(liveTurns(m))), short));
    runOf(() => once(replayProvider(recording, { speed: 1 })), short);
    runOf(() => once(replayProvider(recording)), '(siyodbumrzMeittumec|)');
  });
});

describe('what is recorded', () => {
  const told = [
    event.thinking('hm', { model: 'm', metadata: { service_tier: 'x' } }),
    event.raw({ type: 'new', deep: [1, { z: 1, a: 2 }] }),
    event.usage(tokens(3, 4, { raw: { cache_creation: { ephemeral: 1 } } })),
    event.message(
      {
        role: 'assistant',
        origin: 'anthropic',
        wire: { container: { id: 'c' } },
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'EqQBCkYIARgCKkBhc2Q+/w==' },
          { type: 'redacted_thinking', data: 'AAEC/+==' },
          { type: 'provider', provider: 'anthropic', block: { type: 'new', z: 1, a: 2 } },
          { type: 'text', text: 'Hi', wire: { caller: { type: 'direct' } }, citations: [{ cited_text: '\u2028' }] },
        ],
      },
      { id: 'msg_1', stopReason: 'end_turn', usage: tokens(3, 4, { raw: { x: 1 } }) },
    ),
  ];

  it('is what the provider told, byte by byte, also when it comes from a file', () => {
    const recording: Recording = [];
    const live: Recording = [];
    recordingProvider(() => from(told), into(recording))(question).subscribe(into(live));
    expect(live).toEqual(told);
    const replayed: Recording = [];
    replayProvider(reread(recording))(question).subscribe(into(replayed));
    expect(firstDifference(replayed, told, { envelope: ['path', 'iteration', 'model', 'metadata'] })).toBeUndefined();
    const texts = (events: readonly StreamEvent[]) =>
      events.map((each) => JSON.stringify(each.type === 'message' ? [each.message, each.usage] : each.type === 'usage' ? each.usage : 'content' in each ? each.content : null));
    expect(texts(replayed)).toEqual(texts(told));
  });

  it('tells turns apart that run side by side: by run, path, iteration and attempt', marbles((m) => {
    const recording: Recording = [];
    const provider = recordingProvider(
      ({ runId = '', path = [], iteration = 0, attempt = 1 }) => m.cold('-a-b|', { a: event.text([runId, ...path, iteration, attempt].join()), b: event.text('end') }),
      into(recording),
    );
    const requests = [
      { messages: [], runId: 'A' },
      { messages: [], runId: 'A', path: ['call_1'] },
      { messages: [], runId: 'A', path: ['call_2'] },
      { messages: [], runId: 'B' },
      { messages: [], runId: 'A', iteration: 1 },
      { messages: [], runId: 'A', iteration: 1, attempt: 2 },
    ];
    for (const request of requests) m.expectRun(provider(request)).toBe('-t-t|');
    m.flush();
    const again = replayProvider(reread(recording));
    const ask = (at: number, runId: string): string => {
      const texts: string[] = [];
      again({ messages: [], ...requests[at], runId }).subscribe((each) => texts.push(each.type === 'text_delta' ? each.content : each.type));
      return texts.join(' ');
    };
    expect([ask(2, 'X'), ask(5, 'X'), ask(3, 'Y'), ask(1, 'X'), ask(4, 'X')]).toEqual(['A,call_2,0,1 end', 'A,1,2 end', 'B,0,1 end', 'A,call_1,0,1 end', 'A,1,1 end']);
    expect(() => again.assertConsumed()).toThrow('Nobody asked for what was recorded: iteration 0, attempt 1.');
  }));

  it('is also a turn that failed, or that was unsubscribed', marbles((m) => {
    const recording: Recording = [];
    const cut = recordingProvider(() => concat(of(event.text('Hel')), throwError(() => new OverloadedError('busy', { partial: true, retryAfterMs: 7, status: 529 }))), into(recording));
    const left = recordingProvider(() => concat(of(event.text('Hel')), NEVER), into(recording));
    cut(question).subscribe({ error: () => undefined });
    left({ ...question, iteration: 1 }).pipe(take(1)).subscribe();
    const again = replayProvider(reread(recording));
    m.expectObservable(again(question)).toBe('(a#)', { a: event.text('Hel') }, new OverloadedError('busy', { partial: true, retryAfterMs: 7, status: 529 }));
    m.expectObservable(again({ ...question, iteration: 1 })).toBe('(a#)', { a: event.text('Hel') }, new Error('The recording ends here: the request was stopped before its answer was whole.'));
  }));
});

describe('recordingProvider', () => {
  it('is cold, and leaves nothing open', () => {
    const provider = scriptedProvider([{ answer: toolTurn(clock), times: Infinity }]);
    expect(() => recordingProvider(provider, () => undefined)(question)).toBeCold(provider);
    expect(() => recordingProvider(provider, () => undefined)(question)).toTearDown(provider);
  });

  it('writes no key, wherever it stands (D5)', () => {
    const canary = 'canary-6a1f0e';
    const key = 'sk-ant-api03-abcdefghijklmnop';
    const secrets = [event.text(`my key is ${key}`, { metadata: { [canary]: `x-${canary}-y` } }), event.raw({ headers: { authorization: `Bearer ${canary}0123456789` } }), event.text('AKIAIOSFODNN7EXAMPLE')];
    const recording: Recording = [];
    const provider = recordingProvider(() => concat(from(secrets), throwError(() => new OverloadedError(`refused ${canary}`, { requestId: canary }))), into(recording), { secrets: [canary] });
    const live: Recording = [];
    provider(question).subscribe({ next: into(live), error: () => undefined });
    expect(live).toEqual(secrets);
    const text = JSON.stringify(recording);
    for (const secret of [canary, key, 'AKIA']) expect(text).not.toContain(secret);
    expect(text).toContain('refused [redacted]');
  });

  it('writes nothing of what a provider is made with (D5)', async () => {
    const apiKey = 'canary-key-55aa01';
    const recording: Recording = [];
    const script = () => ({ error: { status: 401, type: 'authentication_error', message: `invalid x-api-key ${apiKey}` } }) as const;
    const failure$ = mockModelServer({ paceMs: 0, script }).pipe(
      switchMap(({ url }) => recordingProvider(anthropic({ model: 'm', baseURL: url, apiKey, headers: { 'x-gateway': `${apiKey}-gateway` } }), into(recording), { secrets: [apiKey] })({ messages: [user('Hi')] })),
      ignoreElements(),
      catchError((error: unknown) => of(error)),
    );
    expect(await firstValueFrom(failure$)).toMatchObject({ code: 'authentication' });
    expect(recording).toHaveLength(2);
    expect(JSON.stringify(recording)).not.toContain('canary');
  });

  it('is not disturbed by a sink that throws, and says so', async () => {
    const reported = new Promise((resolve) => {
      config.onUnhandledError = resolve;
    });
    const failing = (): never => {
      throw new Error('disk full');
    };
    try {
      expect(recordingProvider(() => from(toolTurn(clock)), failing)(question)).toEmitEvents(toolTurn(clock));
      expect(await reported).toEqual(new Error('disk full'));
    } finally {
      config.onUnhandledError = null;
    }
  });

  it('says what a recording does not have', marbles((m) => {
    const recording: Recording = [];
    recordingProvider(scriptedProvider([toolTurn(clock)]), into(recording))({ ...question, path: ['call_1'], iteration: 2 }).subscribe();
    const errorOf = (request: Parameters<Provider>[0], text: string): void => m.expectObservable(again(request)).toBe('#', undefined, new Error(text));
    const again = replayProvider(recording);
    errorOf(question, 'The recording has no answer for iteration 0, attempt 1. What is left of this run: iteration 2, attempt 1 at call_1.');
    errorOf({ ...question, runId: 'run_2' }, 'The recording has 1 runs, and all are replayed.');
    m.flush();
    expect(() => again.assertConsumed()).toThrow('Nobody asked for what was recorded: iteration 2, attempt 1 at call_1.');
  }));
});
