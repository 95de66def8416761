import { concatMap, defer, isObservable, map, of, tap, throwError, timer, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import type { Json, JsonObject } from '../events/json.js';
import { now } from '../internal/clock.js';
import type { ApprovalPolicy, Tool, ToolCall, ToolContext, ToolOutcome } from '../tools/types.js';
import type { Counted } from './watched.js';

/**
 * How a scripted tool answers: a value, an outcome, an Error to fail with, an Observable of events that ends with the
 * answer (`m.cold(…)`), or a function of the input that gives one of these.
 */
export type ToolScript =
  | Json
  | ToolOutcome
  | Error
  | Observable<StreamEvent | ToolOutcome | Json>
  | ((input: Json, context: ToolContext) => ToolScript);

/** How a scripted tool presents itself and keeps time. */
export interface ScriptedToolOptions {
  /** Milliseconds before the answer (virtual in a marble test); default 0: at once, synchronously. */
  readonly latency?: number;
  /** Default: the tool's name. */
  readonly description?: string;
  /** Default: any object. */
  readonly inputSchema?: JsonObject;
  /** As `Tool.timeout`. */
  readonly timeout?: number;
  /** As `Tool.approval`. */
  readonly approval?: ApprovalPolicy;
}

/** One call that a scripted tool got. */
export interface ScriptedCall extends ToolCall {
  readonly context: ToolContext;
  readonly startedAt: number;
  /** When it was over; missing while it runs. */
  readonly endedAt?: number;
  /** `stopped`: it was unsubscribed before its end. */
  readonly state: 'running' | 'answered' | 'failed' | 'stopped';
}

/** A tool that answers from a script and remembers its calls. */
export interface ScriptedTool extends Tool, Counted {
  /** Its calls, in the order in which they began. */
  readonly calls: readonly ScriptedCall[];
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isOutcome(value: object): value is ToolOutcome {
  return 'type' in value && value.type === 'tool_outcome' && 'content' in value && 'isError' in value;
}

function isStreamEvent(value: object): value is StreamEvent {
  return 'type' in value && 'runId' in value && 'seq' in value;
}

/** A value as a tool's answer: a string as it is, anything else as JSON and as a structured result. */
function outcomeOf(value: Json): ToolOutcome {
  if (typeof value === 'string') return { type: 'tool_outcome', content: [{ type: 'text', text: value }], isError: false };
  return { type: 'tool_outcome', content: [{ type: 'text', text: JSON.stringify(value) }], isError: false, structured: value };
}

const asItem = (value: StreamEvent | ToolOutcome | Json): StreamEvent | ToolOutcome => {
  if (isObject(value) && (isOutcome(value) || isStreamEvent(value))) return value;
  return outcomeOf(value);
};

function play(script: ToolScript, input: Json, context: ToolContext): Observable<StreamEvent | ToolOutcome> {
  if (typeof script === 'function') return defer(() => play(script(input, context), input, context));
  if (script instanceof Error) return throwError(() => script);
  if (isObservable(script)) return script.pipe(map(asItem));
  return of(asItem(script));
}

/**
 * A tool that answers every call from one script.
 *
 * ```ts
 * const weather = scriptedTool('weather', (input) => ({ degrees: 21 }), { latency: 30_000 });
 * ```
 */
export function scriptedTool(name: string, script: ToolScript, options: ScriptedToolOptions = {}): ScriptedTool {
  const { latency = 0, description = name, inputSchema = { type: 'object' }, timeout, approval } = options;
  const calls: ScriptedCall[] = [];
  const run = (call: ToolCall, context: ToolContext): Observable<StreamEvent | ToolOutcome> =>
    defer(() => {
      const begun: ScriptedCall = { ...call, context, startedAt: now(), state: 'running' };
      const index = calls.push(begun) - 1;
      const end = (state: ScriptedCall['state']): void => {
        calls[index] = { ...begun, state, endedAt: now() };
      };
      const played$ = play(script, call.input, context);
      let answered = false;
      return (latency === 0 ? played$ : timer(latency).pipe(concatMap(() => played$))).pipe(
        tap({
          next: (item) => {
            answered = isOutcome(item);
          },
          complete: () => end('answered'),
          error: () => end('failed'),
          // Whoever leaves with the answer has stopped nothing.
          unsubscribe: () => end(answered ? 'answered' : 'stopped'),
        }),
      );
    });
  return {
    name,
    description,
    inputSchema,
    run,
    calls,
    get opened() {
      return calls.length;
    },
    get open() {
      return calls.filter(({ state }) => state === 'running').length;
    },
    ...(timeout === undefined ? {} : { timeout }),
    ...(approval === undefined ? {} : { approval }),
  };
}
