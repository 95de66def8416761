import { withEnvelope } from '../events/construct.js';
import type { ErrorEvent, EventBody, StreamEvent, StreamEventOf, ToolUseStart } from '../events/events.js';
import type { Json, JsonObject } from '../events/json.js';
import { ProtocolError } from '../errors/errors.js';
import { now } from '../internal/clock.js';
import type { Message, ToolUseBlock } from '../messages/message.js';
import { repairMessages } from '../messages/repair.js';
import { addUsage, type Usage } from '../messages/usage.js';
import { isContentEvent } from '../provider.js';
import { errorOutcome, type ToolOutcome } from '../tools/types.js';
import { Tally } from './tally.js';

/** A finished call of the model. */
export type FinishedCall = ToolUseStart['content'];

/** A finished call of the current turn, and what has been told of its answer. */
interface CallRecord {
  readonly call: FinishedCall;
  outcome: ToolOutcome | null;
  ended: boolean;
}

/** What the model's turn came to. */
export interface Turn {
  readonly message: Message;
  readonly stopReason: string | null;
}

const interrupted = errorOutcome('This call was not answered: it was cut off, or the run was stopped.');

/**
 * One run's book. It stamps the events, so they must be made one by one as they are emitted, and it keeps what the run's
 * end depends on: calls without an answer, usage, messages that the history does not have yet. It belongs to one
 * subscription.
 */
export class Ledger {
  /** What the history held when the run began. */
  loaded: readonly Message[] = [];
  /** What the run has added to the conversation for good. */
  readonly added: Message[] = [];
  /** User-role messages that wait for the end of their iteration. */
  waiting: readonly Message[];
  turn: Turn | null = null;
  /** Whether part of the current turn's answer has been told. */
  delivered = false;
  iteration = 0;
  /** How many iterations have begun. */
  iterations = 0;
  /** Whether the one under way has begun and not ended. */
  open = false;
  /** Why the run ends where it does not fail. */
  stopReason: string | null = null;
  /** The answer's value, where it is held to a schema. */
  output: Json | undefined = undefined;
  /** Whether the run's last event has been made. */
  ended = false;

  private model: string | null = null;
  private seq = 0;
  private spent: Usage | null = null;
  private abandoned: Usage | null = null;
  private attempt: Usage | null = null;
  /** None before the first: most turns are without. */
  private calls: Map<string, CallRecord> | undefined = undefined;
  /** What the sub-agents that are running have cost; none before the first. */
  private tally: Tally | undefined = undefined;

  constructor(
    readonly runId: string,
    readonly path: readonly string[],
    input: readonly Message[],
  ) {
    this.waiting = input;
  }

  /** Whether an event has been made. */
  get begun(): boolean {
    return this.seq > 0;
  }

  /** What the model is told: the conversation up to now, sound whatever was loaded or handed in. */
  conversation(): readonly Message[] {
    return repairMessages([...this.loaded, ...this.added, ...this.waiting]);
  }

  /** The number of the next event. */
  get next(): number {
    return this.seq;
  }

  /** An event of the agent's own. */
  create<Body extends EventBody>(body: Body, metadata: JsonObject = {}): StreamEventOf<Body['type']> {
    const { runId, path, iteration, model } = this;
    return withEnvelope({ runId, seq: this.seq++, path, iteration, timestamp: now(), model, metadata }, body);
  }

  /** An event of the provider's, noted and made the run's. */
  adopt(event: StreamEvent): StreamEvent {
    this.note(event);
    const { runId, path, iteration } = this;
    const seq = this.seq++;
    // Made for this step and numbered from the request's `seq`: it is the run's already, and is not copied.
    if (event.seq === seq && event.iteration === iteration && event.path === path && event.runId === runId) return event;
    return { ...event, runId, path, iteration, seq };
  }

  /** What a tool reports of the call that it answers. */
  report(event: StreamEventOf<'tool_progress' | 'custom'>, { id, name }: FinishedCall): StreamEvent {
    if (event.type === 'custom') return this.create({ type: 'custom', name: event.name, content: event.content }, event.metadata);
    return this.create({ type: 'tool_progress', content: { ...event.content, id, name } }, event.metadata);
  }

  /** An event of the sub-agent that answers the call, or of one beneath it, put into the run's order. */
  pass(event: StreamEvent, { id }: FinishedCall): StreamEvent {
    (this.tally ??= new Tally()).note(id, event);
    return { ...event, runId: this.runId, seq: this.seq++ };
  }

  private note(event: StreamEvent): void {
    this.model = event.model ?? this.model;
    this.delivered ||= isContentEvent(event);
    if (event.type === 'tool_use_start') {
      const call = event.content;
      if (this.calls?.has(call.id) === true) throw new ProtocolError(`The model used the call id ${JSON.stringify(call.id)} twice in one turn.`, { partial: true });
      (this.calls ??= new Map()).set(call.id, { call, outcome: null, ended: false });
    } else if (event.type === 'usage') {
      this.attempt = event.usage;
    } else if (event.type === 'retry') {
      this.abandoned = addUsage(this.abandoned, event.usage ?? this.attempt);
      this.attempt = null;
      if (!event.content.discard) return;
      this.calls = undefined;
      this.delivered = false;
    } else if (event.type === 'message') {
      this.attempt = event.usage ?? this.attempt;
      this.turn = { message: event.message, stopReason: event.stopReason ?? null };
    }
  }

  /** A new iteration begins; `prompt` is what the agent itself says before it. */
  beginIteration(iteration: number, prompt: Message | undefined): void {
    this.iteration = iteration;
    this.iterations = iteration + 1;
    this.open = true;
    this.turn = null;
    this.delivered = false;
    this.calls = undefined;
    if (prompt !== undefined) this.waiting = [prompt];
  }

  /** The finished calls of the turn. */
  finishedCalls(): readonly FinishedCall[] {
    return [...(this.calls?.values() ?? [])].map(({ call }) => call);
  }

  /** Whether the call has its result. */
  isAnswered(id: string): boolean {
    return (this.calls?.get(id)?.outcome ?? null) !== null;
  }

  /** The `tool_result` of a call. */
  result(call: FinishedCall, outcome: ToolOutcome, durationMs: number): StreamEvent {
    const record = this.calls?.get(call.id);
    if (record !== undefined) record.outcome = outcome;
    this.spent = addUsage(this.spent, outcome.usage ?? this.tally?.of(call.id) ?? null);
    this.tally?.forget(call.id);
    const { content, isError, structured } = outcome;
    return this.create({
      type: 'tool_result',
      content: { id: call.id, name: call.name, content, isError, ...(structured === undefined ? {} : { structured }), durationMs },
    });
  }

  /** The `tool_use_end` of a call. */
  end({ id, name }: FinishedCall): StreamEvent {
    const record = this.calls?.get(id);
    if (record !== undefined) record.ended = true;
    return this.create({ type: 'tool_use_end', content: { id, name } });
  }

  /** What the calls of a run that was broken off are still owed; `instead` answers those that have no result. */
  *owed(instead: ToolOutcome = interrupted): Generator<StreamEvent> {
    for (const { call, outcome, ended } of this.calls?.values() ?? []) {
      if (outcome === null) yield this.result(call, instead, 0);
      if (!ended) yield this.end(call);
    }
  }

  /** The user message that answers every call of the turn, in the turn's order; undefined if there was none. */
  results(): Message | undefined {
    const uses = toolUses(this.turn);
    if (uses.length === 0) return undefined;
    const content = uses.map(({ id }) => {
      const { content, isError } = this.calls?.get(id)?.outcome ?? interrupted;
      return { type: 'tool_result', toolUseId: id, content, isError } as const;
    });
    return { role: 'user', content };
  }

  /**
   * Takes what belongs into the history now; each message is given once.
   *
   * @param evenUnanswered whether the run's input is kept though no answer came
   */
  takeKept(evenUnanswered: boolean): readonly Message[] {
    const { turn, waiting } = this;
    if (turn === null && (!evenUnanswered || this.added.length > 0)) return [];
    const results = this.results();
    const spoken = turn === null || turn.message.content.length === 0 ? [] : [turn.message];
    const kept = [...waiting, ...spoken, ...(results === undefined ? [] : [results])];
    this.waiting = [];
    this.turn = null;
    this.added.push(...kept);
    return kept;
  }

  /** What this iteration's own turns cost, abandoned attempts included. */
  iterationUsage(): Usage | null {
    return addUsage(this.abandoned, this.attempt);
  }

  /** What the run cost so far. */
  runUsage(): Usage | null {
    return addUsage(addUsage(this.spent, this.tally?.total() ?? null), this.iterationUsage());
  }

  /** The iteration's cost becomes the run's. */
  closeIteration(): void {
    this.open = false;
    this.spent = addUsage(this.spent, this.iterationUsage());
    this.abandoned = null;
    this.attempt = null;
  }

  /** The last event of a run that did not fail. */
  complete(metadata?: JsonObject): StreamEvent {
    this.ended = true;
    const { stopReason, iterations, added, output } = this;
    const answer = output === undefined ? {} : { output };
    return this.create({ type: 'complete', usage: this.runUsage(), stopReason, iterations, messages: added, ...answer }, metadata);
  }

  /** The last event of a run that failed. */
  fail(content: ErrorEvent['content']): StreamEvent {
    this.ended = true;
    return this.create({ type: 'error', content, usage: this.runUsage(), messages: this.added });
  }
}

/** The tool calls of a turn, those that were cut included. */
export function toolUses(turn: Turn | null): readonly ToolUseBlock[] {
  return (turn?.message.content ?? []).filter((block) => block.type === 'tool_use');
}
