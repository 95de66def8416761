import { concat, concatMap, defer, delay, EMPTY, finalize, from, map, NEVER, of, Subject, Subscription, takeUntil, throwError, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { agent, agentTool, ConnectionError, memoryHistory, retrying, type Approve, type History, type Message, type ModelRequest, type Provider, type StreamEvent, type Tool } from 'coldstream';
import { assistant, event, scriptedTool, turn, user, type ScriptedCall, type ScriptedTool } from 'coldstream/testing';
import type { LoopCase, PlannedTurn } from './case.js';

/** What came of a case. */
export interface Played {
  readonly events: readonly StreamEvent[];
  /** What came after the run had been unsubscribed. */
  readonly late: readonly StreamEvent[];
  /** What came on the channels of Rx beside events. */
  readonly failure?: unknown;
  readonly completed: boolean;
  /** Whether it was unsubscribed: by the case, or since nothing more would have come. */
  readonly unsubscribed: 'by the case' | 'since it hung' | null;
  readonly requests: readonly ModelRequest[];
  /** What the history held before, and after. */
  readonly before: readonly Message[];
  readonly kept: readonly Message[];
  /** Tools and turns that still run. */
  readonly running: readonly string[];
  /** The calls that tools got. */
  readonly calls: readonly ScriptedCall[];
}

const sound: readonly Message[] = [user('Before'), assistant('Yes?')];
const broken: readonly Message[] = [
  assistant('Yes?'),
  { role: 'assistant', content: [{ type: 'tool_use', id: 'call_0_0', name: 'quick', input: {} }] },
  user('Before'),
];

const initial: Readonly<Record<LoopCase['history'], readonly Message[]>> = { none: [], sound, broken };

/** What the run may spend, or when else it ends. */
function limitsOf({ limit }: LoopCase): Readonly<Record<string, unknown>> {
  switch (limit) {
    case 'none':
      return {};
    case 'tokens':
      return { budget: { tokens: 25 } };
    case 'toolCalls':
      return { budget: { toolCalls: 3 } };
    case 'ms':
      return { budget: { ms: 30 } };
    case 'stopWhen':
      return { stopWhen: ({ iterations }: { readonly iterations: number }) => iterations >= 2 };
    case 'repeats':
      return { maxRepeats: 1 };
  }
}

/** Decides as the case says; some calls are denied by their id. */
function approveFor({ approval }: LoopCase): Approve | undefined {
  const some: Approve = ({ id }) => (id.endsWith('1') ? { decision: 'deny', reason: 'not now' } : 'allow');
  switch (approval) {
    case 'nobody':
      return undefined;
    case 'all':
      return () => 'allow';
    case 'some':
      return some;
    case 'slow':
      return ({ id }) => timer(12).pipe(map(() => (id.endsWith('1') ? 'deny' : 'allow')));
    case 'never':
      return ({ id }) => (id.endsWith('1') ? NEVER : of('allow'));
    case 'edits':
      return () => ({ decision: 'allow', input: { edited: true } });
    case 'failing':
      return ({ id }) => (id.endsWith('1') ? throwError(() => new Error('nobody there')) : of('allow'));
  }
}

function makeTools({ exclusive, eager }: LoopCase): readonly ScriptedTool[] {
  const tools = [
    scriptedTool('quick', 'done'),
    scriptedTool('slow', 'done', { latency: 15 }),
    scriptedTool('late', 'done', { latency: 60 }),
    scriptedTool('broken', new Error('out of paper')),
    scriptedTool('throwing', () => {
      throw new Error('no');
    }),
    scriptedTool('silent', EMPTY),
    scriptedTool('endless', NEVER),
    scriptedTool('invalid', 'never run'),
    scriptedTool('chatty', (_, { id }) => concat(of(event.toolProgress(id, 'chatty', { progress: 1 })), timer(10).pipe(map(() => 'done')))),
  ];
  return tools.map((each) => ({ ...each, exclusive: exclusive.includes(each.name), eager: eager.includes(each.name) }));
}

/** Agents that are tools: one that has tools of its own, and one that fails. */
function makeHelpers({ exclusive, eager }: LoopCase, tools: readonly ScriptedTool[]): readonly Tool[] {
  const first = turn({ text: ['I '], tools: ['quick', 'slow'].map((name) => ({ id: name, name })) });
  const able: Provider = ({ iteration = 0 }) => from(iteration === 0 ? first : turn({ text: ['The help.'] }));
  const unable: Provider = () => concat(from(first.slice(0, -2)), throwError(() => new ConnectionError('reset', { partial: true })));
  const made = [able, unable].map((provider, nth) =>
    agentTool({ name: nth === 0 ? 'helper' : 'helpless', description: 'Helps.', agent: agent({ provider, tools, resilience: false }), input: { type: 'object' }, toPrompt: () => 'Help' }),
  );
  return made.map((each) => ({ ...each, exclusive: exclusive.includes(each.name), eager: eager.includes(each.name) }));
}

function callId({ ending }: PlannedTurn, iteration: number, nth: number): string {
  if (ending === 'twice') return `same_${iteration}`;
  return `call_${ending === 'again' ? 0 : iteration}_${nth}`;
}

/** One answer of the model. */
function answer(plan: PlannedTurn, iteration: number): Observable<StreamEvent> {
  const { text, calls, stopReason, ending, pace } = plan;
  const tools = calls.map((name, nth) => ({ id: callId(plan, iteration, nth), name }));
  const events = turn({ text, tools, ...(stopReason === undefined ? {} : { stopReason }) }).map((each) =>
    each.type === 'tool_use_start' && each.content.name === 'invalid' ? event.invalidToolUse(each.content.id, 'invalid', '{') : each,
  );
  const paced = (some: readonly StreamEvent[]): Observable<StreamEvent> =>
    pace === 0 ? from(some) : from(some).pipe(concatMap((each) => of(each).pipe(delay(pace))));
  const most$ = paced(events.slice(0, -2));
  if (ending === 'cut') return most$;
  if (ending === 'failed') return concat(most$, throwError(() => new ConnectionError('reset', { partial: true })));
  if (ending === 'hung') return concat(most$, NEVER);
  return paced(events);
}

/** The planned turns, by iteration; a retry of a turn that failed, and any further turn, answers in text. */
function plannedProvider({ turns }: LoopCase, requests: ModelRequest[], open: Set<string>): Provider {
  return (request) =>
    defer(() => {
      requests.push(request);
      const { iteration = 0, attempt = 1 } = request;
      const plan = turns[iteration];
      const name = `turn ${iteration}, attempt ${attempt}`;
      open.add(name);
      const answer$ = plan === undefined || attempt > 2 ? from(turn({ text: ['The end.'] })) : answer(plan, iteration);
      return answer$.pipe(finalize(() => open.delete(name)));
    });
}

/** Plays a case in virtual time. */
export function play(one: LoopCase): Played {
  const requests: ModelRequest[] = [];
  const open = new Set<string>();
  const before = initial[one.history];
  const memory = memoryHistory(before);
  const history: History = one.appending === 0 ? memory : { load: () => memory.load(), append: (messages) => timer(one.appending).pipe(concatMap(() => memory.append(messages))) };
  const tools = makeTools(one);
  const inner = plannedProvider(one, requests, open);
  const provider = one.retries ? retrying({ attempts: 3, jitter: 0, when: 'always' })(inner) : inner;
  const ask = agent({ provider, tools: [...tools, ...makeHelpers(one, tools)], history, resilience: false, maxIterations: one.maxIterations, toolConcurrency: one.toolConcurrency, toolTimeout: 20, approve: approveFor(one), ...limitsOf(one) });
  const seen = follow(one, (signal) => ask('Hi', { signal }));
  const running = [...open, ...tools.flatMap(({ name, calls }) => calls.filter(({ state }) => state === 'running').map(() => name))];
  return { ...seen, requests, before, kept: memory.messages(), running, calls: tools.flatMap(({ calls }) => calls) };
}

type Followed = Pick<Played, 'events' | 'late' | 'failure' | 'completed' | 'unsubscribed'>;

/** Subscribes the run, stops it as the case says, and lets virtual time go on until nothing more is planned. */
function follow({ interruption }: LoopCase, start: (signal: AbortSignal) => Observable<StreamEvent>): Followed {
  const controller = new AbortController();
  const stopping$ = new Subject<void>();
  const events: StreamEvent[] = [];
  const late: StreamEvent[] = [];
  const ends: { failure?: unknown; completed: boolean; unsubscribed: Played['unsubscribed'] } = { completed: false, unsubscribed: null };
  const stop = (): void => {
    if (interruption?.by === 'signal') controller.abort();
    else if (!ends.completed) {
      ends.unsubscribed = 'by the case';
      stopping$.next();
    }
  };
  new TestScheduler(() => undefined).run(({ flush }) => {
    const after = interruption?.after;
    if (after !== undefined && 'ms' in after) timer(after.ms).subscribe(stop);
    const subscription = new Subscription();
    stopping$.subscribe(() => subscription.unsubscribe());
    subscription.add(
      start(controller.signal).pipe(takeUntil(stopping$)).subscribe({
        next: (each) => {
          (ends.unsubscribed === null ? events : late).push(each);
          if (after !== undefined && 'events' in after && events.length === after.events) stop();
        },
        error: (failure: unknown) => {
          ends.failure = failure;
        },
        complete: () => {
          ends.completed = ends.unsubscribed === null;
        },
      }),
    );
    flush();
    if (!ends.completed && ends.unsubscribed === null) {
      ends.unsubscribed = 'since it hung';
      subscription.unsubscribe();
      flush();
    }
  });
  return { events, late, ...ends };
}
