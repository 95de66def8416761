import type { Json } from '../events/json.js';

/** What an array or object and the part of it that is arriving came to, when it was last asked for. */
interface Shown {
  readonly child: Json;
  readonly built: Json;
}

/** The names of an object's members and their values, oldest first. Only ever added to: all frames of one object share it. */
interface Members {
  /** Null for an array. */
  readonly names: string[] | null;
  readonly values: Json[];
}

/**
 * An array or object whose end has not come, with the members that were whole at one moment. It never changes: each
 * member makes the next one, by a step that costs the same however many members there are.
 *
 * What it is asked for it keeps, so that what has not changed stays the same object from one look to the next.
 */
export class JsonFrame {
  readonly parent: JsonFrame | null;
  /** Its name within its parent; `''` in an array. */
  readonly key: string;
  /** How many arrays and objects are open, this one included. */
  readonly depth: number;
  /** How many members there are in all of them. */
  readonly width: number;
  readonly #members: Members;
  readonly #count: number;
  #own: Json | undefined;
  #shown: Shown | undefined;

  private constructor(parent: JsonFrame | null, key: string, members: Members, count: number, own?: Json) {
    this.parent = parent;
    this.key = key;
    this.depth = parent === null ? 1 : parent.depth + 1;
    this.width = parent === null ? count : parent.width + count;
    this.#members = members;
    this.#count = count;
    this.#own = own;
  }

  /** A new one inside of `parent`. */
  static open(parent: JsonFrame | null, key: string, named: boolean): JsonFrame {
    return new JsonFrame(parent, key, { names: named ? [] : null, values: [] }, 0);
  }

  /** Whether it is an object. */
  get named(): boolean {
    return this.#members.names !== null;
  }

  /** Whether a member of this name may stand here; copied member by member, these two would change prototypes. */
  admits(key: string): boolean {
    if (!this.named) return true;
    return key !== '__proto__' && !(key === 'prototype' && this.key === 'constructor' && this.parent?.named === true);
  }

  /** With one more whole member. Only the newest frame of an array or object may be added to. */
  append(key: string, value: Json): JsonFrame {
    const { names, values } = this.#members;
    names?.push(key);
    values.push(value);
    // What was shown while the member arrived is what there is now.
    const own = this.#shown?.child === value ? this.#shown.built : undefined;
    return new JsonFrame(this.parent, this.key, this.#members, this.#count + 1, own);
  }

  /** The whole members. */
  own(): Json {
    this.#own ??= this.#build();
    return this.#own;
  }

  /** The whole members and one that is arriving. */
  with(key: string, child: Json): Json {
    if (this.#shown?.child === child) return this.#shown.built;
    const built = this.#extend(key, child);
    this.#shown = { child, built };
    return built;
  }

  #build(): Json {
    const { names, values } = this.#members;
    if (names === null) return values.slice(0, this.#count);
    const object: Record<string, Json> = {};
    // A name that comes twice: the last one counts, as it does to JSON.parse.
    for (let at = 0; at < this.#count; at++) object[names[at] ?? ''] = values[at] ?? null;
    return object;
  }

  #extend(key: string, child: Json): Json {
    const own = this.own();
    if (Array.isArray(own)) return own.concat([child]);
    const extended: Record<string, Json> = {};
    Object.assign(extended, own);
    extended[key] = child;
    return extended;
  }
}

/** What had come of a JSON text at one moment. */
export class JsonView {
  readonly #frame: JsonFrame | null;
  readonly #key: string;
  /** The part of a string that has come; without a frame the whole value. */
  readonly #leaf: Json | undefined;

  constructor(frame: JsonFrame | null, key: string, leaf: Json | undefined) {
    this.#frame = frame;
    this.#key = key;
    this.#leaf = leaf;
  }

  /** How many members {@link read} copies: those of every array and object that is open. */
  get width(): number {
    return this.#frame?.width ?? 0;
  }

  /** The value. Arrays and objects that were whole or unchanged at the last look are the same objects as then. */
  read(): Json {
    let frame = this.#frame;
    if (frame === null) return this.#leaf === undefined ? {} : this.#leaf;
    let value = this.#leaf === undefined ? frame.own() : frame.with(this.#key, this.#leaf);
    for (; frame.parent !== null; frame = frame.parent) value = frame.parent.with(frame.key, value);
    return value;
  }
}
