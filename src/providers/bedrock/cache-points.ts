import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { OutgoingTurn } from '../../messages/outgoing.js';
import type { BedrockConfig } from './config.js';

/** The most marks that one request may hold: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html */
const MOST_MARKS = 4;

function isMark(block: Json): boolean {
  return isObject(block) && 'cachePoint' in block;
}

function marksIn(value: Json | undefined): number {
  return Array.isArray(value) ? value.filter(isMark).length : 0;
}

function withMark(blocks: readonly Json[], mark: JsonObject): readonly Json[] {
  const last = blocks.at(-1);
  return last === undefined || isMark(last) ? blocks : [...blocks, mark];
}

/** The parts of a request that can be marked. */
export interface Markable {
  readonly system: readonly Json[];
  readonly tools: readonly Json[];
  readonly turns: readonly OutgoingTurn[];
}

/**
 * Marks where what stands before may be read from the cache next time: the end of the instructions, or of the tools
 * where there are none (the cached beginning holds tools and instructions in this order), and the last two turns of the
 * user, so that the next request finds the one before it. Marks that the application set count towards the limit of 4.
 */
export function withCachePoints(request: Markable, cache: BedrockConfig['cache']): Markable {
  if (cache === undefined) return request;
  const mark = { cachePoint: { type: 'default', ...(cache === 'auto' ? {} : { ttl: cache.ttl }) } };
  const { system, tools, turns } = request;
  let left = MOST_MARKS - marksIn(system) - marksIn(tools) - turns.reduce((sum, { content }) => sum + marksIn(content), 0);
  const mayMark = (blocks: readonly Json[]): boolean => left > 0 && withMark(blocks, mark) !== blocks;
  const marked = (blocks: readonly Json[]): readonly Json[] => {
    if (!mayMark(blocks)) return blocks;
    left -= 1;
    return withMark(blocks, mark);
  };
  const prefix = system.length > 0 ? { system: marked(system), tools } : { system, tools: marked(tools) };
  const users = turns.filter(({ role }) => role === 'user').slice(-2).reverse();
  const contents = new Map(users.map((turn) => [turn, marked(turn.content)]));
  return { ...prefix, turns: turns.map((turn) => ({ role: turn.role, content: (contents.get(turn) ?? turn.content).filter(isObject) })) };
}
