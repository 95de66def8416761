import * as fc from 'fast-check';
import { concat, from, map, NEVER, of, take, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { agent, agentTool, memoryHistory, type Approve, type Provider, type RunParams, type Tool } from 'coldstream';
import { event, scriptedTool, turn } from 'coldstream/testing';
import { ConnectionError } from '../../src/errors/errors.js';
import type { StreamEvent } from '../../src/events/events.js';
import { historyFault } from '../support/valid-history.js';

const names = ['quick', 'slow', 'late', 'broken', 'invalid', 'chatty', 'helper'];

/** What one turn of a random run is like. */
const turns = fc.array(
  fc.record({
    text: fc.array(fc.constantFrom('Hel', 'lo ', '😀'), { maxLength: 3 }),
    calls: fc.array(fc.constantFrom(...names, 'missing'), { maxLength: 4 }),
    stopReason: fc.constantFrom<(string | undefined)[]>(undefined, undefined, undefined, undefined, 'max_tokens', 'end_turn', 'pause_turn', 'refusal'),
    ending: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'cut', 'broken', 'hung', 'twice'),
  }),
  { minLength: 1, maxLength: 5 },
);
type Plan = typeof turns extends fc.Arbitrary<infer Value> ? Value : never;

/** How the calls of a run are scheduled, and who decides about them. */
const schedules = fc.record({
  toolConcurrency: fc.constantFrom(1, 2, 8),
  exclusive: fc.subarray(names),
  eager: fc.subarray(names),
  answers: fc.constantFrom<('allow' | 'deny' | 'later' | 'never' | 'fails' | undefined)[]>(undefined, undefined, undefined, 'allow', 'deny', 'later', 'never', 'fails'),
});
type Schedule = typeof schedules extends fc.Arbitrary<infer Value> ? Value : never;

const plainly: Schedule = { toolConcurrency: 8, exclusive: [], eager: [], answers: undefined };

/** Who decides so. */
function deciding(answers: NonNullable<Schedule['answers']>): Approve {
  if (answers === 'never') return () => NEVER;
  if (answers === 'fails') return () => throwError(() => new Error('no form'));
  if (answers === 'later') return ({ id }) => timer(5).pipe(map(() => (id.endsWith('1') ? 'deny' : 'allow')));
  return () => answers;
}

/** The turns of a plan, by iteration; any further turn answers in text. */
function planned(plans: Plan): Provider {
  return ({ iteration = 0 }) => {
    const plan = plans[iteration];
    if (plan === undefined) return from(turn({ text: ['The end.'] }));
    const { text, calls, stopReason, ending } = plan;
    const tools = calls.map((name, nth) => ({ id: ending === 'twice' ? `same_${String(iteration)}` : `call_${String(iteration)}_${String(nth)}`, name }));
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

/** A sub-agent that calls a tool of its own, and fails where its call says so. */
function helper(): Tool {
  const work = scriptedTool('work', 'done', { latency: 8 });
  const inner: Provider = ({ iteration, path = [] }) =>
    path.at(-1)?.endsWith('2') === true ? throwError(() => new ConnectionError('gone')) : from(turn(iteration === 0 ? { tools: [{ id: 'inner', name: 'work' }] } : { text: ['Found.'] }));
  return agentTool({ name: 'helper', description: '', input: { type: 'object' }, agent: agent({ provider: inner, tools: [work], resilience: false }) });
}

function make(plans: Plan, params: RunParams = {}, { toolConcurrency, exclusive, eager, answers }: Schedule = plainly) {
  const history = memoryHistory();
  const scripted = [
    scriptedTool('quick', 'done'),
    scriptedTool('slow', 'done', { latency: 15 }),
    scriptedTool('late', 'done', { latency: 60 }),
    scriptedTool('broken', new Error('out of paper')),
    scriptedTool('invalid', 'never'),
    scriptedTool('chatty', (_, { id }) => concat(of(event.toolProgress(id, 'chatty', { progress: 1 })), timer(10).pipe(map(() => 'done')))),
  ];
  const tools = [...scripted, helper()].map((made) => ({ ...made, exclusive: exclusive.includes(made.name), eager: eager.includes(made.name) }));
  const approve = answers === undefined ? {} : { approve: deciding(answers) };
  const ask = agent({ provider: planned(plans), tools, history, maxIterations: 4, resilience: false, toolTimeout: 20, toolConcurrency, ...approve });
  return { history, tools: scripted, run$: ask('Hi', params) };
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
  events.flatMap((each) => (each.type === wanted ? [`${each.path.join('/')} ${String(each.iteration)} ${each.content.id}`] : [])).sort();

const isEnd = ({ type }: StreamEvent): boolean => type === 'complete' || type === 'error';

const hangs = (plans: Plan, { answers }: Schedule): boolean => answers === 'never' || plans.some(({ ending }) => ending === 'hung');

/** The ends that a path had, and whether the path's last event is one. */
function endsByPath(events: readonly StreamEvent[]): readonly (readonly [number, boolean])[] {
  const paths = new Map<string, StreamEvent[]>();
  for (const each of events) paths.set(each.path.join('/'), [...(paths.get(each.path.join('/')) ?? []), each]);
  return [...paths.values()].map((all) => [all.filter(isEnd).length, all.slice(0, -1).every((each) => !isEnd(each))]);
}

/** Every call is answered and ended once, but those of a sub-agent that was stopped before its end. */
function expectBalance(events: readonly StreamEvent[]): void {
  const ended = new Set(events.filter(isEnd).map(({ path }) => path.join('/')));
  const whole = events.filter(({ path }) => ended.has(path.join('/')));
  expect(ids(whole, 'tool_result')).toEqual(ids(whole, 'tool_use_start'));
  expect(ids(whole, 'tool_use_end')).toEqual(ids(whole, 'tool_use_start'));
}

describe('whatever a model and its tools do', () => {
  it('laws 3 and 4: one end, nothing after it, every call answered once, numbers without gaps, in every schedule (C8)', () => {
    fc.assert(
      fc.property(turns, schedules, (plans, schedule) => {
        const events = virtually(make(plans, {}, schedule).run$);
        const ends = events.filter((each) => isEnd(each) && each.path.length === 0);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
        if (ends.length === 0) {
          expect(hangs(plans, schedule)).toBe(true);
          return;
        }
        expect(endsByPath(events).filter(([count, isLast]) => count > 1 || !isLast)).toEqual([]);
        expect(ends).toEqual([events.at(-1)]);
        expectBalance(events);
      }),
      { numRuns: 300 },
    );
  });

  it('law 6: the history stays valid, wherever the run is unsubscribed, and no tool runs on (C1)', () => {
    fc.assert(
      fc.property(turns, fc.nat(60), schedules, (plans, count, schedule) => {
        const { history, run$, tools } = make(plans, {}, schedule);
        expect(virtually(run$.pipe(take(count))).length).toBeLessThanOrEqual(count);
        expect(historyFault(history.messages())).toBeUndefined();
        expect(tools.flatMap(({ calls }) => calls).filter(({ state }) => state === 'running')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('law 6: the history stays valid, wherever the caller\'s signal fires, and the run ends there with its calls answered', () => {
    fc.assert(
      fc.property(turns, fc.nat(40), schedules, (plans, count, schedule) => {
        const controller = new AbortController();
        const { history, run$ } = make(plans, { signal: controller.signal }, schedule);
        const events = virtually(run$, ({ seq }) => {
          if (seq === count) controller.abort();
        });
        expect(historyFault(history.messages())).toBeUndefined();
        if (events.length <= count) return;
        expect(events.filter((each) => isEnd(each) && each.path.length === 0)).toEqual([events.at(-1)]);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
        expectBalance(events);
      }),
      { numRuns: 300 },
    );
  });

  it('law 10: a run can be subscribed twice, and does the same twice', () => {
    fc.assert(
      fc.property(turns, schedules, (plans, schedule) => {
        const { run$ } = make(plans, {}, schedule);
        const shape = () => virtually(run$).map(({ type, seq, iteration }) => [type, seq, iteration]);
        expect(shape()).toEqual(shape());
      }),
    );
  });
});
