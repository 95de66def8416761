import type { Json, JsonObject } from '../../events/json.js';
import type { Usage } from '../../messages/usage.js';

function count(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** The service's counters in our words. */
export function usageFromWire(raw: JsonObject): Usage {
  return {
    inputTokens: count(raw['inputTokens']),
    outputTokens: count(raw['outputTokens']),
    cacheReadTokens: count(raw['cacheReadInputTokens']),
    cacheWriteTokens: count(raw['cacheWriteInputTokens']),
    raw,
  };
}
