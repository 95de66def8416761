// One measurement of the library itself, without a service, in a process of its own: the case comes as an argument, the
// figures go to standard output.
import { operatorCosts } from './cases/operators.js';
import { partialInputCost } from './cases/partial-input.js';
import type { Figures } from './task.js';

/** What to measure. */
export type Case = { readonly kind: 'operators'; readonly events: number } | { readonly kind: 'partial-input'; readonly sizes: readonly number[] };

function measure(wanted: Case): Figures {
  if (wanted.kind === 'operators') return Object.fromEntries(operatorCosts(wanted.events).map(({ name, nanoseconds }) => [name, nanoseconds]));
  return Object.fromEntries(wanted.sizes.map((bytes) => [String(bytes), partialInputCost(bytes)]));
}

const wanted: Case = JSON.parse(process.argv[2] ?? '{}');
console.log(JSON.stringify(measure(wanted)));
