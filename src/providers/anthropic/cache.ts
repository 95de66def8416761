import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { AnthropicConfig } from './config.js';

/** The most breakpoints that the service takes in one request. */
const MOST_BREAKPOINTS = 4;

/** Blocks that a breakpoint of ours may stand on, where they are not empty; no other is ever marked, thinking least of all. */
const MARKABLE: ReadonlySet<string> = new Set(['text', 'image', 'document', 'search_result', 'tool_result', 'container_upload']);

type Cache = NonNullable<AnthropicConfig['cache']>;

/** A tool, or a block of the system prompt or of a message; its place is that in the order in which the service reads them. */
interface Place {
  readonly part: 'tools' | 'system' | 'messages';
  /** The position in its part. */
  readonly at: number;
  /** The position in its message. */
  readonly position: number;
  readonly value: Json;
  /** The turn of the user that it belongs to, counted from 1; 0 elsewhere. */
  readonly turn: number;
}

/** A breakpoint that the application set itself. */
interface Breakpoint {
  readonly index: number;
  readonly ttl: string;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

/** Text stands for one block of itself. */
function blocksOf(content: Json | undefined): readonly Json[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
}

function placesOf({ tools, system, messages }: JsonObject): readonly Place[] {
  const places: Place[] = [];
  for (const [at, value] of listOf(tools).entries()) places.push({ part: 'tools', at, position: 0, value, turn: 0 });
  for (const [at, value] of blocksOf(system).entries()) places.push({ part: 'system', at, position: at, value, turn: 0 });
  let turns = 0;
  let before: Json | undefined;
  for (const [at, message] of listOf(messages).entries()) {
    const { role, content } = isObject(message) ? message : {};
    if (role === 'user' && before !== 'user') turns += 1;
    for (const [position, value] of blocksOf(content).entries()) places.push({ part: 'messages', at, position, value, turn: role === 'user' ? turns : 0 });
    before = role;
  }
  return places;
}

function ttlOf(block: Json): string | undefined {
  const control = isObject(block) ? block['cache_control'] : undefined;
  return isObject(control) ? (textOf(control, 'ttl') ?? '5m') : undefined;
}

/** How long the breakpoints of a block and of the blocks inside of it last. What a tool is called with, or takes, is no block. */
function marksOf({ part, value }: Place): readonly string[] {
  if (!isObject(value)) return [];
  const source = value['source'];
  const inner = part === 'tools' ? [] : [...listOf(value['content']), ...listOf(isObject(source) ? source['content'] : undefined)];
  return [...inner, value].flatMap((block) => ttlOf(block) ?? []);
}

function isMarkable({ part, value }: Place): boolean {
  if (!isObject(value)) return false;
  // A tool that is loaded only when it is searched for stands outside of what is cached.
  if (part === 'tools') return value['defer_loading'] !== true;
  const { type, text, content } = value;
  if (typeof type !== 'string' || !MARKABLE.has(type)) return false;
  if (type === 'text') return typeof text === 'string' && text.trim() !== '';
  return type !== 'tool_result' || (Array.isArray(content) ? content.length > 0 : typeof content === 'string' && content !== '');
}

/** The places of ours, the one that pays most first. */
function wanted(places: readonly Place[], automatic: boolean): readonly number[] {
  let prefix: number | undefined;
  const ends = new Map<number, number>();
  for (const [index, place] of places.entries()) {
    if (!isMarkable(place)) continue;
    if (place.part !== 'messages') prefix = index;
    else if (place.turn > 0) ends.set(place.turn, index);
  }
  const [previous, last] = [undefined, ...ends.values()].slice(-2);
  // The service itself marks the end, where it is told to.
  return [automatic ? undefined : last, prefix, previous].filter((index) => index !== undefined);
}

/** The mark for a place: one that lasts longer may not stand behind one that lasts shorter. */
function markFor(index: number, own: readonly Breakpoint[], cache: Cache): JsonObject {
  const [short, long] = [{ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' }];
  if (own.some((mark) => mark.index > index && mark.ttl === '1h')) return long;
  if (cache === 'auto') return short;
  return cache.ttl === '1h' && own.some((mark) => mark.index < index && mark.ttl !== '1h') ? short : { type: 'ephemeral', ttl: cache.ttl };
}

function replaced(values: readonly Json[], at: number, mark: JsonObject): readonly Json[] {
  return values.map((value, index) => (index === at && isObject(value) ? { ...value, cache_control: mark } : value));
}

function withMark(body: JsonObject, { part, at, position }: Place, mark: JsonObject): JsonObject {
  if (part === 'tools') return { ...body, tools: replaced(listOf(body['tools']), at, mark) };
  if (part === 'system') return { ...body, system: replaced(blocksOf(body['system']), at, mark) };
  const messages = listOf(body['messages']).map((message, index) =>
    index === at && isObject(message) ? { ...message, content: replaced(blocksOf(message['content']), position, mark) } : message,
  );
  return { ...body, messages };
}

/**
 * The request with breakpoints where the next one will read what this one writes: at the end of the last turn of the
 * user; at the end of the system prompt, or of the tools where there is none (the service reads tools, system prompt
 * and messages in this order, so one covers both); and at the end of the user's turn before, since from a breakpoint the
 * service looks back 20 blocks and no further. See https://platform.claude.com/docs/en/build-with-claude/prompt-caching.
 *
 * Breakpoints of the application stay, and count: there are 4 at most. Nothing else of the request is changed.
 */
export function withBreakpoints(body: JsonObject, cache: AnthropicConfig['cache']): JsonObject {
  if (cache === undefined) return body;
  const places = placesOf(body);
  const automatic = ttlOf(body);
  const own = places.flatMap((place, index) => marksOf(place).map((ttl): Breakpoint => ({ index, ttl })));
  if (automatic !== undefined) own.push({ index: places.length, ttl: automatic });
  const taken = new Set(own.map(({ index }) => index));
  return wanted(places, automatic !== undefined)
    .filter((index) => !taken.has(index))
    .slice(0, Math.max(0, MOST_BREAKPOINTS - own.length))
    .reduce((request, index) => {
      const place = places[index];
      return place === undefined ? request : withMark(request, place, markFor(index, own, cache));
    }, body);
}
