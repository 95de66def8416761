import { Validator, type Schema } from '@cfworker/json-schema';
import type { Json, JsonObject } from '../../events/json.js';
import { errorOutcome, type ToolOutcome } from '../types.js';
import { isJsonObject, printable } from './guards.js';

/** Looks at an outcome; gives an error in its place where it is not what the server has declared. */
export type OutputCheck = (outcome: ToolOutcome) => ToolOutcome;

const maxUnfolded = 10_000;

function at(root: JsonObject, pointer: string): Json | undefined {
  let found: Json | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const member = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isJsonObject(found) && Object.hasOwn(found, member) ? found[member] : undefined;
  }
  return found;
}

/** Whether checking by the keyword may take for ever on a value made for it: the server chooses both. */
function isCostly(member: string, value: Json): boolean {
  if (member === 'pattern') return typeof value === 'string';
  return member === 'patternProperties' || (member === 'uniqueItems' && value === true);
}

/**
 * How large the schema is once each reference is replaced by what it refers to: a small schema may unfold to billions.
 * `Infinity` for one that refers to itself, or has a keyword that is not safe to check.
 */
function unfolded(value: Json | undefined, root: JsonObject, open: ReadonlySet<string>, known: Map<string, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  for (const [member, inner] of Object.entries(value)) {
    if (isCostly(member, inner) || member === '$dynamicRef' || member === '$recursiveRef') return Infinity;
    if (member !== '$ref' || typeof inner !== 'string') {
      size += unfolded(inner, root, open, known);
      continue;
    }
    if (open.has(inner)) return Infinity;
    const referred = known.get(inner) ?? unfolded(at(root, inner), root, new Set([...open, inner]), known);
    known.set(inner, referred);
    size += referred;
  }
  return size;
}

function isSchema(schema: JsonObject): schema is JsonObject & Schema {
  return schema['type'] === 'object';
}

/** A check that takes no longer than the value is large; undefined where the schema allows none. */
function compile(schema: JsonObject): ((value: Json) => string | undefined) | undefined {
  try {
    if (!isSchema(schema) || unfolded(schema, schema, new Set(['#']), new Map()) > maxUnfolded) return undefined;
    const validator = new Validator(schema, schema.$schema?.includes('draft-07') === true ? '7' : '2020-12');
    return (value) => {
      const fault = validator.validate(value).errors.at(-1);
      return fault === undefined ? undefined : printable(`${fault.instanceLocation.replace(/^#\/?/, '') || 'output'}: ${fault.error}`);
    };
  } catch {
    return undefined;
  }
}

/**
 * Holds a tool to the output that its server has declared. The schema is compiled with the first outcome.
 *
 * @param warn told once of a schema that is not safe to check by
 */
export function outputCheck(name: string, schema: JsonObject, warn: (message: string) => void): OutputCheck {
  let check: ReturnType<typeof compile> | null = null;
  return (outcome) => {
    if (outcome.isError) return outcome;
    if (outcome.structured === undefined) return errorOutcome(`The MCP server answered without the structured content that its tool ${printable(name, 80)} declares.`);
    if (check === null) {
      check = compile(schema);
      if (check === undefined) warn(`The output of the MCP tool "${printable(name, 80)}" is not checked: its schema has a pattern, refers to itself, or is too large.`);
    }
    const fault = check?.(outcome.structured);
    return fault === undefined ? outcome : errorOutcome(`The MCP server's answer is not what its tool ${printable(name, 80)} declares. ${fault}`);
  };
}
