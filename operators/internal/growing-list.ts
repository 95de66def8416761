import { inOrder, type Chain } from '../../src/messages/chain.js';

/** A value that has come to stand at a place. */
interface Edit<T> {
  readonly index: number;
  readonly value: T;
}

/** What may be noted before the list is made anew, however short it is. */
const FEW = 16;

/**
 * A list that is never changed: a change gives a new one, which notes it and shares the rest. The array is made when it is
 * asked for, once, or when as many changes have been noted as it has members: so a change costs the same however long the
 * list is, where a copy for each would cost the length.
 */
export class GrowingList<T> {
  private constructor(
    private base: readonly T[],
    private edits: Chain<Edit<T>> | null,
    private noted: number,
  ) {}

  static of<T>(items: readonly T[]): GrowingList<T> {
    return new GrowingList(items, null, 0);
  }

  /** The list with a value at a place: at the next free one it is added. */
  with(index: number, value: T): GrowingList<T> {
    const changed = new GrowingList(this.base, { value: { index, value }, before: this.edits }, this.noted + 1);
    if (changed.noted > Math.max(FEW, changed.base.length)) changed.read();
    return changed;
  }

  /** The same array each time. */
  read(): readonly T[] {
    if (this.edits !== null) {
      const items = [...this.base];
      for (const { index, value } of inOrder(this.edits)) items[index] = value;
      this.base = items;
      this.edits = null;
      this.noted = 0;
    }
    return this.base;
  }
}
