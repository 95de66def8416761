import { defer, map, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { markLast } from '../internal/mark-last.js';
import { observe } from '../internal/observe.js';
import { eventFactory } from '../provider.js';
import { checkedTool, type CommonToolOptions } from './checked-tool.js';
import { toContent, toJson, toShownJson } from './content.js';
import type { InputOf, ToolInput } from './input-type.js';
import { isToolSignal, type ProgressReport } from './signals.js';
import type { Tool, ToolContext, ToolOutcome } from './types.js';

/** What `tool` is made of. */
export interface ToolOptions<Input> extends CommonToolOptions {
  /** A JSON Schema of type `object`, a Standard Schema (zod 4, valibot, arktype), or `{ codec, jsonSchema }` with io-ts. */
  readonly input: Input;
  /**
   * Does the work. Returns a value, a Promise, an AsyncIterable or an Observable. `progress()` and `custom()` values are
   * shown at once; of the others the last is the result, and those before it are shown at once as `partial`.
   */
  readonly execute: (input: InputOf<Input>, context: ToolContext) => unknown;
}

/**
 * Makes a tool.
 *
 * Input that the schema refuses never reaches `execute`: the model is told what is wrong, path by path, and may try
 * again. The same goes for anything that `execute` throws, and for a result that JSON cannot hold.
 *
 * @example
 * ```ts
 * import { tool } from 'coldstream';
 *
 * const clock = tool({
 *   name: 'clock',
 *   description: 'The current time in a time zone.',
 *   input: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
 *   execute: ({ zone }) => new Date().toLocaleTimeString('en', { timeZone: zone }),
 * });
 * ```
 *
 * @param options name, description, input and `execute`
 * @returns the tool, for `agent({ tools })`
 * @throws ConfigurationError for a name or a schema that no provider would take
 */
export function tool<const Input extends ToolInput<unknown>>(options: ToolOptions<Input>): Tool {
  const { input, execute } = options;
  return checkedTool(options, input, (value, context) => execution(() => execute(value, context), context));
}

/** Follows what `execute` returned: its signals and early values become events, its last value the outcome. */
function execution(execute: () => unknown, context: ToolContext): Observable<StreamEvent | ToolOutcome> {
  return defer(() => {
    const create = eventFactory(context);
    const { id, name } = context;
    return observe(execute()).pipe(
      markLast<unknown>((value) => !isToolSignal(value), undefined),
      map(({ value, last }) => {
        if (last) return outcomeOf(value);
        if (!isToolSignal(value)) return create({ type: 'tool_progress', content: { partial: toShownJson(value), id, name } });
        if (value.type === 'custom') return create({ type: 'custom', name: value.name, content: toJson(value.content) });
        return create({ type: 'tool_progress', content: { ...progressOf(value.progress), id, name } });
      }),
    );
  });
}

function outcomeOf(value: unknown): ToolOutcome {
  return { type: 'tool_outcome', isError: false, ...toContent(value) };
}

/** A report without what no event can carry: numbers that are none, members that are undefined. */
function progressOf({ progress, total, message, partial }: ProgressReport) {
  return {
    ...(Number.isFinite(progress) && progress !== undefined ? { progress } : {}),
    ...(Number.isFinite(total) && total !== undefined ? { total } : {}),
    ...(message === undefined ? {} : { message }),
    ...(partial === undefined ? {} : { partial: toShownJson(partial) }),
  };
}
