import { concatMap, defer, from, map, of, type Observable } from 'rxjs';
import { ConfigurationError } from '../errors/errors.js';
import type { StreamEvent } from '../events/events.js';
import type { Json } from '../events/json.js';
import { markLast } from '../internal/mark-last.js';
import { observe } from '../internal/observe.js';
import { eventFactory } from '../provider.js';
import { toContent, toJson, toShownJson } from './content.js';
import { compileInput, type CompiledInput, type Validation } from './input-schema.js';
import type { InputOf, ToolInput } from './input-type.js';
import { isToolSignal, type ProgressReport } from './signals.js';
import { errorOutcome, type ApprovalPolicy, type Tool, type ToolContext, type ToolOutcome } from './types.js';

/** What `tool` is made of. */
export interface ToolOptions<Input> {
  /** Letters, digits, `_` and `-`, 64 at most. */
  readonly name: string;
  /** What the tool does and when to use it: the model reads this. */
  readonly description: string;
  /** A JSON Schema of type `object`, a Standard Schema (zod 4, valibot, arktype), or `{ codec, jsonSchema }` with io-ts. */
  readonly input: Input;
  /**
   * Does the work. Returns a value, a Promise, an AsyncIterable or an Observable. `progress()` and `custom()` values are
   * shown at once; of the others the last is the result, and those before it are shown at once as `partial`.
   */
  readonly execute: (input: InputOf<Input>, context: ToolContext) => unknown;
  /** How long one call may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** What its calls need before they run: `'allow'`, `'ask'`, `'deny'`, or a function of the call. Default: the agent's `approval`. */
  readonly approval?: ApprovalPolicy | undefined;
  /** Whether its calls run alone, with no other call of the same turn beside them. Default false. */
  readonly exclusive?: boolean | undefined;
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
  const { name, description, input, execute, timeout, approval, exclusive } = options;
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw new ConfigurationError(`The tool name ${JSON.stringify(name)} must be 1 to 64 letters, digits, "_" or "-".`);
  }
  const compiled = compileInput(input);
  return {
    name,
    description,
    inputSchema: compiled.jsonSchema,
    ...(timeout === undefined ? {} : { timeout }),
    ...(approval === undefined ? {} : { approval }),
    ...(exclusive === undefined ? {} : { exclusive }),
    run: (call, context) =>
      validated(compiled, call.input).pipe(
        concatMap((validation) =>
          validation.ok
            ? execution(() => execute(validation.value, context), context)
            : of(errorOutcome(`The input of ${name} is not valid. ${validation.message}`)),
        ),
      ),
  };
}

function validated<Output>(compiled: CompiledInput<Output>, input: Json): Observable<Validation<Output>> {
  return defer(() => {
    const validation = compiled.validate(input);
    return validation instanceof Promise ? from(validation) : of(validation);
  });
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
