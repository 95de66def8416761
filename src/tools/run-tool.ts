import { catchError, concat, defer, map, of, takeUntil, takeWhile, timer, type Observable } from 'rxjs';
import { TimeoutError } from '../errors/errors.js';
import { messageOf } from '../errors/describe.js';
import type { StreamEvent } from '../events/events.js';
import { withSignal } from '../internal/abort.js';
import { isolated } from '../internal/isolated.js';
import { limitText } from './content.js';
import { errorOutcome, type Tool, type ToolCall, type ToolContext, type ToolOutcome } from './types.js';

/** What a timer can hold, 25 days; anything longer is no limit. */
const longestTimer = 2 ** 31 - 1;

/** Whether the value is a tool's answer and not one of its events. */
export function isOutcome(value: StreamEvent | ToolOutcome): value is ToolOutcome {
  return value.type === 'tool_outcome';
}

/**
 * Runs one call so that nothing can break the loop: emits the tool's events and then exactly one outcome. An unknown
 * name, an error, a timeout and a missing outcome become error outcomes that the model can read; text is held to a limit.
 *
 * @param tools the tools of this iteration
 * @param call the model's call
 * @param context what the tool may know; its signal aborts when the call is stopped early
 * @param timeout milliseconds for a tool that has no limit of its own
 */
export function runTool(
  tools: readonly Tool[],
  call: ToolCall,
  context: Omit<ToolContext, 'signal' | 'id' | 'name'>,
  timeout: number | undefined,
): Observable<StreamEvent | ToolOutcome> {
  const found = tools.find(({ name }) => name === call.name);
  if (found === undefined) return of(unknownTool(call.name, tools));
  const limit = found.timeout ?? timeout;
  const running$ = withSignal(
    (signal) => isolated(defer(() => found.run(call, { ...context, id: call.id, name: call.name, signal }))),
    isOutcome,
  );
  const limited$ = limit === undefined || limit > longestTimer ? running$ : running$.pipe(takeUntil(timer(limit).pipe(map(() => timedOut(call.name, limit)))));
  // A tool that ends without an outcome gets one; what follows the first outcome is not looked at.
  return concat(limited$, of(errorOutcome(`The tool ${call.name} ended without a result.`))).pipe(
    map((value) => (isOutcome(value) ? { ...value, content: limitText(value.content) } : value)),
    catchError((error: unknown) => of(errorOutcome(messageOf(error)))),
    takeWhile((value) => !isOutcome(value), true),
  );
}

function timedOut(name: string, ms: number): never {
  throw new TimeoutError(`The tool ${name} did not finish within ${String(ms)} ms.`);
}

function unknownTool(name: string, tools: readonly Tool[]): ToolOutcome {
  const names = tools.map((known) => known.name).join(', ');
  return errorOutcome(`There is no tool named ${JSON.stringify(name)}. ${names === '' ? 'There are no tools.' : `The tools are: ${names}.`}`);
}
