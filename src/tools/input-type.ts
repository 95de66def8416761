import type { Decoder } from 'io-ts';
import type { Json, JsonObject } from '../events/json.js';

/** A validator with JSON Schema output, as zod 4, valibot and arktype provide it (https://standardschema.dev). */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown> };
  };
}

/** What a Standard Schema says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] };

/** A validator and the JSON Schema that the model is shown. */
export interface SchemaPair<Output> {
  readonly codec: Decoder<unknown, Output> | StandardSchema<Output>;
  readonly jsonSchema: JsonObject;
}

/** What a tool takes: a JSON Schema, a Standard Schema with JSON Schema output, or any codec beside its JSON Schema. */
export type ToolInput<Output> = JsonObject | StandardSchema<Output> | SchemaPair<Output>;

/** The type of a tool's input, read from its schema: what the codec gives, or what the JSON Schema plainly says. */
export type InputOf<Input> =
  Input extends SchemaPair<infer Output> ? Output : Input extends StandardSchema<infer Output> ? Output : FromToolSchema<Input>;

/** A tool takes an object, so a schema whose type is not known to the compiler gives at least that. */
type FromToolSchema<Schema> = Json extends FromJsonSchema<Schema> ? JsonObject : FromJsonSchema<Schema>;

type FromJsonSchema<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly type: readonly (infer Type)[] }
      ? FromType<Schema, Type>
      : Schema extends { readonly type: infer Type }
        ? FromType<Schema, Type>
        : Schema extends { readonly anyOf: readonly (infer Choice)[] }
          ? FromJsonSchema<Choice>
          : Json;

type FromType<Schema, Type> = Type extends 'object'
  ? FromObject<Schema>
  : Type extends 'array'
    ? readonly (Schema extends { readonly items: infer Items } ? FromJsonSchema<Items> : Json)[]
    : Type extends keyof Scalars
      ? Scalars[Type]
      : Json;

interface Scalars {
  readonly string: string;
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly null: null;
}

type FromObject<Schema> = Schema extends { readonly properties: infer Properties }
  ? Simplify<
      { readonly [Key in keyof Properties as Key extends RequiredOf<Schema> ? Key : never]: FromJsonSchema<Properties[Key]> } & {
        readonly [Key in keyof Properties as Key extends RequiredOf<Schema> ? never : Key]?: FromJsonSchema<Properties[Key]>;
      }
    >
  : JsonObject;

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Key)[] } ? Key : never;

type Simplify<T> = { [Key in keyof T]: T[Key] };
