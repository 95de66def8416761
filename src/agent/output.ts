import { catchError, defer, from, map, of, throwError, type Observable } from 'rxjs';
import { isColdstreamError, messageOf } from '../errors/describe.js';
import { CallbackError, ConfigurationError } from '../errors/errors.js';
import type { Json, JsonObject } from '../events/json.js';
import { findFaultOf } from '../messages/partial-json.js';
import type { ContentBlock } from '../messages/message.js';
import { toJson } from '../tools/content.js';
import { compileSchema, type Validation } from '../tools/input-schema.js';
import type { ToolInput } from '../tools/input-type.js';

/** What an answer is held to, made ready. */
export interface AnswerRules {
  /** What the model is told from the start. */
  readonly instructions: string;
  /** The value of an answer's text, or what is wrong with it. Waits for nothing unless the schema's own check does. */
  readonly read: (text: string) => Observable<Validation<Json>>;
}

/** What the model is told when its answer does not fit. */
export function askAgain(fault: string): string {
  return `Your answer does not fit: ${fault} Answer again with the whole JSON value, and nothing else.`;
}

/** What the prompt for a final answer ends with, so that it does not ask for prose. */
export const stillJson = ' The answer is still the JSON value that you were asked for, and nothing else.';

/**
 * Makes an output's schema ready.
 *
 * @throws ConfigurationError if it cannot be used
 */
export function answerRules(schema: ToolInput<unknown>): AnswerRules {
  const { jsonSchema, validate } = compileSchema(schema, 'the answer');
  return {
    instructions: instructionsFor(jsonSchema),
    read: (text) => {
      const parsed = parse(text);
      if (!parsed.ok) return of(parsed);
      return checked(() => validate(parsed.value)).pipe(
        map((validation) => (validation.ok ? { ok: true, value: carried(validation.value, parsed.value) } : { ok: false, message: `${validation.message}.` })),
      );
    },
  };
}

function instructionsFor(schema: JsonObject): string {
  return `Your final answer must be one JSON value that is valid against the JSON Schema below, and nothing else: no text before or after it.\n${JSON.stringify(schema)}`;
}

/** The answer's text: what a message says, its parts joined. */
export function textOf(content: readonly ContentBlock[]): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** A block of code that is the whole text: models like to put JSON into one. */
const FENCED = /^```[^\n]*\n([\s\S]*?)\n?```$/;

function parse(text: string): Validation<Json> {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, message: 'there is no text.' };
  const json = FENCED.exec(trimmed)?.[1] ?? trimmed;
  try {
    const value: Json = JSON.parse(json);
    const fault = findFaultOf(json, value);
    return fault === undefined ? { ok: true, value } : { ok: false, message: `${fault}.` };
  } catch (error) {
    return { ok: false, message: `it is not JSON (${messageOf(error)}).` };
  }
}

/** What the schema's own check says; it is the application's and may fail. */
function checked(validate: () => Validation<unknown> | Promise<Validation<unknown>>): Observable<Validation<unknown>> {
  return defer(() => {
    const validation = validate();
    return validation instanceof Promise ? from(validation) : of(validation);
  }).pipe(catchError((error: unknown) => throwError(() => (isColdstreamError(error) ? error : new CallbackError(`The check of output failed: ${messageOf(error)}`, { cause: error })))));
}

/** The decoded value as an event carries it. @throws ConfigurationError for what JSON cannot hold */
function carried(decoded: unknown, parsed: Json): Json {
  if (decoded === parsed) return parsed;
  try {
    return toJson(decoded);
  } catch (error) {
    throw new ConfigurationError(`output must decode to what JSON can hold: ${messageOf(error)}`, { cause: error });
  }
}
