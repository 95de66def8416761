import * as fc from 'fast-check';
import { concat, from, map, NEVER, of, take, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { agent, memoryHistory, type Provider, type RunParams } from 'coldstream';
import { event, scriptedTool, turn } from 'coldstream/testing';
import { ConnectionError } from '../../src/errors/errors.js';
import type { StreamEvent } from '../../src/events/events.js';
import { historyFault } from '../support/valid-history.js';

/** What one turn of a random run is like. */
const turns = fc.array(
  fc.record({
    text: fc.array(fc.constantFrom('Hel', 'lo ', '😀'), { maxLength: 3 }),
    calls: fc.array(fc.constantFrom('quick', 'slow', 'late', 'broken', 'missing', 'invalid', 'chatty'), { maxLength: 4 }),
    stopReason: fc.constantFrom<(string | undefined)[]>(undefined, undefined, undefined, undefined, 'max_tokens', 'end_turn', 'pause_turn', 'refusal'),
    ending: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'cut', 'broken', 'hung', 'twice'),
  }),
  { minLength: 1, maxLength: 5 },
);
type Plan = typeof turns extends fc.Arbitrary<infer Value> ? Value : never;

/** The turns of a plan, by iteration; any further turn answers in text. */
function planned(plans: Plan): Provider {
  return ({ iteration = 0 }) => {
    const plan = plans[iteration];
    if (plan === undefined) return from(turn({ text: ['The end.'] }));
    const { text, calls, stopReason, ending } = plan;
    const tools = calls.map((name, nth) => ({ id: ending === 'twice' ? 'same' : `call_${String(iteration)}_${String(nth)}`, name }));
    const events = turn({ text, tools, ...(stopReason === undefined ? {} : { stopReason }) }).map((each) =>
      each.type === 'tool_use_start' && each.content.name === 'invalid' ? event.invalidToolUse(each.content.id, 'invalid', '{') : each,
    );
    const most$ = from(events.slice(0, -2));
    if (ending === 'cut') return most$;
    if (ending === 'broken') return concat(most$, throwError(() => new ConnectionError('reset', { partial: true })));
    if (ending === 'hung') return concat(most$, NEVER);
    return from(events);
  };
}

function make(plans: Plan, params: RunParams = {}) {
  const history = memoryHistory();
  const tools = [
    scriptedTool('quick', 'done'),
    scriptedTool('slow', 'done', { latency: 15 }),
    scriptedTool('late', 'done', { latency: 60 }),
    scriptedTool('broken', new Error('out of paper')),
    scriptedTool('invalid', 'never'),
    scriptedTool('chatty', (_, { id }) => concat(of(event.toolProgress(id, 'chatty', { progress: 1 })), timer(10).pipe(map(() => 'done')))),
  ];
  const ask = agent({ provider: planned(plans), tools, history, maxIterations: 4, resilience: false, toolTimeout: 20 });
  return { history, tools, run$: ask('Hi', params) };
}

/** Runs in virtual time for a second at most, and gives what came. */
function virtually(events$: Observable<StreamEvent>, after: (event: StreamEvent) => void = () => undefined): readonly StreamEvent[] {
  const seen: StreamEvent[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.maxFrames = 1_000;
  scheduler.run(({ flush }) => {
    const subscription = events$.subscribe((each) => {
      seen.push(each);
      after(each);
    });
    flush();
    subscription.unsubscribe();
  });
  return seen;
}

const ids = (events: readonly StreamEvent[], wanted: 'tool_use_start' | 'tool_result' | 'tool_use_end') =>
  events.flatMap((each) => (each.type === wanted ? [`${String(each.iteration)}/${each.content.id}`] : [])).sort();

const isEnd = ({ type }: StreamEvent): boolean => type === 'complete' || type === 'error';

const hangs = (plans: Plan): boolean => plans.some(({ ending }) => ending === 'hung');

describe('whatever a model and its tools do', () => {
  it('laws 3 and 4: one end, nothing after it, every call answered once, numbers without gaps (C8)', () => {
    fc.assert(
      fc.property(turns, (plans) => {
        const events = virtually(make(plans).run$);
        const ends = events.filter(isEnd);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
        if (ends.length === 0) {
          expect(hangs(plans)).toBe(true);
          return;
        }
        expect(ends).toEqual([events.at(-1)]);
        expect(ids(events, 'tool_result')).toEqual(ids(events, 'tool_use_start'));
        expect(ids(events, 'tool_use_end')).toEqual(ids(events, 'tool_use_start'));
      }),
      { numRuns: 300 },
    );
  });

  it('law 6: the history stays valid, wherever the run is unsubscribed, and no tool runs on (C1)', () => {
    fc.assert(
      fc.property(turns, fc.nat(60), (plans, count) => {
        const { history, run$, tools } = make(plans);
        expect(virtually(run$.pipe(take(count))).length).toBeLessThanOrEqual(count);
        expect(historyFault(history.messages())).toBeUndefined();
        expect(tools.flatMap(({ calls }) => calls).filter(({ state }) => state === 'running')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('law 6: the history stays valid, wherever the caller\'s signal fires, and the run ends there with its calls answered', () => {
    fc.assert(
      fc.property(turns, fc.nat(40), (plans, count) => {
        const controller = new AbortController();
        const { history, run$ } = make(plans, { signal: controller.signal });
        const events = virtually(run$, ({ seq }) => {
          if (seq === count) controller.abort();
        });
        expect(historyFault(history.messages())).toBeUndefined();
        if (events.length <= count) return;
        expect(events.filter(isEnd)).toEqual([events.at(-1)]);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
        expect(ids(events, 'tool_result')).toEqual(ids(events, 'tool_use_start'));
        expect(ids(events, 'tool_use_end')).toEqual(ids(events, 'tool_use_start'));
      }),
      { numRuns: 300 },
    );
  });

  it('law 10: a run can be subscribed twice, and does the same twice', () => {
    fc.assert(
      fc.property(turns, (plans) => {
        const { run$ } = make(plans);
        const shape = () => virtually(run$).map(({ type, seq, iteration }) => [type, seq, iteration]);
        expect(shape()).toEqual(shape());
      }),
    );
  });
});
