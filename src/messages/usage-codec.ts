import * as t from 'io-ts';
import { guarded, jsonObjectPart } from '../events/json-codec.js';
import { heldTo, optional, struct } from '../events/struct-codec.js';
import type { Usage as UsageType } from './usage.js';

/** Token counts of one model turn, or a sum of them. */
export type Usage = UsageType;

/** {@link Usage} as a part of another codec. */
export const usagePart: t.Type<UsageType> = heldTo<UsageType>()(
  struct('Usage', {
    inputTokens: t.number,
    outputTokens: t.number,
    cacheReadTokens: t.number,
    cacheWriteTokens: t.number,
    reasoningTokens: optional(t.number),
    raw: jsonObjectPart,
  }),
);

/** Decodes token counts; members that they do not have are kept. */
export const Usage: t.Type<UsageType> = guarded(usagePart);
