import { concat, defer, filter, map, mergeMap, Observable, of, ReplaySubject, tap, throwError } from 'rxjs';
import { agent, memoryHistory } from 'coldstream';
import { agentLaws, type AgentLaw, type AgentParts, type AgentSubject } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

type Make = AgentSubject['make'];

/** The laws that an agent breaks, with what is said of each. */
async function brokenBy(make: Make): Promise<Readonly<Record<string, string>>> {
  const tests: { readonly law: string; readonly body: () => Promise<void> }[] = [];
  agentLaws({ name: 'broken', make }, { describe: (_title, body) => body(), it: (title, body) => tests.push({ law: title.slice(0, title.indexOf(':')), body }) });
  const broken: Record<string, string> = {};
  for (const { law, body } of tests) {
    await body().catch((error: unknown) => {
      broken[law] = String(error);
    });
  }
  return broken;
}

// Without the timers of resilience: an agent that is not torn down would hold them.
const honest: Make = (parts) => agent({ ...parts, resilience: false });

/** An honest agent whose runs are changed. */
const over =
  (change: (run: Observable<StreamEvent>, parts: AgentParts) => Observable<StreamEvent>): Make =>
  (parts) =>
  (input, params) =>
    change(honest(parts)(input, params), parts);

const renumbered = (events: Observable<StreamEvent>): Observable<StreamEvent> => events.pipe(map((event, seq) => ({ ...event, seq })));

const faults: readonly { readonly fault: string; readonly make: Make; readonly breaks: readonly AgentLaw[]; readonly says: RegExp }[] = [
  {
    fault: 'runs before anybody subscribes, and replays what came',
    make: over((run$) => {
      const kept$ = new ReplaySubject<StreamEvent>(1_000);
      run$.subscribe(kept$);
      return kept$;
    }),
    breaks: ['cold', 'left', 'aborted'],
    says: /asked its provider before anybody subscribed/,
  },
  {
    fault: 'fails on the error channel',
    make: over((run$) => run$.pipe(mergeMap((event) => (event.type === 'error' ? throwError(() => new Error(event.content.error)) : of(event))))),
    breaks: ['one end', 'balanced', 'numbered', 'aborted', 'kept', 'virtual'],
    says: /Over a refusal: The run failed on the error channel/,
  },
  {
    fault: 'goes on after its end',
    make: over((run$) => renumbered(concat(run$, run$.pipe(filter(({ type }) => type === 'run_start'))))),
    breaks: ['one end', 'balanced', 'numbered', 'aborted'],
    says: /After its end there came run_start/,
  },
  {
    fault: 'ends twice',
    make: over((run$) => renumbered(run$.pipe(mergeMap((event) => (event.type === 'complete' ? [event, event] : [event]))))),
    breaks: ['one end', 'balanced'],
    says: /The run has 2 ends/,
  },
  {
    fault: 'tells no result of a tool that fails',
    make: over((run$) => renumbered(run$.pipe(filter((event) => event.type !== 'tool_result' || !event.content.isError)))),
    breaks: ['balanced', 'aborted'],
    says: /has its tool_use_end before its tool_result/,
  },
  {
    fault: 'leaves a gap in its numbers',
    make: over((run$) => run$.pipe(filter(({ type }) => type !== 'usage'))),
    breaks: ['numbered'],
    says: /Event \d+ \(\w+\) has the number \d+/,
  },
  {
    fault: 'changes the run in the middle',
    make: over((run$) => run$.pipe(map((event) => (event.type === 'message' ? { ...event, runId: 'other' } : event)))),
    breaks: ['numbered'],
    says: /is of the run other/,
  },
  {
    fault: 'begins with something else',
    make: over((run$) => renumbered(run$.pipe(filter(({ type }) => type !== 'run_start')))),
    breaks: ['numbered'],
    says: /owed: run_start/,
  },
  {
    fault: 'changes events after it told them',
    make: over((run$) => {
      let last: StreamEvent | undefined;
      return run$.pipe(
        tap((event) => {
          if (last !== undefined) Object.assign(last, { timestamp: -1 });
          last = event;
        }),
      );
    }),
    breaks: ['plain'],
    says: /was changed after it was told/,
  },
  {
    fault: 'tells what is no JSON',
    make: over((run$) => run$.pipe(map((event) => Object.assign({ ...event }, { extra: undefined })))),
    breaks: ['plain'],
    says: /is not plain JSON/,
  },
  {
    fault: 'tells less the second time',
    make: over((run$) => {
      let runs = 0;
      return defer(() => ((runs += 1) === 1 ? run$ : renumbered(run$.pipe(filter(({ type }) => type !== 'usage')))));
    }),
    breaks: ['again'],
    says: /Subscribed again, the run told other events/,
  },
  {
    fault: 'does not stop when it is left',
    make: over(
      (run$) =>
        new Observable((subscriber) => {
          run$.subscribe({ next: (event) => subscriber.next(event), complete: () => subscriber.complete() });
        }),
    ),
    breaks: ['left'],
    says: /of its requests and tools are still open/,
  },
  {
    fault: 'does not listen to its signal',
    make: (parts) => (input, params) => honest(parts)(input, { ...params, signal: undefined }),
    breaks: ['aborted'],
    says: /Aborted at event \d+, the run did not end/,
  },
  {
    fault: 'keeps calls without their results',
    make: ({ provider, tools, history }) => {
      const append: typeof history.append = (messages) => history.append(messages.filter(({ content }) => content.every(({ type }) => type !== 'tool_result')));
      return agent({ provider, tools, history: { ...history, append }, resilience: false });
    },
    breaks: ['kept'],
    says: /the history that it kept would be refused/,
  },
  {
    fault: 'keeps nothing',
    make: ({ provider, tools }) => agent({ provider, tools, history: memoryHistory(), resilience: false }),
    breaks: ['kept'],
    says: /It kept something else than the messages that its complete tells of/,
  },
  {
    fault: 'hands on by a promise what does not come at once',
    make: over(
      (run$) =>
        new Observable((subscriber) => {
          let isAtOnce = true;
          const later = (work: () => void): void => (isAtOnce ? work() : void Promise.resolve().then(work));
          const subscription = run$.subscribe({
            next: (event) => later(() => subscriber.next(event)),
            complete: () => later(() => subscriber.complete()),
          });
          isAtOnce = false;
          return subscription;
        }),
    ),
    breaks: ['virtual'],
    says: /In virtual time the run did not end/,
  },
];

/** Every law that there is: none can be forgotten, and none be impossible to break. */
const every: Readonly<Record<AgentLaw, true>> = {
  cold: true,
  'one end': true,
  balanced: true,
  numbered: true,
  plain: true,
  again: true,
  left: true,
  aborted: true,
  kept: true,
  virtual: true,
};

it('has an agent that breaks each law', () => {
  expect([...new Set(faults.flatMap(({ breaks }) => breaks))].sort()).toEqual(Object.keys(every).sort());
});

describe('an honest agent', () => {
  agentLaws({ name: 'agent() as it is', make: (parts) => agent(parts) });
  agentLaws({ name: 'agent() with one tool at a time and few turns', make: (parts) => agent({ ...parts, toolConcurrency: 1, maxIterations: 2, resilience: false, instructions: 'Be brief.' }) });
});

it.each(faults)('an agent that $fault breaks $breaks', async ({ make, breaks, says }) => {
  const broken = await brokenBy(make);
  expect(Object.keys(broken).sort()).toEqual([...breaks].sort());
  expect(broken[breaks[0] ?? '']).toMatch(says);
});
