import { Validator, type Schema } from '@cfworker/json-schema';
import type { Decoder, Errors } from 'io-ts';
import { ConfigurationError } from '../errors/errors.js';
import type { Json, JsonObject } from '../events/json.js';
import type { InputOf, SchemaPair, StandardResult, StandardSchema, ToolInput } from './input-type.js';

/** The outcome of a validation. */
export type Validation<Output> = { readonly ok: true; readonly value: Output } | { readonly ok: false; readonly message: string };

/** A schema made ready: what the model is shown, and the check. The check is synchronous unless the user's own is not. */
export interface CompiledInput<Output> {
  readonly jsonSchema: JsonObject;
  readonly validate: (input: Json) => Validation<Output> | Promise<Validation<Output>>;
}

/** A list of faults as one message that names each path, and the whole by `root`; long lists are cut. */
function faults(root: string, list: readonly { readonly path: string; readonly message: string }[]): string {
  const shown = list.slice(0, 8).map(({ path, message }) => `${path === '' ? root : path}: ${message}`);
  return [...shown, ...(list.length > 8 ? [`and ${String(list.length - 8)} more`] : [])].join('; ');
}

/**
 * Makes a tool's input ready. Compiling and checking a JSON Schema is synchronous and generates no code.
 *
 * @throws ConfigurationError if the schema cannot be used, or a Standard Schema has no JSON Schema output
 */
export function compileInput<Input>(input: Input): CompiledInput<InputOf<Input>>;
export function compileInput(input: ToolInput<unknown>): CompiledInput<unknown> {
  if (!isPair(input) && !isStandard(input) && input['type'] !== 'object') {
    throw new ConfigurationError('A tool takes an object: its JSON Schema must have "type": "object".');
  }
  return compileSchema(input, 'input');
}

/**
 * Makes any schema ready, whatever it describes.
 *
 * @param root what a fault of the whole value is called
 * @throws ConfigurationError if the schema cannot be used, or a Standard Schema has no JSON Schema output
 */
export function compileSchema(schema: ToolInput<unknown>, root: string): CompiledInput<unknown> {
  if (isPair(schema)) {
    const { codec, jsonSchema } = schema;
    return isStandard(codec) ? fromStandard(codec, jsonSchema, root) : fromIoTs(codec, jsonSchema, root);
  }
  if (isStandard(schema)) return fromStandard(schema, jsonSchemaOf(schema), root);
  return compileJsonSchema(schema, root);
}

function jsonSchemaOf(schema: StandardSchema<unknown>): JsonObject {
  const { jsonSchema, vendor } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw new ConfigurationError(`The ${vendor} schema has no JSON Schema output: pass { codec: schema, jsonSchema } instead.`);
  }
  const made: unknown = jsonSchema.input({ target: 'draft-2020-12' });
  if (!isJsonObject(made)) throw new ConfigurationError(`The ${vendor} schema gave no JSON Schema.`);
  return made;
}

function compileJsonSchema(schema: JsonObject, root: string): CompiledInput<Json> {
  if (!isSchema(schema)) throw new ConfigurationError('A JSON Schema must be an object.');
  const validator = new Validator(schema, schema.$schema?.includes('draft-07') === true ? '7' : '2020-12', false);
  return {
    jsonSchema: schema,
    validate: (input) => {
      const { valid, errors } = validator.validate(input);
      if (valid) return { ok: true, value: input };
      // A fault deep inside is reported for each enclosing object too: the innermost one is what helps.
      const leaves = errors.filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items');
      const told = leaves.length > 0 ? leaves : errors;
      return { ok: false, message: faults(root, told.map(({ instanceLocation, error }) => ({ path: instanceLocation.replace(/^#\/?/, ''), message: error }))) };
    },
  };
}

function fromIoTs<Output>(codec: Decoder<unknown, Output>, jsonSchema: JsonObject, root: string): CompiledInput<Output> {
  return {
    jsonSchema,
    validate: (input) => {
      const decoded = codec.decode(input);
      return decoded._tag === 'Right' ? { ok: true, value: decoded.right } : { ok: false, message: ioTsFaults(decoded.left, root) };
    },
  };
}

function ioTsFaults(errors: Errors, root: string): string {
  return faults(
    root,
    errors.map(({ context, message }) => ({
      path: context.map(({ key }) => key).filter((key) => key !== '').join('/'),
      message: message ?? `expected ${context.at(-1)?.type.name ?? 'another value'}`,
    })),
  );
}

function fromStandard<Output>(schema: StandardSchema<Output>, jsonSchema: JsonObject, root: string): CompiledInput<Output> {
  const read = (result: StandardResult<Output>): Validation<Output> =>
    result.issues === undefined
      ? { ok: true, value: result.value }
      : { ok: false, message: faults(root, result.issues.map(({ path, message }) => ({ path: (path ?? []).map(keyOf).join('/'), message }))) };
  return {
    jsonSchema,
    validate: (input) => {
      const result = schema['~standard'].validate(input);
      return result instanceof Promise ? result.then(read) : read(result);
    },
  };
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}

function isStandard(value: object): value is StandardSchema<unknown> {
  return '~standard' in value;
}

function isPair(input: ToolInput<unknown>): input is SchemaPair<unknown> {
  return 'codec' in input && 'jsonSchema' in input;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The validator's type lists the keywords that it knows; it takes any object. */
function isSchema(schema: JsonObject): schema is JsonObject & Schema {
  return isJsonObject(schema);
}
