import { isEvent, isTerminal, isTopLevel } from '../events/construct.js';
import type { StreamEvent } from '../events/events.js';
import { describeValue } from './describe.js';

interface Call {
  readonly words: string;
  readonly path: string;
  readonly iteration: number;
  results: number;
  ends: number;
}

const ofCall = isEvent('tool_use_start', 'tool_result', 'tool_use_end');

const times = (number: number): string => (number === 0 ? 'no' : `${number} times`);

/** What a call lacks, or has too much of. */
function faultOf({ words, results, ends }: Call): string | undefined {
  if (results !== 1) return `The call ${words} has ${times(results)} tool_result.`;
  return ends === 1 ? undefined : `The call ${words} has ${times(ends)} tool_use_end.`;
}

/**
 * What is wrong with the ends of a run and of its calls; `undefined` if nothing is: exactly one `complete` or `error` at
 * its path, last, and before it for every `tool_use_start` one `tool_result` and then one `tool_use_end`. A `retry` with
 * `discard` takes back what its iteration had begun.
 */
export function balanceFault(events: readonly StreamEvent[]): string | undefined {
  const end = events.findIndex((event) => isTerminal(event) && isTopLevel(event));
  if (end === -1) return `The run has neither complete nor error; its last event is ${describeValue(events.at(-1))}.`;
  const late = events[end + 1];
  if (late !== undefined) return `After ${describeValue(events[end])} there came ${describeValue(late)}.`;
  const calls = new Map<string, Call>();
  for (const event of events) {
    const { iteration } = event;
    const path = event.path.join('/');
    if (event.type === 'retry' && event.content.discard) {
      for (const [key, call] of calls) if (call.path === path && call.iteration === iteration) calls.delete(key);
    }
    if (!ofCall(event)) continue;
    const { id, name } = event.content;
    const key = JSON.stringify([path, iteration, id]);
    const call = calls.get(key);
    if (event.type === 'tool_use_start') {
      if (call !== undefined) return `The call ${call.words} begins twice in iteration ${iteration}.`;
      calls.set(key, { words: `${id} (${name})`, path, iteration, results: 0, ends: 0 });
    } else if (call === undefined) return `There came ${describeValue(event)}, but no such call has begun.`;
    else if (event.type === 'tool_result') call.results += 1;
    else {
      call.ends += 1;
      if (call.results === 0) return `The call ${call.words} has its tool_use_end before its tool_result.`;
    }
  }
  return [...calls.values()].map(faultOf).find((fault) => fault !== undefined);
}
