/** What sets a version apart from the one that was made of it. */
interface Change<Key, Value> {
  readonly key: Key;
  readonly value: Value | undefined;
  readonly newer: VersionedMap<Key, Value>;
}

/**
 * A map that is never changed: `set` gives the next version. Only the newest version holds the members, each older one
 * what sets it apart from the one after it. So `set` and `get` take the same time however large the map is, as long as
 * the newest version is used; an older one is brought back step by step.
 */
export class VersionedMap<Key, Value> {
  #state: Map<Key, Value> | Change<Key, Value>;

  private constructor(members: Map<Key, Value>) {
    this.#state = members;
  }

  /** The map with one member more, or with another value for it; `null` is the empty map. */
  static set<Key, Value>(map: VersionedMap<Key, Value> | null, key: Key, value: Value): VersionedMap<Key, Value> {
    if (map === null) return new VersionedMap(new Map([[key, value]]));
    const members = VersionedMap.#members(map);
    const next = new VersionedMap(members);
    map.#state = { key, value: members.get(key), newer: next };
    members.set(key, value);
    return next;
  }

  get(key: Key): Value | undefined {
    return VersionedMap.#members(this).get(key);
  }

  values(): readonly Value[] {
    return [...VersionedMap.#members(this).values()];
  }

  /** The members of a version, which takes them over from the newest one where it is not that itself. */
  static #members<Key, Value>(map: VersionedMap<Key, Value>): Map<Key, Value> {
    const older: VersionedMap<Key, Value>[] = [];
    let version = map;
    let state = version.#state;
    while (!(state instanceof Map)) {
      older.push(version);
      version = state.newer;
      state = version.#state;
    }
    for (let next = older.pop(); next !== undefined; next = older.pop()) {
      const change = next.#state;
      if (change instanceof Map) break;
      const { key, value } = change;
      version.#state = { key, value: state.get(key), newer: next };
      if (value === undefined) state.delete(key);
      else state.set(key, value);
      next.#state = state;
      version = next;
    }
    return state;
  }
}
