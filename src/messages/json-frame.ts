import type { Json } from '../events/json.js';

/** What a copy takes, in array members: a member of an object takes longer, and so does the array or object itself. */
const COST_OF_NAME = 8;
const COST_OF_COPY = 8;

/**
 * An array or object whose end has not come. What it gives to look at is a copy of it, and is kept as long as it is true:
 * what has not changed is the same object from one look to the next.
 */
export class JsonFrame {
  readonly parent: JsonFrame | null;
  /** Its name within its parent; `''` in an array. */
  readonly key: string;
  /** Whether it is an object. */
  readonly named: boolean;
  /** How many arrays and objects are open, this one included. */
  readonly depth: number;
  /** What the others cost: nothing is added to them while this one is open. */
  readonly #around: number;
  readonly #items: Json[] = [];
  readonly #members: Record<string, Json> = {};
  #count = 0;
  /** The whole members as they were last looked at. */
  #own: Json | undefined;
  /** The same with the one that was arriving. */
  #shown: { readonly child: Json; readonly built: Json } | undefined;

  constructor(parent: JsonFrame | null, key: string, named: boolean) {
    this.parent = parent;
    this.key = key;
    this.named = named;
    this.depth = parent === null ? 1 : parent.depth + 1;
    this.#around = parent === null ? 0 : parent.cost;
  }

  /** What a look costs at most, at this and at all that it stands in. */
  get cost(): number {
    return this.#around + COST_OF_COPY + this.#count * (this.named ? COST_OF_NAME : 1);
  }

  /** Whether a member of this name may stand here; copied member by member, these two would change prototypes. */
  admits(key: string): boolean {
    if (!this.named) return true;
    return key !== '__proto__' && !(key === 'prototype' && this.key === 'constructor' && this.parent?.named === true);
  }

  /** Adds a whole member. */
  append(key: string, value: Json): void {
    // A name that comes twice: the last one counts, as it does to JSON.parse.
    if (this.named) this.#members[key] = value;
    else this.#items.push(value);
    this.#count += 1;
    // What was shown while the member arrived is what there is now.
    this.#own = this.#shown?.child === value ? this.#shown.built : undefined;
    this.#shown = undefined;
  }

  /** The array or object, to which nothing is added any more. */
  end(): Json {
    return this.#own ?? (this.named ? this.#members : this.#items);
  }

  /** The whole members. */
  own(): Json {
    this.#own ??= this.named ? { ...this.#members } : this.#items.slice();
    return this.#own;
  }

  /** The whole members and one that is arriving. */
  with(key: string, child: Json): Json {
    if (this.#shown?.child === child) return this.#shown.built;
    const built = this.named ? this.#named(key, child) : this.#listed(child);
    this.#shown = { child, built };
    return built;
  }

  #named(key: string, child: Json): Json {
    const members: Record<string, Json> = {};
    Object.assign(members, this.#members);
    members[key] = child;
    return members;
  }

  /** The arriving item stands in the array while it is copied: adding it to the copy would copy again. */
  #listed(child: Json): Json {
    this.#items.push(child);
    const items = this.#items.slice();
    this.#items.pop();
    return items;
  }
}
