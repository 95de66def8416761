import type { Json, JsonObject } from '../events/json.js';
import type { SchemaPair, StandardSchema } from './input-schema.js';

/** The type of a tool's input, read from its schema: what the codec gives, or what the JSON Schema plainly says. */
export type InputOf<Input> =
  Input extends SchemaPair<infer Output> ? Output : Input extends StandardSchema<infer Output> ? Output : FromJsonSchema<Input>;

type FromJsonSchema<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly type: infer Type }
      ? FromType<Schema, Type>
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
