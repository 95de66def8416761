import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** What the combinators here need of a codec for a part. */
export interface PartCodec extends t.Decoder<unknown, unknown> {
  is(value: unknown): boolean;
}

/** A member that may be missing. Where it stands it has a value: `undefined` is refused, as the types refuse it. */
class OptionalMember<Codec extends t.Mixed> {
  constructor(readonly codec: Codec) {}
}

type Members = Readonly<Record<string, t.Mixed | OptionalMember<t.Mixed>>>;

/** The type with its parts joined into one object type, so that two spellings of it compare as the same. */
export type Flatten<Type> = { [Member in keyof Type]: Type[Member] };

type Required<Of extends Members> = {
  readonly [Member in keyof Of as Of[Member] extends t.Mixed ? Member : never]: Of[Member] extends t.Mixed ? t.TypeOf<Of[Member]> : never;
};

type Maybe<Of extends Members> = {
  readonly [Member in keyof Of as Of[Member] extends t.Mixed ? never : Member]?: Of[Member] extends OptionalMember<infer Codec>
    ? t.TypeOf<Codec>
    : never;
};

/** The type that {@link struct} gives a codec for. */
export type StructOf<Of extends Members> = Flatten<Required<Of> & Maybe<Of>>;

/**
 * Whether two types are the same to the last modifier. Being assignable both ways is not enough: it takes a type with
 * an optional member and the type without it for equal.
 */
export type Same<Left, Right> =
  (<Probe>(probe: Probe) => Probe extends Left ? 1 : 2) extends <Probe>(probe: Probe) => Probe extends Right ? 1 : 2 ? true : false;

/** Marks a member of a {@link struct} as one that may be missing. */
export function optional<Codec extends t.Mixed>(codec: Codec): OptionalMember<Codec> {
  return new OptionalMember(codec);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A codec for an object with the given members. Members that it does not name are kept as they are. The value itself is
 * handed on unless a part of it decodes to something else; then a copy is.
 *
 * @param name Stands in error paths.
 */
export function struct<Of extends Members>(name: string, members: Of): t.Type<StructOf<Of>> {
  const parts = Object.entries(members).map(([key, member]): { key: string; codec: PartCodec; mayMiss: boolean } =>
    member instanceof OptionalMember ? { key, codec: member.codec, mayMiss: true } : { key, codec: member, mayMiss: false },
  );
  const is = (value: unknown): value is StructOf<Of> =>
    isRecord(value) && parts.every(({ key, codec, mayMiss }) => (Object.hasOwn(value, key) ? codec.is(value[key]) : mayMiss));
  return new t.Type<StructOf<Of>>(
    name,
    is,
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context);
      const errors: t.ValidationError[] = [];
      let decoded = value;
      for (const { key, codec, mayMiss } of parts) {
        if (mayMiss && !Object.hasOwn(value, key)) continue;
        const actual = Object.hasOwn(value, key) ? value[key] : undefined;
        const part = decodePart(codec, key, actual, context, errors);
        if (part !== actual) decoded = { ...decoded, [key]: part };
      }
      return conclude<StructOf<Of>>(decoded, errors);
    },
    t.identity,
  );
}

/** A codec for an array of values of one kind; unlike io-ts's own for read-only arrays it freezes nothing. */
export function list<Item>(item: t.Type<Item>): t.Type<readonly Item[]> {
  return new t.Type<readonly Item[]>(
    `${item.name}[]`,
    (value): value is readonly Item[] => Array.isArray(value) && value.every((entry) => item.is(entry)),
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context);
      const errors: t.ValidationError[] = [];
      const entries: readonly unknown[] = value;
      const decoded = entries.map((entry, position) => decodePart(item, String(position), entry, context, errors));
      return conclude<readonly Item[]>(decoded.every((entry, position) => entry === entries[position]) ? entries : decoded, errors);
    },
    t.identity,
  );
}

/** A codec for a value that may be null. */
export function nullable<Value>(codec: t.Type<Value>): t.Type<Value | null> {
  return new t.Type<Value | null>(
    `${codec.name} | null`,
    (value): value is Value | null => value === null || codec.is(value),
    (value, context) => (value === null ? t.success(null) : codec.validate(value, context)),
    t.identity,
  );
}

/** A codec for one of the given strings; the compiler holds the list complete. */
export function oneOf<Word extends string>(words: Readonly<Record<Word, true>>): t.Type<Word> {
  const is = (value: unknown): value is Word => typeof value === 'string' && Object.hasOwn(words, value);
  const name = Object.keys(words)
    .map((word) => JSON.stringify(word))
    .join(' | ');
  return new t.Type<Word>(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity);
}

/** A whole number from 0: positions and counts. */
export const count: t.Type<number> = new t.Type<number>(
  'whole number from 0',
  (value): value is number => isCount(value),
  (value, context) => (isCount(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Gives a codec the hand-written type. It compiles only if the codec's own type is {@link Same} as that, member by
 * member: a member forgotten in either, or optional in one only, is an error here.
 */
export function heldTo<Expected>() {
  return <Codec extends t.Mixed>(
    codec: Same<Flatten<t.TypeOf<Codec>>, Flatten<Expected>> extends true ? Codec : never,
  ): t.Type<Expected> => codec;
}

function decodePart(codec: PartCodec, key: string, actual: unknown, context: t.Context, errors: t.ValidationError[]): unknown {
  const part = codec.validate(actual, t.appendContext(context, key, codec, actual));
  if (E.isRight(part)) return part.right;
  // One by one: spreading a long list into the arguments of a call overflows the stack.
  for (const error of part.left) errors.push(error);
  return actual;
}

function conclude<Decoded>(value: unknown, errors: t.ValidationError[]): t.Validation<Decoded> {
  // Every part was decoded, which is what makes the whole of the type.
  const isWhole = (whole: unknown): whole is Decoded => whole !== undefined && errors.length === 0;
  return isWhole(value) ? t.success(value) : t.failures(errors);
}
