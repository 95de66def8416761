/** How a version differs from one that was made of it. */
interface Undo<Key, Value> {
  readonly key: Key;
  /** What the older version holds there; `undefined` where it holds nothing. */
  readonly value: Value | undefined;
  readonly newer: PersistentMap<Key, Value>;
}

/**
 * A map that never changes to who holds it: `with` makes another one. The newest version has the table, and each older
 * one only what it differs in, so that going on from the newest takes the same time however much there is; an older
 * version, when it is asked, takes the table back.
 */
export class PersistentMap<Key, Value> {
  #table: Map<Key, Value> | undefined;
  #undo: Undo<Key, Value> | undefined;

  private constructor(table: Map<Key, Value> | undefined) {
    this.#table = table;
  }

  /** A map without entries; it is never made to follow those that are made of it, and so may be held for good. */
  static empty<Key, Value>(): PersistentMap<Key, Value> {
    return new PersistentMap<Key, Value>(undefined);
  }

  get(key: Key): Value | undefined {
    return this.#take().get(key);
  }

  values(): Value[] {
    return [...this.#take().values()];
  }

  /** This map with another value under the key. */
  with(key: Key, value: Value): PersistentMap<Key, Value> {
    const table = this.#take();
    const newer = new PersistentMap<Key, Value>(table);
    if (this.#table === undefined) {
      table.set(key, value);
      return newer;
    }
    this.#table = undefined;
    this.#undo = { key, value: table.get(key), newer };
    table.set(key, value);
    return newer;
  }

  /** The table as it is for this version; of an empty map a new one. */
  #take(): Map<Key, Value> {
    for (const version of PersistentMap.#upTo(this)) version.#follow();
    return this.#table ?? new Map<Key, Value>();
  }

  /** The versions from the one that has the table down to this one, that one left out. */
  static #upTo<Key, Value>(version: PersistentMap<Key, Value>): readonly PersistentMap<Key, Value>[] {
    const older: PersistentMap<Key, Value>[] = [];
    let at = version;
    for (let undo = at.#undo; undo !== undefined; undo = at.#undo) {
      older.push(at);
      at = undo.newer;
    }
    return older.reverse();
  }

  /** Takes the table from the version that was made of this one. */
  #follow(): void {
    const undo = this.#undo;
    if (undo === undefined) return;
    const { key, value, newer } = undo;
    const table = newer.#table;
    if (table === undefined) return;
    newer.#undo = { key, value: table.get(key), newer: this };
    newer.#table = undefined;
    if (value === undefined) table.delete(key);
    else table.set(key, value);
    this.#table = table;
    this.#undo = undefined;
  }
}
