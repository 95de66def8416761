import type { Usage } from '../../src/messages/usage.js';

/** A sum of counts from which counts can be taken back. */
export interface UsageSum {
  /** Takes one count back and puts another in its place; `null` is nothing. */
  replace(before: Usage | null, after: Usage | null): void;
  /** `null` where nothing was ever reported. The same object as long as the counts are the same. */
  total(): Usage | null;
}

function sameCounts(left: Usage, right: Usage): boolean {
  return (
    left.inputTokens === right.inputTokens &&
    left.outputTokens === right.outputTokens &&
    left.cacheReadTokens === right.cacheReadTokens &&
    left.cacheWriteTokens === right.cacheWriteTokens &&
    left.reasoningTokens === right.reasoningTokens
  );
}

export function usageSum(): UsageSum {
  const counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  let reasoningTokens: number | undefined;
  let reported = false;
  let last: Usage | null = null;

  const add = (sign: 1 | -1, usage: Usage): void => {
    reported = true;
    counts.inputTokens += sign * usage.inputTokens;
    counts.outputTokens += sign * usage.outputTokens;
    counts.cacheReadTokens += sign * usage.cacheReadTokens;
    counts.cacheWriteTokens += sign * usage.cacheWriteTokens;
    if (usage.reasoningTokens !== undefined) reasoningTokens = (reasoningTokens ?? 0) + sign * usage.reasoningTokens;
  };

  return {
    replace: (before, after) => {
      if (before !== null) add(-1, before);
      if (after !== null) add(1, after);
    },
    total: () => {
      if (!reported) return null;
      const now = { ...counts, ...(reasoningTokens === undefined ? {} : { reasoningTokens }), raw: {} };
      if (last === null || !sameCounts(now, last)) last = now;
      return last;
    },
  };
}
