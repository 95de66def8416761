const units: ReadonlyMap<string, number> = new Map(
  ('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen')
    .split(' ')
    .map((word, value) => [word, value] as const),
);

const tens: ReadonlyMap<string, number> = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, index) => [word, (index + 2) * 10] as const),
);

const scales: ReadonlyMap<string, number> = new Map([
  ['thousand', 1_000],
  ['million', 1_000_000],
]);

/** One number in the making: `group` is what stands before the next scale word. */
interface Reading {
  readonly total: number;
  readonly group: number;
  readonly last: 'nothing' | 'unit' | 'ten' | 'hundred' | 'scale';
  readonly negative: boolean;
}

const nothing: Reading = { total: 0, group: 0, last: 'nothing', negative: false };

/** The reading with one more word, or null where the word cannot continue it. */
function extend(reading: Reading, word: string): Reading | null {
  const unit = units.get(word);
  if (unit !== undefined) {
    const follows = reading.last === 'unit' || (reading.last === 'ten' && (unit === 0 || unit > 9));
    return follows ? null : { ...reading, group: reading.group + unit, last: 'unit' };
  }
  const ten = tens.get(word);
  if (ten !== undefined) {
    return reading.last === 'unit' || reading.last === 'ten' ? null : { ...reading, group: reading.group + ten, last: 'ten' };
  }
  if (reading.last === 'nothing') return null;
  if (word === 'hundred') return { ...reading, group: reading.group * 100, last: 'hundred' };
  const scale = scales.get(word);
  return scale === undefined ? null : { ...reading, total: reading.total + reading.group * scale, group: 0, last: 'scale' };
}

const finished = (reading: Reading): readonly number[] =>
  reading.last === 'nothing' ? [] : [(reading.negative ? -1 : 1) * (reading.total + reading.group)];

/** The numbers written in English words: `twenty-five`, `two hundred`, `minus three`. */
export function numberWordsIn(text: string): readonly number[] {
  const numbers: number[] = [];
  let reading = nothing;
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/gu)) {
    const longer = extend(reading, word);
    if (longer !== null) {
      reading = longer;
      continue;
    }
    numbers.push(...finished(reading));
    const fresh = { ...nothing, negative: word === 'minus' || word === 'negative' };
    reading = extend(nothing, word) ?? fresh;
  }
  return [...numbers, ...finished(reading)];
}
