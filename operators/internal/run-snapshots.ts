import { isTerminal } from '../../src/events/construct.js';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Usage } from '../../src/messages/usage.js';
import { foldAnswer, type Answer } from './answer.js';
import { CallList, type CallSnapshot } from './call-list.js';
import { GrowingList } from './growing-list.js';
import { isCounted } from './usage-book.js';
import { usageMeter } from './usage-meter.js';

/** An agent's part of a run, as far as it has come. */
export interface AgentSnapshot {
  /** `[]` for the run itself; otherwise the ids of the tool calls that lead to the sub-agent. */
  readonly path: readonly string[];
  readonly iteration: number;
  /** The answer so far, as `finalText` gives it at the end: that of the model's last turn. */
  readonly text: string;
  /** The visible thinking of all turns. */
  readonly thinking: string;
  /** Its tool calls, in the order in which the model wrote them. */
  readonly calls: readonly CallSnapshot[];
  /** What it has cost: of a run over all paths, of a sub-agent what its own turns cost. */
  readonly usage: Usage | null;
  /** The event that ended it; `null` while it goes on. */
  readonly end: StreamEventOf<'complete' | 'error'> | null;
}

/** A run as far as it has come. */
export interface RunSnapshot extends AgentSnapshot {
  readonly runId: string;
  /** Its sub-agents, at any depth, in the order in which they began. */
  readonly agents: readonly AgentSnapshot[];
}

const saysSomething = new Set<string>(['text_delta', 'thinking', 'message', 'retry', 'run_start'] satisfies StreamEvent['type'][]);

/** Folds the events of one path. */
class AgentFold {
  readonly calls = new CallList();
  private readonly answer: Answer;
  private readonly meter = usageMeter();
  private iteration = 0;
  private end: StreamEventOf<'complete' | 'error'> | null = null;

  constructor(private readonly path: readonly string[]) {
    this.answer = foldAnswer(path.length);
  }

  /** Whether the event has changed anything. Texts are not compared: that would read each of them again for each event. */
  take(event: StreamEvent): boolean {
    this.answer.take(event);
    const moved = event.iteration !== this.iteration;
    this.iteration = event.iteration;
    if (isTerminal(event)) this.end = event;
    const counted = isCounted(event) && this.meter.take(event) !== undefined;
    const called = this.calls.take(event);
    return moved || counted || called || isTerminal(event) || saysSomething.has(event.type);
  }

  snapshot(): AgentSnapshot {
    const { path, iteration, end } = this;
    const { list } = this.calls;
    return {
      path,
      iteration,
      text: this.answer.text(),
      thinking: this.answer.thinking(),
      get calls() {
        return list.read();
      },
      usage: this.meter.total(),
      end,
    };
  }
}

/** Folds the events of one run. */
class RunFold {
  private readonly own = new AgentFold([]);
  private readonly meter = usageMeter();
  private readonly folds = new Map<string, { readonly place: number; readonly fold: AgentFold }>();
  private agents = GrowingList.of<AgentSnapshot>([]);
  private shown: RunSnapshot | undefined = undefined;

  constructor(readonly runId: string) {}

  /** The run after the event; the same object where the event has changed nothing. */
  take(event: StreamEvent): RunSnapshot {
    const counted = isCounted(event) && this.meter.take(event) !== undefined;
    const changed = event.path.length === 0 ? this.own.take(event) : this.takeFromAgent(event);
    if (this.shown === undefined || changed || counted) this.shown = this.snapshot();
    return this.shown;
  }

  private takeFromAgent(event: StreamEvent): boolean {
    const key = JSON.stringify(event.path);
    const known = this.folds.get(key);
    const { place, fold } = known ?? { place: this.folds.size, fold: new AgentFold(event.path) };
    if (known === undefined) this.folds.set(key, { place, fold });
    if (!fold.take(event) && known !== undefined) return false;
    this.agents = this.agents.with(place, fold.snapshot());
    return true;
  }

  private snapshot(): RunSnapshot {
    const { runId, agents } = this;
    const { path, iteration, text, thinking, end } = this.own.snapshot();
    const { list } = this.own.calls;
    return {
      runId,
      path,
      iteration,
      text,
      thinking,
      get calls() {
        return list.read();
      },
      usage: this.meter.total(),
      get agents() {
        return agents.read();
      },
      end,
    };
  }
}

/** The state of the run that an event belongs to, after it. Keeps one run: the one that spoke last. */
export function runSnapshots(): (event: StreamEvent) => RunSnapshot {
  let run: RunFold | undefined;
  return (event) => {
    if (run?.runId !== event.runId) run = new RunFold(event.runId);
    return run.take(event);
  };
}
