import { isTerminal, isTopLevel } from '../../events/construct.js';
import type { StreamEvent } from '../../events/events.js';
import { printableLine } from '../printable.js';
import { usageText } from '../summary.js';
import { timeText } from './time-scale.js';

const longestTitle = 300;

/** What the run was asked; empty where that is not recorded. */
export function titleOf(events: readonly StreamEvent[]): string {
  const start = events.find((event) => event.type === 'run_start');
  const blocks = start === undefined ? [] : start.input.flatMap((message) => message.content);
  return printableLine(blocks.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join(' '), longestTitle);
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What the run came to, on one line. */
export function summaryOf(events: readonly StreamEvent[], spanMs: number): string {
  const turns = events.filter(({ type }) => type === 'iteration_start').length;
  const calls = events.filter(({ type }) => type === 'tool_use_start').length;
  const end = events.findLast((event) => isTerminal(event) && isTopLevel(event));
  const usage = end !== undefined && isTerminal(end) ? [usageText(end.usage)] : [];
  return [counted(turns, 'turn'), counted(calls, 'tool call'), timeText(spanMs), ...usage, counted(events.length, 'event')].join(' \u00B7 ');
}
