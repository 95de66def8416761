import { asyncScheduler, BehaviorSubject, defer, filter, finalize, first, fromEventPattern, map, merge, of, scan, subscribeOn, switchMap, take, tap, type Observable } from 'rxjs';
import type { ToolSpec } from '../messages/message.js';
import type { ToolAnnotations } from '../tools/types.js';
import type { Output, Redact } from './output.js';
import { answerOf, choices, questionText, type AskedCall } from './question.js';
import type { Sink } from './terminal.js';

/** Where answers come from; `process.stdin` fits. */
export interface Source {
  readonly isTTY?: boolean;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  resume(): unknown;
  pause(): unknown;
  /** Whether it keeps the process alive. */
  ref?(): unknown;
  unref?(): unknown;
}

/** What asking takes. */
export interface Asking {
  readonly stdin: Source;
  /** Where the question is shown: standard output may be for a program. */
  readonly stderr: Sink;
  /** Kept still while somebody is asked. */
  readonly output: Pick<Output, 'hold' | 'release'>;
  readonly redact: Redact;
}

/** Whether a call may run. */
export interface Verdict {
  readonly decision: 'allow' | 'deny';
  readonly reason?: string;
}

/** What a tool's maker says that it is. */
export interface AskedTool extends ToolSpec {
  readonly annotations?: ToolAnnotations;
}

/** Asks a person about calls. */
export interface Asker {
  /** Asks when it is subscribed, one question after the other; unsubscribing takes the question back. */
  ask(call: AskedCall, tool: AskedTool): Observable<Verdict>;
  /** Leaves the input alone from then on. */
  close(): void;
}

const allow: Verdict = { decision: 'allow' };
const deny = (reason?: string): Verdict => ({ decision: 'deny', ...(reason !== undefined && { reason }) });

/** Work one after the other, in the order in which it came; what is unsubscribed leaves its place. */
function oneAtATime(): <Out>(work$: Observable<Out>) => Observable<Out> {
  const isFree$ = new BehaviorSubject(true);
  return (work$) =>
    defer(() => {
      let isMine = false;
      return isFree$.pipe(
        // What is emitted may be out of date: whoever waited longer has taken the place.
        first(() => isFree$.value),
        tap(() => {
          isMine = true;
          isFree$.next(false);
        }),
        switchMap(() => work$),
        finalize(() => {
          if (isMine) isFree$.next(true);
        }),
      );
    });
}

const on = (source: Source, event: string): Observable<unknown> =>
  fromEventPattern(
    (listener) => source.on(event, listener),
    (listener) => source.off(event, listener),
  );

/** The next line, or null where the input ends before. */
function nextLine(stdin: Source): Observable<string | null> {
  const line$ = on(stdin, 'data').pipe(
    scan((text, piece) => text + String(piece), ''),
    filter((text) => text.includes('\n')),
    map((text) => text.slice(0, text.indexOf('\n'))),
  );
  return merge(line$, merge(on(stdin, 'end'), on(stdin, 'error')).pipe(map(() => null))).pipe(take(1));
}

const noTerminal = 'there is no terminal to ask at';
const inputEnded = 'the input has ended, so nobody can be asked';

function keyOf({ name, description, inputSchema, annotations }: AskedTool): string {
  return JSON.stringify([name, description, inputSchema, annotations]);
}

/** An asker for where nobody can be asked. */
const nobody: Asker = { ask: () => of(deny(noTerminal)), close: () => undefined };

/**
 * Asks at the terminal, line by line: its own keys go on to do what they do, Ctrl-C included. Listens from the beginning,
 * so that what is typed before a question is not taken for its answer. Without a terminal, and once the input has ended,
 * every call is denied.
 */
export function askerAt({ stdin, stderr, output, redact }: Asking): Asker {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return nobody;
  /** Tools as they were when all of their calls were allowed: one that has changed since is another. */
  const approved = new Set<string>();
  const alone = oneAtATime();
  let hasEnded = false;
  const dropped = on(stdin, 'data').subscribe({ error: () => undefined });
  const ending = merge(on(stdin, 'end'), on(stdin, 'error')).subscribe({ next: () => (hasEnded = true), error: () => undefined });
  stdin.resume();
  stdin.unref?.();

  const answer = (tool: AskedTool): Observable<Verdict> =>
    nextLine(stdin).pipe(
      switchMap((line) => {
        if (line === null) return of(deny(inputEnded));
        const said = answerOf(line);
        if (said.type === 'unclear') {
          stderr.write(redact(choices(tool.name)));
          return answer(tool);
        }
        if (said.type === 'always') approved.add(keyOf(tool));
        return of(said.type === 'no' ? deny(said.reason) : allow);
      }),
    );

  const question = (call: AskedCall, tool: AskedTool): Observable<Verdict> => {
    if (approved.has(keyOf(tool))) return of(allow);
    if (hasEnded) return of(deny(inputEnded));
    let isOpen = true;
    output.hold();
    stdin.ref?.();
    stderr.write(redact(questionText(call, tool.annotations)));
    return answer(tool).pipe(
      tap(({ reason }) => {
        isOpen = reason === inputEnded;
      }),
      finalize(() => {
        // The cursor still stands behind the question.
        if (isOpen) stderr.write('\n');
        stdin.unref?.();
        output.release();
      }),
    );
  };

  return {
    // Not in the call stack of an answer: what follows from that is shown before the next question.
    ask: (call, tool) => alone(defer(() => question(call, tool)).pipe(subscribeOn(asyncScheduler))),
    close: () => {
      dropped.unsubscribe();
      ending.unsubscribe();
      stdin.pause();
    },
  };
}
