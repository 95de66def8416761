/** Things in the order in which they came. To take one costs the same however many wait; `shift` of a long array moves all of them. */
export class Queue<T extends object> {
  private waiting: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.waiting.length - this.head;
  }

  push(thing: T): void {
    this.waiting.push(thing);
  }

  /** Takes out the first, and holds it no longer. */
  take(): T | undefined {
    const first = this.waiting[this.head];
    if (first === undefined) return undefined;
    this.waiting[this.head] = undefined;
    this.head += 1;
    // Also where it is never empty, there are never more places than twice what waits.
    if (this.head * 2 >= this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return first;
  }

  clear(): void {
    this.waiting = [];
    this.head = 0;
  }
}
