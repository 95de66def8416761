/** What is being handed on, from the one who reads it to all who are told. */
interface Burst {
  /** How many of them can take no more for now. */
  holds: number;
  /** Reads on; missing until the burst is over. */
  goOn: (() => void) | undefined;
}

let current: Burst | undefined;

/**
 * Hands on what was read. An Observable has no way back to its source; what is told in one burst, with no time in
 * between, has this one: whoever is told of it may hold back the reader.
 *
 * @param deliver tells of it
 * @param goOn reads on; called when the last hold is released
 * @returns whether the reader is held back, and has to wait for `goOn`
 */
export function handOn(deliver: () => void, goOn: () => void): boolean {
  const outer = current;
  const burst: Burst = { holds: 0, goOn: undefined };
  current = burst;
  try {
    deliver();
  } finally {
    current = outer;
  }
  if (burst.holds > 0) burst.goOn = goOn;
  return burst.holds > 0;
}

/**
 * Holds back whoever reads what is being handed on now.
 *
 * @returns lets it go on; undefined where nobody is reading, so that nobody can be held back
 */
export function holdBack(): (() => void) | undefined {
  const burst = current;
  if (burst === undefined) return undefined;
  let held = true;
  burst.holds += 1;
  return () => {
    if (!held) return;
    held = false;
    burst.holds -= 1;
    if (burst.holds === 0) burst.goOn?.();
  };
}
