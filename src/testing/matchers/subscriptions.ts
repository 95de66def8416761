import { take, type Observable } from 'rxjs';
import { firstDifference } from '../compare.js';
import { describeValue } from '../describe.js';
import { countsOf, type Witness } from '../watched.js';
import { outcomeOf, result, sourceOf, type MatcherResult, type Outcome } from './received.js';

const noWitness = 'A witness was expected, of which it can be seen what was opened: a scripted provider or tool, a source of a marble test, or watched(source).';

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const openedBy = (witnesses: readonly Witness[]): number => witnesses.reduce((sum, witness) => sum + countsOf(witness).opened, 0);
const openIn = (witnesses: readonly Witness[]): number => witnesses.reduce((sum, witness) => sum + countsOf(witness).open, 0);

/** Events are the same if they are of one type: ids and durations are each run's own. */
function told({ values }: Outcome): readonly unknown[] {
  return values.map((value) => (typeof value === 'object' && value !== null && 'type' in value && 'runId' in value ? value.type : value));
}

function coldFault(received: unknown, witnesses: readonly Witness[]): string | undefined {
  if (witnesses.length === 0) return noWitness;
  const before = openedBy(witnesses);
  const source$ = sourceOf(received);
  if (typeof source$ === 'string') return source$;
  const made = openedBy(witnesses) - before;
  if (made > 0) return `Nothing was subscribed yet, and ${count(made, 'subscription')} had been opened beneath.`;
  const first = outcomeOf(source$);
  const once = openedBy(witnesses) - before;
  if (once === 0) return 'It was subscribed, and nothing was opened beneath: the witnesses see nothing of it.';
  const second = outcomeOf(source$);
  const again = openedBy(witnesses) - before - once;
  if (again !== once) return `The first subscription opened ${once} beneath, the second ${again}: they share something.`;
  const difference = firstDifference({ values: told(second), end: second.end }, { values: told(first), end: first.end });
  return difference === undefined ? undefined : `The second subscription was told something else than the first: ${difference}.`;
}

/** `toBeCold`: nothing is opened before it is subscribed, and each subscription opens its own and is told the same. */
export function toBeCold(received: unknown, ...witnesses: readonly Witness[]): MatcherResult {
  return result(coldFault(received, witnesses), 'It was expected not to be cold: nothing was opened before it was subscribed, and as much again for a second subscription.');
}

function leftOpen(source: Observable<unknown>, witnesses: readonly Witness[], when: string): string | undefined {
  outcomeOf(source);
  const open = openIn(witnesses);
  return open === 0 ? undefined : `${when}, and ${count(open, 'subscription')} beneath ${open === 1 ? 'is' : 'are'} still open.`;
}

function tearDownFault(received: unknown, witnesses: readonly Witness[]): string | undefined {
  if (witnesses.length === 0) return noWitness;
  const source$ = sourceOf(received);
  if (typeof source$ === 'string') return source$;
  const before = openedBy(witnesses);
  const already = openIn(witnesses);
  if (already > 0) return `${count(already, 'subscription')} beneath had been open before: nothing can be told of this one.`;
  const { values, end } = outcomeOf(source$);
  if (openedBy(witnesses) === before) return 'It was subscribed, and nothing was opened beneath: the witnesses see nothing of it.';
  const open = openIn(witnesses);
  if (open > 0) return `It ${end === 'open' ? 'was unsubscribed' : 'ended'} after ${count(values.length, 'value')}, and ${count(open, 'subscription')} beneath ${open === 1 ? 'is' : 'are'} still open.`;
  for (const [index, value] of values.entries()) {
    const fault = leftOpen(source$.pipe(take(index + 1)), witnesses, `It was unsubscribed at value ${index} (${describeValue(value)})`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** `toTearDown`: unsubscribed at any of its values, or after them, it leaves nothing open. */
export function toTearDown(received: unknown, ...witnesses: readonly Witness[]): MatcherResult {
  return result(tearDownFault(received, witnesses), 'It was expected to leave something open when it is unsubscribed, and left nothing.');
}
