import { EMPTY, NEVER, type Observable, type Subscription } from 'rxjs';
import type { StreamEvent } from '../../events/events.js';
import { withSignal } from '../../internal/abort.js';
import { isOutcome } from '../../tools/run-tool.js';
import type { ToolOutcome } from '../../tools/types.js';
import { firstDifference } from '../compare.js';
import { describeValue } from '../describe.js';
import { frozen } from '../operator-laws/watched-events.js';
import { consume, type Consumer } from '../provider-laws/consumer.js';
import { fail } from '../provider-laws/judge.js';
import { eventually, tick } from '../provider-laws/waiting.js';
import type { ToolBench, ToolLaw, ToolSubject, ToolWork } from './subject.js';

type Item = StreamEvent | ToolOutcome;
type Caller = Consumer<Item>;

type ToolRun = Observable<Item>;

/** One law at work on one tool. */
export interface ToolTrial {
  readonly bench: ToolBench;
  /** Calls the tool; nothing may happen until it is subscribed. */
  readonly call: () => ToolRun;
  readonly hear: (run: ToolRun) => Caller;
  /** Leaves a call as an agent does: unsubscribes, and has its signal abort. */
  readonly stop: (caller: Caller) => void;
  /** Waits until so many calls have begun, and gives the last. */
  readonly work: (count: number) => Promise<ToolWork>;
  readonly until: (isSo: () => boolean, owed: string) => Promise<void>;
  readonly dispose: () => void;
}

const CALL = { id: 'call_of_the_laws', runId: 'run_of_the_laws', path: ['call_1'], iteration: 2 };

/** A trial of the tool. */
export function createToolTrial({ input = {}, patience = 5_000 }: ToolSubject, bench: ToolBench): ToolTrial {
  const callers: Caller[] = [];
  const controllers: Subscription[] = [];
  const call: ToolTrial['call'] = () => {
    const { name } = bench.tool;
    let run$: ToolRun = EMPTY;
    // A signal whose controller is unsubscribing.
    const controller$ = withSignal((signal) => {
      run$ = bench.tool.run(frozen({ id: CALL.id, name, input: structuredClone(input) }), { ...CALL, name, signal });
      return NEVER;
    });
    controllers.push(controller$.subscribe());
    return run$;
  };
  const abort = (): void => {
    for (const controller of controllers) controller.unsubscribe();
  };
  return {
    bench,
    call,
    hear: (run) => {
      const caller = consume(run);
      callers.push(caller);
      return caller;
    },
    stop: (caller) => {
      caller.leave();
      abort();
    },
    work: async (count) => {
      await eventually(() => bench.work().length >= count, () => `${bench.work().length} calls have begun, and ${count} should have`, patience);
      return bench.work()[count - 1] ?? fail('The bench has lost a call.');
    },
    until: (isSo, owed) => eventually(isSo, () => owed, patience),
    dispose: () => {
      for (const caller of callers) caller.leave();
      abort();
    },
  };
}

const begun = async ({ call, hear, work }: ToolTrial): Promise<{ readonly caller: Caller; readonly own: ToolWork }> => {
  const caller = hear(call());
  return { caller, own: await work(1) };
};

function silent({ late }: Caller, when: string): void {
  if (late.length > 0) fail(`${when}, it still told ${late.join(', ')}.`);
}

async function over(trial: ToolTrial, caller: Caller, when: string): Promise<void> {
  await trial.until(() => caller.ended() !== undefined, `${when}, the call came to no end`);
}

/** What came last has to be the one outcome. */
function oneOutcome({ events }: Caller): ToolOutcome {
  const outcomes = events.filter(isOutcome);
  const last = events.at(-1);
  if (outcomes.length !== 1) fail(`It told ${outcomes.length} outcomes; owed: one.`);
  return last !== undefined && isOutcome(last) ? last : fail(`After its outcome it told ${describeValue(last)}.`);
}

async function answered(trial: ToolTrial): Promise<Caller> {
  const { caller, own } = await begun(trial);
  own.report?.();
  own.answer();
  await over(trial, caller, 'After its answer');
  return caller;
}

/** One law: what it says, and how it is held. */
export interface HeldToolLaw {
  readonly name: ToolLaw;
  readonly says: string;
  readonly hold: (trial: ToolTrial) => Promise<void>;
}

export const toolLawList: readonly HeldToolLaw[] = [
  {
    name: 'cold',
    says: 'nothing begins before somebody subscribes',
    hold: async (trial) => {
      const call$ = trial.call();
      await tick();
      if (trial.bench.work().length > 0) fail('A call began that nobody had subscribed to.');
      trial.hear(call$);
      await trial.work(1);
    },
  },
  {
    name: 'apart',
    says: 'each subscription is a call of its own, and shares nothing with another',
    hold: async (trial) => {
      const call$ = trial.call();
      const left = trial.hear(call$);
      await trial.work(1);
      const stays = trial.hear(call$);
      const second = await trial.work(2);
      left.leave();
      second.answer();
      await over(trial, stays, 'With another subscription left, and after its answer');
      oneOutcome(stays);
    },
  },
  {
    name: 'left at once',
    says: 'unsubscribed as soon as it was subscribed, it leaves nothing working',
    hold: async (trial) => {
      const caller = trial.hear(trial.call());
      trial.stop(caller);
      await tick();
      await trial.until(() => trial.bench.work().every((work) => work.closed()), 'Left at once, it still works');
      silent(caller, 'Left at once');
    },
  },
  {
    name: 'left while working',
    says: 'unsubscribed while it works, it stops its work, and tells no more',
    hold: async (trial) => {
      const { caller, own } = await begun(trial);
      own.report?.();
      if (own.report !== undefined) await trial.until(() => caller.events.length > 0, 'It reported nothing');
      trial.stop(caller);
      await trial.until(own.closed, 'Left while it worked, it still works');
      own.answer();
      await tick();
      silent(caller, 'Left while it worked');
    },
  },
  {
    name: 'answered',
    says: 'its answer is one outcome, last, and then it completes',
    hold: async (trial) => {
      const caller = await answered(trial);
      if (caller.ended() === 'error') fail(`It was answered, and failed with ${describeValue(caller.error())}.`);
      const { isError } = oneOutcome(caller);
      if (isError) fail('It was answered, and its outcome is an error.');
    },
  },
  {
    name: 'failed',
    says: 'a failure is an error, or an outcome that is one',
    hold: async (trial) => {
      const { caller, own } = await begun(trial);
      if (own.fail === undefined) fail('The subject gives no `fail` of its work: give it, or say in `without` why this law cannot be held.');
      own.fail();
      await over(trial, caller, 'After its failure');
      if (caller.ended() === 'complete' && !oneOutcome(caller).isError) fail('It failed, and its outcome is no error.');
      if (caller.ended() === 'error' && caller.events.some(isOutcome)) fail('It told an outcome, and then failed.');
    },
  },
  {
    name: 'of the call',
    says: 'what it tells meanwhile is of its call: run, path, iteration, id and name',
    hold: async (trial) => {
      const { events } = await answered(trial);
      for (const item of events) {
        if (isOutcome(item)) continue;
        const { runId, path, iteration } = item;
        const place = firstDifference({ runId, path: path.slice(0, CALL.path.length) }, { runId: CALL.runId, path: CALL.path });
        if (place !== undefined) fail(`${describeValue(item)} is not of its call: ${place}.`);
        if (item.type !== 'tool_progress') continue;
        const { id, name } = item.content;
        const own = firstDifference({ id, name, iteration }, { id: CALL.id, name: trial.bench.tool.name, iteration: CALL.iteration });
        if (own !== undefined) fail(`${describeValue(item)} is not of its call: ${own}.`);
      }
    },
  },
  {
    name: 'plain',
    says: 'what it tells is plain JSON',
    hold: async (trial) => {
      const { events } = await answered(trial);
      for (const item of events) {
        const read: unknown = JSON.parse(JSON.stringify(item));
        const lost = firstDifference(read, item, { envelope: true });
        if (lost !== undefined) fail(`${describeValue(item)} is not plain JSON: ${lost}.`);
      }
    },
  },
];
