import { isObject } from '../events/json-object.js';
import type { MockTool } from './request.js';

/** `everything__get-sum` and `getSum` as words: `everything get sum`. */
function wordsOf(name: string): string {
  return name.replace(/([a-z])([A-Z])/gu, '$1 $2').replace(/[^a-zA-Z0-9]+/gu, ' ').toLowerCase();
}

/** The parameters of a tool that take a number, in the schema's order. */
export function numberParameters(tool: MockTool): readonly string[] {
  const properties = tool.inputSchema['properties'];
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) =>
    isObject(schema) && (schema['type'] === 'number' || schema['type'] === 'integer') ? [name] : [],
  );
}

/** The first tool whose name fits, or else the first whose description does. */
function find(tools: readonly MockTool[], pattern: RegExp): MockTool | undefined {
  return tools.find((tool) => pattern.test(wordsOf(tool.name))) ?? tools.find((tool) => pattern.test(tool.description));
}

/** The offered tool that adds two numbers: by name, description and two number parameters. */
export function sumToolOf(tools: readonly MockTool[]): MockTool | undefined {
  const takingTwo = tools.filter((tool) => numberParameters(tool).length === 2);
  return find(takingTwo, /\b(?:sum|add|adds|adder|addition|plus)\b/iu);
}

/** The offered tool that takes its time and reports how far it is. */
export function progressToolOf(tools: readonly MockTool[]): MockTool | undefined {
  return find(tools, /\blong[- ]?running\b|\bprogress\b/iu);
}
