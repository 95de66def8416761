import { concatMap, defer, finalize, from, map, throwError, timer, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import type { ContentBlock } from '../messages/message.js';
import type { ModelRequest, Provider } from '../provider.js';
import { describeValue } from './describe.js';
import { stamped } from './stamp.js';
import type { Counted } from './watched.js';

/**
 * One answer of a scripted provider: events that come at once, an Observable of events (`m.cold(…)`), an Error to fail
 * with, or a function of the request that gives one of these.
 */
export type ScriptedTurn = readonly StreamEvent[] | Observable<StreamEvent> | Error | ((request: ModelRequest) => ScriptedTurn);

/** A turn for requests of a kind: of a sub-agent, say, or of parallel runs, whose order nobody knows. */
export interface ScriptedReply {
  readonly answer: ScriptedTurn;
  /** Which requests it answers. Default: any. `asking('weather')` looks at what was asked. */
  readonly when?: (request: ModelRequest) => boolean;
  /** How many requests it answers; default 1. `Infinity` for any number but none. */
  readonly times?: number;
}

/** How a scripted provider keeps time, in milliseconds (virtual in a marble test). */
export interface ScriptedProviderOptions {
  /** Before the turn begins; default 0: at once, synchronously. */
  readonly latency?: number;
  /** Before each event of a turn that is an array; default 0: all in one burst. */
  readonly pace?: number;
}

/** A provider that answers from a script and remembers what it was asked. */
export interface ScriptedProvider extends Provider, Counted {
  /** What it was asked, in order; a retry asks again. */
  readonly requests: readonly ModelRequest[];
  /** Throws unless every turn was asked for as often as it was there, and every request found one. */
  assertConsumed(): void;
}

/** Whether a turn is a list of events. */
export function isEventList(turn: ScriptedTurn): turn is readonly StreamEvent[] {
  return Array.isArray(turn);
}

function playList(events: readonly StreamEvent[], pace: number): Observable<StreamEvent> {
  return pace === 0 ? from(events) : from(events).pipe(concatMap((event) => timer(pace).pipe(map(() => event))));
}

function play(turn: ScriptedTurn, request: ModelRequest, pace: number): Observable<StreamEvent> {
  if (typeof turn === 'function') return defer(() => play(turn(request), request, pace));
  if (turn instanceof Error) return throwError(() => turn);
  if (isEventList(turn)) return playList(turn, pace);
  return turn;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function isReply(turn: ScriptedTurn | ScriptedReply): turn is ScriptedReply {
  return typeof turn === 'object' && 'answer' in turn;
}

/** The text of the last message: what the model is asked, or told. */
function lastText({ messages }: ModelRequest): string {
  const textOf = (content: readonly ContentBlock[]): readonly string[] =>
    content.flatMap((block) => (block.type === 'text' ? [block.text] : block.type === 'tool_result' ? textOf(block.content) : []));
  return textOf(messages.at(-1)?.content ?? []).join('\n');
}

/**
 * Picks requests by the text of their last message, a user's or a tool's result; for `when` of a scripted reply.
 *
 * ```ts
 * scriptedProvider([{ when: asking('weather'), answer: textTurn('Sunny.') }, { when: asking(/news/i), answer: textTurn('None.') }]);
 * ```
 */
export function asking(text: string | RegExp): (request: ModelRequest) => boolean {
  return (request) => (typeof text === 'string' ? lastText(request).includes(text) : lastText(request).search(text) !== -1);
}

/** A turn of the script, and how often it was asked for. */
interface Entry extends Required<ScriptedReply> {
  used: number;
}

const isLeft = ({ used, times }: Entry): boolean => used < times;

/** Why a request gets no turn. */
function noTurnFor(entries: readonly Entry[], request: ModelRequest, asked: number): Error {
  const { path = [], iteration = 0, attempt = 1 } = request;
  const step = `iteration ${iteration}, attempt ${attempt}${path.length === 0 ? '' : `, at ${path.join('/')}`}`;
  const why = entries.some(isLeft) ? 'none of the turns that are left is for it' : `${count(entries.length, 'turn')}, all used`;
  return new Error(`scriptedProvider has no turn for request ${asked} (${step}, asking ${describeValue(lastText(request))}): ${why}.`);
}

/** What was not as the script has it. */
function unconsumed(entries: readonly Entry[], asked: number, unanswered: readonly number[]): string | undefined {
  const idle = entries.flatMap(({ used, times }, index) => {
    if (used === 0) return [`turn ${index + 1}`];
    return times === Infinity || used === times ? [] : [`turn ${index + 1} (${used} of ${times} times)`];
  });
  if (idle.length > 0) return `scriptedProvider got ${count(asked, 'request')}, and nobody asked for ${idle.join(', ')} of ${entries.length}.`;
  return unanswered.length === 0 ? undefined : `scriptedProvider has ${count(entries.length, 'turn')}, and none for ${unanswered.map((number) => `request ${number}`).join(', ')}.`;
}

/**
 * A provider that answers from a script: each request gets the first turn that is left and is for it. With turns alone
 * the first request gets the first, the second the second, and so on. A turn is taken when a request is subscribed; a
 * request without a turn fails.
 *
 * ```ts
 * const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'clock' }), textTurn('It is ', 'noon.')]);
 * ```
 *
 * @param turns the script: turns, and replies that say for which requests they are and how often
 * @param options latency and pace; default: at once
 */
export function scriptedProvider(turns: readonly (ScriptedTurn | ScriptedReply)[], { latency = 0, pace = 0 }: ScriptedProviderOptions = {}): ScriptedProvider {
  const requests: ModelRequest[] = [];
  const unanswered: number[] = [];
  const entries = turns.map((each): Entry => ({ when: () => true, times: 1, ...(isReply(each) ? each : { answer: each }), used: 0 }));
  let open = 0;
  const take = (request: ModelRequest): ScriptedTurn => {
    const asked = requests.push(request);
    const entry = entries.find((each) => isLeft(each) && each.when(request));
    if (entry === undefined) {
      unanswered.push(asked);
      return noTurnFor(entries, request, asked);
    }
    entry.used += 1;
    return entry.answer;
  };
  const answer = (request: ModelRequest): Observable<StreamEvent> =>
    defer(() => {
      const played$ = stamped(play(take(request), request, pace), request);
      open += 1;
      return (latency === 0 ? played$ : timer(latency).pipe(concatMap(() => played$))).pipe(finalize(() => (open -= 1)));
    });
  const assertConsumed = (): void => {
    const fault = unconsumed(entries, requests.length, unanswered);
    if (fault !== undefined) throw new Error(fault);
  };
  return Object.defineProperties(Object.assign(answer, { requests, opened: 0, open, assertConsumed }), {
    opened: { get: () => requests.length },
    open: { get: () => open },
  });
}
