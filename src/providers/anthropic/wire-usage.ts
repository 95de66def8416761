import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { Usage } from '../../messages/usage.js';

function count(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** What the end of a message counts; its other members tell of the request, where the beginning has the last word. */
const COUNTERS: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
  'server_tool_use',
  'iterations',
  'fallback_credit',
]);

/** The counters so far with newer ones over them: each is a total of the whole message, and null says nothing. */
export function mergeUsage(before: JsonObject | null, newer: Json | undefined): JsonObject | null {
  if (!isObject(newer)) return before;
  if (before === null) return newer;
  const merged: Record<string, Json> = { ...before };
  for (const [name, value] of Object.entries(newer)) {
    if (value !== null && COUNTERS.has(name)) merged[name] = value;
  }
  return merged;
}

/** The service's counters in our words. */
export function usageFromWire(raw: JsonObject): Usage {
  const details = raw['output_tokens_details'];
  const thinking = isObject(details) ? details['thinking_tokens'] : undefined;
  return {
    inputTokens: count(raw['input_tokens']),
    outputTokens: count(raw['output_tokens']),
    cacheReadTokens: count(raw['cache_read_input_tokens']),
    cacheWriteTokens: count(raw['cache_creation_input_tokens']),
    ...(typeof thinking === 'number' ? { reasoningTokens: thinking } : {}),
    raw,
  };
}
