import type { JsonObject } from '../events/json.js';

/** Token counts of one model turn, or a sum of them. */
export interface Usage {
  /** As the provider counts it: Anthropic and Bedrock leave out what came from or went to the cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** The part of `outputTokens` spent on thinking, where the provider says so. */
  readonly reasoningTokens?: number;
  /** The provider's own counters as they came; `{}` in a sum. */
  readonly raw: JsonObject;
}

/** The sum of two counts; `null` (nothing was reported) is neutral. */
export function addUsage(left: Usage | null, right: Usage | null): Usage | null {
  if (left === null) return right;
  if (right === null) return left;
  const reasoning =
    left.reasoningTokens === undefined && right.reasoningTokens === undefined
      ? {}
      : { reasoningTokens: (left.reasoningTokens ?? 0) + (right.reasoningTokens ?? 0) };
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    ...reasoning,
    raw: {},
  };
}

/** All tokens that went in: fresh, read from the cache and written to it. */
export function totalInputTokens(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}
