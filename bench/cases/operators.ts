// What each operator costs an event. It measures the process that it runs in: give it one of its own.
import { eventFactory, type EventBody, type StreamEvent } from 'coldstream';
import {
  collectRun,
  conversation,
  costTotals,
  finalText,
  latency,
  ofType,
  partialOutput,
  partialToolInput,
  recordTo,
  replay,
  snapshots,
  tapUsage,
  textOnly,
  thinkingOnly,
  toolCalls,
  topLevel,
  underPath,
  untilError,
  usageTotals,
} from 'coldstream/operators';
import { filter, from, of, Subscription, tap, type Observable } from 'rxjs';
import { shuffled, summary } from '../statistics.js';

/** What one pipeline costs. */
export interface OperatorCost {
  readonly name: string;
  /** Nanoseconds of CPU an event, over what the source costs with nobody between it and its subscriber. */
  readonly nanoseconds: number;
}

type Pipeline = (run$: Observable<StreamEvent>) => Observable<unknown>;

const WARM_ROUNDS = 5;
const ROUNDS = 11;
/** Events that pass before the clock of the processor is read again. */
const EVENTS_A_MEASUREMENT = 100_000;
const ITERATIONS = 4;
const NONE = { inputTokens: 900, cacheReadTokens: 0, cacheWriteTokens: 0, raw: {} } as const;

const empty: Pipeline = (run$) => run$;
const ignore = (): void => undefined;
const fail = (error: unknown): never => {
  throw error;
};

/** Every export of `coldstream/operators`, and five steps one after the other that end in an operator with a state. */
const pipelines: Readonly<Record<string, Pipeline>> = {
  collectRun: (run$) => run$.pipe(collectRun()),
  // One run in a conversation: what it costs an event to pass through.
  conversation: (run$) => of('Look it up.').pipe(conversation(() => run$, { policy: 'switch' })),
  costTotals: (run$) => run$.pipe(costTotals({ model: { input: 3, output: 15 } })),
  finalText: (run$) => run$.pipe(finalText()),
  latency: (run$) => run$.pipe(latency()),
  ofType: (run$) => run$.pipe(ofType('text_delta', 'tool_result')),
  partialOutput: (run$) => run$.pipe(partialOutput()),
  partialToolInput: (run$) => run$.pipe(partialToolInput()),
  recordTo: (run$) => run$.pipe(recordTo(ignore)),
  replay: (run$) => replay(run$, { speed: Infinity }),
  snapshots: (run$) => run$.pipe(snapshots()),
  tapUsage: (run$) => run$.pipe(tapUsage(ignore)),
  textOnly: (run$) => run$.pipe(textOnly()),
  thinkingOnly: (run$) => run$.pipe(thinkingOnly()),
  toolCalls: (run$) => run$.pipe(toolCalls()),
  topLevel: (run$) => run$.pipe(topLevel()),
  underPath: (run$) => run$.pipe(underPath(['call_0'])),
  untilError: (run$) => run$.pipe(untilError()),
  usageTotals: (run$) => run$.pipe(usageTotals()),
  'untilError, tap, ofType, filter, textOnly': (run$) =>
    run$.pipe(
      untilError(),
      tap(ignore),
      ofType('text_delta', 'thinking', 'tool_input_delta', 'usage', 'message'),
      filter(({ iteration }) => iteration >= 0),
      textOnly(),
    ),
};

/** One turn in bodies, `deltas` of them pieces of thinking, text and a tool's input; the last turn calls no tool. */
function turn(iteration: number, deltas: number): readonly EventBody[] {
  const usage = { ...NONE, outputTokens: deltas };
  const count = Math.floor(deltas / 4);
  const pieces = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
  const thinking = pieces(count).map((): EventBody => ({ type: 'thinking', content: 'Hmm, ', block: 0 }));
  const call = { id: `call_${String(iteration)}`, name: 'lookup' };
  const calls = iteration < ITERATIONS - 1;
  const written = calls ? count : 0;
  const text = pieces(deltas - count - written).map((): EventBody => ({ type: 'text_delta', content: 'word ', block: 1 }));
  const input = pieces(written).map((index): EventBody => {
    const piece = index === 0 ? '{"text":"' : index === written - 1 ? '"}' : 'word ';
    return { type: 'tool_input_delta', content: { id: call.id, delta: piece }, block: 2 };
  });
  const said = { type: 'text', text: 'word '.repeat(text.length) } as const;
  const called = { ...call, input: { text: 'word '.repeat(Math.max(0, written - 2)) } };
  const result = [{ type: 'text', text: 'Found.' }] as const;
  return [
    { type: 'iteration_start' },
    { type: 'usage', usage: { ...NONE, outputTokens: 1 } },
    ...thinking,
    ...text,
    ...(calls ? [{ type: 'tool_input_start', content: call, block: 2 } as const] : []),
    ...input,
    ...(calls ? [{ type: 'tool_use_start', content: called } as const] : []),
    { type: 'usage', usage },
    { type: 'message', message: { role: 'assistant', content: calls ? [said, { type: 'tool_use', ...called }] : [said] }, stopReason: calls ? 'tool_use' : 'end_turn', usage },
    ...(calls ? answered(call, result) : []),
    { type: 'iteration_end', usage, stopReason: calls ? 'tool_use' : 'end_turn' },
  ];
}

function answered(call: { readonly id: string; readonly name: string }, content: readonly { readonly type: 'text'; readonly text: string }[]): readonly EventBody[] {
  return [
    { type: 'tool_result', content: { ...call, content, isError: false, durationMs: 3 } },
    { type: 'tool_use_end', content: call },
    { type: 'message', message: { role: 'user', content: [{ type: 'tool_result', toolUseId: call.id, content, isError: false }] } },
  ];
}

/** A run of four turns and three calls, made in memory: a quarter thinking, a quarter tool input, the rest text. */
function makeRun(events: number): readonly StreamEvent[] {
  const frame = Array.from({ length: ITERATIONS }, (_, iteration) => turn(iteration, 0).length).reduce((sum, length) => sum + length, 2);
  const deltas = Math.max(ITERATIONS, Math.floor((events - frame) / ITERATIONS));
  const run: StreamEvent[] = [];
  const add = (iteration: number, bodies: readonly EventBody[]): void => {
    const create = eventFactory({ runId: 'run', path: [], iteration, seq: run.length }, 'model');
    for (const body of bodies) run.push(create(body));
  };
  add(0, [{ type: 'run_start', input: [{ role: 'user', content: [{ type: 'text', text: 'Look it up.' }] }], historyLength: 0 }]);
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) add(iteration, turn(iteration, deltas));
  add(ITERATIONS - 1, [{ type: 'complete', usage: null, stopReason: 'end_turn', iterations: ITERATIONS, messages: [] }]);
  return run;
}

/** Nanoseconds of CPU an event. */
function measure(pipeline: Pipeline, run: readonly StreamEvent[]): number {
  const repeats = Math.max(1, Math.round(EVENTS_A_MEASUREMENT / run.length));
  const result$ = pipeline(from(run));
  const all = new Subscription();
  const begun = process.cpuUsage();
  for (let count = 0; count < repeats; count += 1) all.add(result$.subscribe({ next: ignore, error: fail }));
  const { user, system } = process.cpuUsage(begun);
  return ((user + system) * 1_000) / (repeats * run.length);
}

/**
 * What each export of `coldstream/operators` costs an event alone, and what a pipe of five costs: the median of rounds, in
 * each of which every pipeline and the bare source are measured once, in an order of its own.
 *
 * @param events the length of the run
 */
export function operatorCosts(events = 10_000): readonly OperatorCost[] {
  const run = makeRun(events);
  const names = Object.keys(pipelines);
  const costs = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -WARM_ROUNDS; round < ROUNDS; round += 1) {
    const figures = new Map(shuffled(['', ...names]).map((name) => [name, measure(pipelines[name] ?? empty, run)]));
    const base = figures.get('') ?? 0;
    if (round >= 0) for (const name of names) costs.get(name)?.push((figures.get(name) ?? 0) - base);
  }
  return names.map((name) => ({ name, nanoseconds: summary(costs.get(name) ?? []).median }));
}
