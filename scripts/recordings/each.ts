/** Tries all, `limit` at a time, and reports each one in the order of the list. */
export async function eachInOrder<T, R>(values: readonly T[], limit: number, work: (value: T) => Promise<R>, report: (result: R, at: number) => void): Promise<void> {
  const done = new Map<number, R>();
  let [next, reported] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let at = next++; at < values.length; at = next++) {
      const value = values[at];
      if (value === undefined) return;
      done.set(at, await work(value));
      for (let result = done.get(reported); result !== undefined; result = done.get(reported)) {
        done.delete(reported);
        report(result, reported++);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
