import * as t from 'io-ts';
import { isRecord, type PartCodec } from './struct-codec.js';

interface Tagged {
  readonly type: string;
}

/** A codec for each member of a union, by its `type`. */
export type CodecTable<Union extends Tagged> = {
  readonly [Tag in Union['type']]: t.Type<Extract<Union, { readonly type: Tag }>>;
};

/**
 * A codec for a union of objects told apart by `type`. The tag is looked up, so that the cost does not grow with the
 * union, and an error tells what is wrong with the member meant and nothing of the others.
 *
 * @param name Stands in error paths until the member is known, whose name stands there then.
 * @param members The codec of each member.
 * @param unknownType Makes a value of the union from an object with any other `type`; without it such a value is refused.
 */
export function tagged<Union extends Tagged>(
  name: string,
  members: CodecTable<Union>,
  unknownType?: (value: Readonly<Record<string, unknown>>, tag: string) => Union,
): t.Type<Union> {
  const table = new Map<string, MemberCodec<Union>>(Object.entries<MemberCodec<Union>>(members));
  const tagName = new t.Type<string>([...table.keys()].map((tag) => JSON.stringify(tag)).join(' | '), t.string.is, t.failure, t.identity);
  return new t.Type<Union>(
    name,
    (value): value is Union => isRecord(value) && table.get(tagOf(value) ?? '')?.is(value) === true,
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context);
      const tag = tagOf(value);
      const member = tag === undefined ? undefined : table.get(tag);
      if (member !== undefined) return member.validate(value, atMember(context, member));
      if (tag !== undefined && unknownType !== undefined) return t.success(unknownType(value, tag));
      return t.failure(value['type'], t.appendContext(context, 'type', tagName, value['type']));
    },
    t.identity,
  );
}

interface MemberCodec<Union> extends t.Decoder<unknown, Union> {
  is(value: unknown): boolean;
}

function tagOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const tag = Object.hasOwn(value, 'type') ? value['type'] : undefined;
  return typeof tag === 'string' ? tag : undefined;
}

/** The same place, named after the member that was chosen. */
function atMember(context: t.Context, member: PartCodec): t.Context {
  const place = context.at(-1);
  return place === undefined ? context : [...context.slice(0, -1), { ...place, type: member }];
}
