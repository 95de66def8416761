import type { Observable } from 'rxjs';
import type { Envelope, EventBody, StreamEvent, StreamEventOf } from './events/events.js';
import { isEvent, withEnvelope } from './events/construct.js';
import type { JsonObject } from './events/json.js';
import { ProtocolError, RunError } from './errors/errors.js';
import type { Message, ToolSpec } from './messages/message.js';
import { toolNames, type ToolNames } from './messages/tool-names.js';
import { moment, now } from './internal/clock.js';
import { newId } from './internal/ids.js';

/** Which tool the model may or must call. */
export type ToolChoice = 'auto' | 'any' | 'none' | { readonly name: string };

/** One model turn, as asked. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  /** The system prompt. */
  readonly instructions?: string;
  readonly tools?: readonly ToolSpec[];
  /** Default: the service's own, `auto`. Where a service has no `none`, tools stay and the choice is omitted. */
  readonly toolChoice?: ToolChoice;
  /** The most tokens to answer with. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** Goes into the request body as it is. */
  readonly extra?: JsonObject;
  /** Not sent. With `path`, `iteration` and `attempt` it names the step, for decorators that journal or replay. */
  readonly runId?: string;
  /** Not sent: the ids of the tool calls that lead to the asking agent. */
  readonly path?: readonly string[];
  /** Not sent: the iteration, from 0. */
  readonly iteration?: number;
  /** Not sent: the attempt, from 1. */
  readonly attempt?: number;
  /** Not sent: the number that the turn's first event has in its run. An agent takes events that are numbered from it as they are, and copies others. */
  readonly seq?: number;
  /** Not sent: the run has tools that start while the model still streams. Once one has `started`, the turn must not be replayed. */
  readonly eager?: { readonly started: boolean };
  /** Not sent: called for each keep-alive of the wire that carries no event (a ping), so that a watchdog can see it. */
  readonly onPing?: () => void;
  /** Not sent: called once the service has begun to answer (the headers are there), so that a watchdog can tell it from a silence. */
  readonly onAnswer?: () => void;
}

/**
 * One model turn: subscribe to send the request, unsubscribe to stop it, down to the socket.
 * Emits the provider's events, `message` last; fails on the error channel.
 */
export type Provider = (request: ModelRequest) => Observable<StreamEvent>;

/** Registered globally, so that two copies of the package read each other's marks. */
const modelMark = Symbol.for('coldstream.model');

/**
 * Says of a provider which model it was made for, so that what wraps it can name that model before it has answered
 * (`fallingBackTo` does). The function itself is marked: give it one that you have just made.
 *
 * @example
 * ```ts
 * import { EMPTY } from 'rxjs';
 * import { modelOf, named } from 'coldstream';
 *
 * const provider = named(() => EMPTY, 'my-model');
 * console.log(modelOf(provider));
 * ```
 *
 * @param provider the provider
 * @param model the model, in its service's own word
 * @returns the provider
 */
export function named<Made extends Provider>(provider: Made, model: string): Made {
  return Object.defineProperty(provider, modelMark, { value: model, configurable: true });
}

/** Which model a provider was made for, as far as `named` was told; decorators hand it on. */
export function modelOf(provider: Provider): string | undefined {
  const model: unknown = Reflect.get(provider, modelMark);
  return typeof model === 'string' ? model : undefined;
}

/** Wraps bodies into events: same run, path, iteration and model; the clock's time; `seq` counted on. */
export interface EventFactory {
  <Body extends EventBody>(body: Body, metadata?: JsonObject): StreamEventOf<Body['type']>;
  /** Names the model from here on. */
  setModel(model: string | null): void;
}

/** An event factory for one step, such as a request; keep it inside the subscription, since it counts from the step's `seq`, or 0. */
export function eventFactory(
  step: { readonly runId?: string; readonly path?: readonly string[]; readonly iteration?: number; readonly seq?: number },
  model: string | null = null,
): EventFactory {
  const runId = step.runId ?? newId('run');
  const path = step.path ?? [];
  const iteration = step.iteration ?? 0;
  const begun = now();
  let seq = step.seq ?? 0;
  const create = <Body extends EventBody>(body: Body, metadata: JsonObject = {}): StreamEventOf<Body['type']> => {
    // A step that begins in the burst of another has nothing to tell from before it began.
    const envelope: Envelope = { runId, seq: seq++, path, iteration, timestamp: Math.max(begun, moment()), model, metadata };
    return withEnvelope(envelope, body);
  };
  return Object.assign(create, {
    setModel: (name: string | null) => {
      model = name;
    },
  });
}

/** The request with a run id, so that all that is made for it shares one. */
export function withRunId(request: ModelRequest): ModelRequest {
  return request.runId === undefined ? { ...request, runId: newId('run') } : request;
}

/** The names of all tools that a request speaks of, in a form that every service takes. */
export function requestToolNames({ messages, tools = [], toolChoice }: ModelRequest): ToolNames {
  // The whole conversation is looked through for every turn: nothing is made that is not needed.
  const names = new Set(tools.map(({ name }) => name));
  if (typeof toolChoice === 'object') names.add(toolChoice.name);
  for (const { content } of messages) for (const block of content) if (block.type === 'tool_use') names.add(block.name);
  return toolNames([...names]);
}

const contentEvents = [
  'text_delta',
  'thinking',
  'citation',
  'tool_input_start',
  'tool_input_delta',
  'tool_use_start',
  'server_tool_use',
  'server_tool_result',
  'message',
] as const;

/** Whether the event shows part of the answer: after one, a silent second attempt would tell the answer twice. */
export const isContentEvent = isEvent(...contentEvents);

const isProviderEvent = isEvent(...contentEvents, 'usage', 'retry', 'raw', 'custom');

/**
 * The event, if it is one that a provider may emit; a run's own events are its agent's to emit.
 *
 * @throws RunError for an `error` event (an agent that is used as a provider), ProtocolError for any other
 */
export function asProviders(event: StreamEvent): StreamEvent {
  if (isProviderEvent(event)) return event;
  if (event.type === 'error') {
    const { error, code, retryable, partial } = event.content;
    throw new RunError(error, code, { retryable, partial });
  }
  throw new ProtocolError(`The provider emitted ${event.type}, which only an agent may emit.`);
}
