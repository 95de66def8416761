/** Makes an id; replaced in tests, so that runs can be compared whole. */
type IdSource = (prefix: string) => string;

const randomId: IdSource = (prefix) => `${prefix}_${globalThis.crypto.randomUUID().replaceAll('-', '')}`;

let source = randomId;

/** A new id with the given prefix. The only source of ids of the package. */
export function newId(prefix: string): string {
  return source(prefix);
}

let chance: () => number = Math.random;

/** A number in [0, 1), for jitter. The only source of chance of the package. */
export function random(): number {
  return chance();
}

/** Pins ids and chance (`run_1`, `run_2` …; always 0.5) until the returned function is called. */
export function pinIdsAndChance(): () => void {
  const [sourceBefore, chanceBefore] = [source, chance];
  let count = 0;
  source = (prefix) => `${prefix}_${++count}`;
  chance = () => 0.5;
  return () => {
    source = sourceBefore;
    chance = chanceBefore;
  };
}
