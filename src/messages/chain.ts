/** Values in the order of their arrival, newest first: one can be added without copying the others. */
export interface Chain<T> {
  readonly value: T;
  readonly before: Chain<T> | null;
}

/** A chain's values, oldest first. */
export function inOrder<T>(chain: Chain<T> | null): T[] {
  const values: T[] = [];
  for (let link = chain; link !== null; link = link.before) values.push(link.value);
  return values.reverse();
}
