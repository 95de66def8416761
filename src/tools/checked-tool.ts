import { concatMap, defer, from, of, type Observable } from 'rxjs';
import { ConfigurationError } from '../errors/errors.js';
import type { StreamEvent } from '../events/events.js';
import type { Json } from '../events/json.js';
import { compileInput, type CompiledInput, type Validation } from './input-schema.js';
import type { InputOf } from './input-type.js';
import { errorOutcome, type ApprovalPolicy, type Tool, type ToolContext, type ToolOutcome } from './types.js';

/** What every tool that is made here has. */
export interface CommonToolOptions {
  /** Letters, digits, `_` and `-`, 64 at most. */
  readonly name: string;
  /** What the tool does and when to use it: the model reads this. */
  readonly description: string;
  /** How long one call may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** What its calls need before they run: `'allow'`, `'ask'`, `'deny'`, or a function of the call. Default: the agent's `approval`. */
  readonly approval?: ApprovalPolicy | undefined;
  /** Whether its calls run alone, with no other call of the same turn beside them. Default false. */
  readonly exclusive?: boolean | undefined;
  /**
   * Whether a call starts as soon as the model has written it, while the model still streams. Where the turn then breaks, is
   * cut or is taken back, the call is stopped and answered with an error: what it did until then is not undone. Such a turn
   * is not repeated once a call of it has started. `exclusive` wins over it. Default false.
   */
  readonly eager?: boolean | undefined;
}

/**
 * A tool whose input is checked: what the schema refuses never reaches `run`, and the model is told what is wrong with it.
 *
 * @throws ConfigurationError for a name or a schema that no provider would take
 */
export function checkedTool<Input>(
  { name, description, timeout, approval, exclusive, eager }: CommonToolOptions,
  input: Input,
  run: (value: InputOf<Input>, context: ToolContext) => Observable<StreamEvent | ToolOutcome>,
): Tool {
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
    ...(eager === undefined ? {} : { eager }),
    run: (call, context) =>
      validated(compiled, call.input).pipe(
        concatMap((validation) =>
          validation.ok ? run(validation.value, context) : of(errorOutcome(`The input of ${name} is not valid. ${validation.message}`)),
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
