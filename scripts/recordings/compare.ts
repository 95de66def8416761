import type { StreamEvent } from '../../src/events/events.js';
import { isColdstreamError, messageOf } from '../../src/errors/describe.js';
import { difference } from './difference.js';
import type { Case, Failure, Outcome } from './wire.js';

/** The text of all `text_delta` events, block after block. */
function deliveredText(events: readonly StreamEvent[]): string {
  const blocks = new Map<number, string>();
  for (const event of events) {
    if (event.type === 'text_delta') blocks.set(event.block, (blocks.get(event.block) ?? '') + event.content);
  }
  return [...blocks].sort(([left], [right]) => left - right).map(([, text]) => text).join('');
}

function describe(error: unknown): string {
  return `${error instanceof Error ? error.name : typeof error}: ${messageOf(error)}`;
}

type Demand = Pick<Failure, 'why' | 'codes' | 'status'>;

function compareFailure({ why, codes, status }: Demand, wireText: string, { events, error }: Outcome): string | undefined {
  if (error === undefined) return `expected a failure (${why}), got success`;
  if (!isColdstreamError(error)) return `expected a typed error (${why}), got ${describe(error)}`;
  if (!codes.includes(error.code)) return `error.code: expected ${codes.join(' or ')} (${why}), got ${error.code} (${describe(error)})`;
  if (status !== undefined && error.status !== status) return `error.status: expected ${status}, got ${String(error.status)}`;
  const text = status === undefined ? wireText : '';
  if (text !== '' && !error.partial) return `error.partial: expected true after ${text.length} characters of text, got false`;
  return difference('the text delivered before the failure', text, deliveredText(events));
}

function compareSuccess({ compareTurn }: Case, { events, error }: Outcome): string | undefined {
  if (error !== undefined) return `expected success, got ${describe(error)}`;
  const last = events.at(-1);
  if (last?.type !== 'message') return `expected a message as the last event, got ${last?.type ?? 'nothing'}`;
  const told = last.message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  return compareTurn(last, events) ?? difference('the text of all text_delta events', told, deliveredText(events));
}

/** The first difference between what had to come and what came, in words. */
export function compare(wanted: Case, outcome: Outcome): string | undefined {
  const { judgement, text, orBroken } = wanted;
  if (judgement.kind === 'unusable') return judgement.why;
  if (orBroken !== undefined && isColdstreamError(outcome.error) && outcome.error.code === 'protocol') {
    return compareFailure({ why: orBroken.why, codes: ['protocol'] }, orBroken.text, outcome);
  }
  return judgement.kind === 'failure' ? compareFailure(judgement, text, outcome) : compareSuccess(wanted, outcome);
}
