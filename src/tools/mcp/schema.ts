import type { JsonObject } from '../../events/json.js';
import { asJson, isJsonObject } from './guards.js';

const maxDepth = 64;
const maxNodes = 10_000;
const maxCharacters = 262_144;
const references: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/** An input schema that can be passed on, or why not. */
export type CheckedSchema = { readonly schema: JsonObject } | { readonly refused: string };

/** Why the schema would be dangerous to whoever compiles it or pays for it; undefined if it is not. */
function danger(schema: JsonObject): string | undefined {
  const rest: { readonly value: object; readonly depth: number }[] = [{ value: schema, depth: 1 }];
  let [nodes, characters] = [0, 0];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.depth > maxDepth) return `it is nested more than ${maxDepth} levels deep`;
    const members: readonly (readonly [string, unknown])[] = Object.entries(next.value);
    for (const [member, value] of members) {
      nodes += 1;
      characters += member.length + (typeof value === 'string' ? value.length : 0);
      if (nodes > maxNodes || characters > maxCharacters) return 'it is too large';
      if (references.has(member) && typeof value === 'string' && !value.startsWith('#')) return 'it refers to another document';
      if (typeof value === 'object' && value !== null) rest.push({ value, depth: next.depth + 1 });
    }
  }
  return undefined;
}

/** Checks the input schema that a server sent: an object schema of sane size that refers to nothing outside itself. */
export function checkSchema(value: unknown): CheckedSchema {
  const schema = asJson(value);
  if (!isJsonObject(schema)) return { refused: 'it is not an object of plain JSON' };
  const reason = danger(schema);
  if (reason !== undefined) return { refused: reason };
  const { type } = schema;
  if (type === undefined) return { schema: { type: 'object', ...schema } };
  return type === 'object' ? { schema } : { refused: 'its type is not "object"' };
}
