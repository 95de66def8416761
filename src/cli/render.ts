import { isTopLevel } from '../events/construct.js';
import type { StreamEvent, StreamEventOf } from '../events/events.js';
import type { Message } from '../messages/message.js';
import { failureLine } from './hints.js';
import { printable, printableDelta, printableLine } from './printable.js';
import type { ProviderName } from './services.js';
import { inputLine, progressText, resultLine, spanText, usageText } from './summary.js';
import type { LivePart } from './width.js';

/** How a piece of text is meant; the terminal decides how that looks. */
export type Tone = 'plain' | 'dim' | 'good' | 'bad';

/** What one event puts on the screen, in order. All text in it is printable. */
export type Piece =
  /** Goes to standard output as it is. */
  | { readonly type: 'text'; readonly text: string; readonly tone: Tone }
  /** A line about progress, for where there is no live line. */
  | { readonly type: 'progress'; readonly text: string }
  /** What the live line shows from now on; nothing takes it away. */
  | { readonly type: 'live'; readonly parts: readonly LivePart[] }
  /** A line for standard error. */
  | { readonly type: 'note'; readonly text: string; readonly tone: Tone };

/** What rendering must remember between two events. */
export interface View {
  /** Whether the prompt of a run is shown. */
  readonly showsPrompt: boolean;
  /** Who was asked, where that is known. */
  readonly provider: ProviderName | null;
  /** What the current line holds: nothing, or a kind of text that another kind does not continue. */
  readonly line: 'empty' | 'text' | 'thinking';
  /** The first half of a character whose second half is still to come. */
  readonly held: string;
  /** The calls that run now, by id, as the live line shows them. */
  readonly running: ReadonlyMap<string, LivePart>;
  /** How often this turn has been asked for. */
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly firstTokenMs: number | null;
}

/** The view before the first event. */
export function emptyView(showsPrompt: boolean, provider: ProviderName | null): View {
  return { showsPrompt, provider, line: 'empty', held: '', running: new Map(), attempts: 1, startedAt: null, firstTokenMs: null };
}

/** The view after an event, and what the event shows. */
export type Rendered = readonly [View, readonly Piece[]];

const text = (content: string, tone: Tone = 'plain'): Piece => ({ type: 'text', text: content, tone });

/** Ends the line that stands, so that a line of its own can follow. */
export function fresh(view: View): Rendered {
  const rest = printable(view.held);
  const pieces = view.line === 'empty' ? [] : [text(`${rest}\n`)];
  return [{ ...view, line: 'empty', held: '' }, pieces];
}

function onOwnLine(view: View, ...lines: readonly Piece[]): Rendered {
  const [next, pieces] = fresh(view);
  return [next, [...pieces, ...lines]];
}

const indent = (event: StreamEvent): string => '  '.repeat(event.path.length);

function live(running: ReadonlyMap<string, LivePart>): Piece {
  return { type: 'live', parts: [...running.values()] };
}

function promptOf(messages: readonly Message[]): string {
  const blocks = messages.flatMap((message) => message.content);
  return blocks.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join(' ');
}

function delta(view: View, event: StreamEventOf<'text_delta' | 'thinking'>): Rendered {
  const line = event.type === 'thinking' ? 'thinking' : 'text';
  const tone = event.type === 'thinking' ? 'dim' : 'plain';
  const [before, pieces] = view.line === line ? [view, []] : fresh(view);
  const { text: shown, held } = printableDelta(before.held, event.content);
  const atStart = shown === '' ? before.line === 'empty' && held === '' : shown.endsWith('\n') && held === '';
  return [{ ...before, held, line: atStart ? 'empty' : line }, shown === '' ? pieces : [...pieces, text(shown, tone)]];
}

function toolStart(view: View, event: StreamEventOf<'tool_use_start'>): Rendered {
  const { id, name, input, inputError } = event.content;
  const label = printableLine(name, 80);
  const shown = inputError === undefined ? inputLine(input) : `with input that is not JSON: ${printableLine(inputError.text, 200)}`;
  const running = new Map(view.running).set(id, { name: label, progress: '' });
  return onOwnLine({ ...view, running }, text(`${indent(event)}\u2192 ${label} ${shown}\n`), live(running));
}

function toolProgress(view: View, event: StreamEventOf<'tool_progress'>): Rendered {
  const part = { name: printableLine(event.content.name, 80), progress: progressText(event.content) };
  const running = new Map(view.running).set(event.content.id, part);
  return onOwnLine({ ...view, running }, { type: 'progress', text: `${indent(event)}  ${part.name} ${part.progress}` }, live(running));
}

function toolResult(view: View, event: StreamEventOf<'tool_result'>): Rendered {
  const { id, name, content, isError, durationMs } = event.content;
  const running = new Map(view.running);
  running.delete(id);
  const mark = isError ? text(`${indent(event)}\u2717 `, 'bad') : text(`${indent(event)}\u2713 `, 'good');
  const line = text(`${printableLine(name, 80)}: ${resultLine(content)} `);
  return onOwnLine({ ...view, running }, mark, line, text(`(${spanText(durationMs)})\n`, 'dim'), live(running));
}

/** A call that waits for somebody stands on the live line; what was decided stays. */
function toolApproval(view: View, event: StreamEventOf<'tool_approval'>): Rendered {
  const { id, name, decision, reason } = event.content;
  const label = printableLine(name, 80);
  const running = new Map(view.running).set(id, { name: label, progress: decision === 'requested' ? 'waits for approval' : '' });
  const why = reason === undefined ? '' : `: ${printableLine(reason, 200)}`;
  const line: readonly Piece[] = decision === 'requested' ? [] : [text(`${indent(event)}? ${label} ${decision}${why}\n`, 'dim')];
  return onOwnLine({ ...view, running }, ...line, live(running));
}

/** What the live line shows beside calls: what is waited for until the next event. */
const waitKey = 'wait';

function waiting(view: View, part: LivePart): Rendered {
  const running = new Map(view.running).set(waitKey, part);
  return [{ ...view, running }, [live(running)]];
}

/** A retry stands on the live line until the next attempt answers; the line that ends a failed run tells how many there were. */
function retry(view: View, { content }: StreamEventOf<'retry'>): Rendered {
  const to = content.to === undefined ? '' : ` by ${printableLine(content.to, 80)}`;
  const part = { name: `attempt ${content.attempt} failed (${content.error.code});`, progress: `the next one${to} follows in ${spanText(content.delayMs)}` };
  const dropped: readonly Piece[] = content.discard ? [text('(what this turn has said so far is dropped)\n', 'dim')] : [];
  const [next, pieces] = onOwnLine({ ...view, attempts: content.attempt + 1 }, ...dropped);
  const [after, lines] = waiting(next, part);
  return [after, [...pieces, ...lines]];
}

function begun(view: View, { input }: StreamEventOf<'run_start'>): Rendered {
  const prompt = text(`> ${printableLine(promptOf(input), 2_000)}\n\n`, 'dim');
  const [before, lines]: Rendered = view.showsPrompt ? onOwnLine(view, prompt) : [view, []];
  const [next, pieces] = waiting(before, { name: 'starting', progress: '' });
  return [next, [...lines, ...pieces]];
}

/** The view once what was waited for has come. */
function answered(view: View): Rendered {
  if (!view.running.has(waitKey)) return [view, []];
  const running = new Map(view.running);
  running.delete(waitKey);
  return [{ ...view, running }, [live(running)]];
}

function totals(view: View, event: StreamEventOf<'complete' | 'error'>): Piece {
  const iterations = event.iteration + 1;
  const turns = `${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}`;
  const first = view.firstTokenMs === null ? [] : [`first token after ${spanText(view.firstTokenMs)}`];
  return text(`${[turns, usageText(event.usage), ...first].join(' \u00B7 ')}\n`, 'dim');
}

const usualStops: ReadonlySet<string> = new Set(['end_turn', 'stop_sequence']);

function complete(view: View, event: StreamEventOf<'complete'>): Rendered {
  const { stopReason } = event;
  const why = stopReason === null || usualStops.has(stopReason) ? [] : [text(`stopped: ${printableLine(stopReason, 80)}\n`, 'dim')];
  return onOwnLine({ ...view, running: new Map() }, live(new Map()), ...why, text('\n'), totals(view, event));
}

function failed(view: View, event: StreamEventOf<'error'>): Rendered {
  const cost = event.usage === null ? [] : [text('\n'), totals(view, event)];
  const note: Piece = { type: 'note', text: failureLine(event.content, view), tone: 'bad' };
  return onOwnLine({ ...view, running: new Map() }, live(new Map()), ...cost, note);
}

/** The time to first token runs from the first turn's start: what comes before is not the model's doing. */
function timed(view: View, event: StreamEvent): View {
  if (!isTopLevel(event) || view.firstTokenMs !== null) return view;
  if (event.type === 'iteration_start') return view.startedAt === null ? { ...view, startedAt: event.timestamp } : view;
  const isToken = event.type === 'text_delta' || event.type === 'thinking' || event.type === 'tool_input_start';
  return isToken && view.startedAt !== null ? { ...view, firstTokenMs: Math.max(0, event.timestamp - view.startedAt) } : view;
}

function show(view: View, event: StreamEvent): Rendered {
  switch (event.type) {
    case 'run_start':
      return isTopLevel(event) ? begun(view, event) : [view, []];
    case 'iteration_start':
      return isTopLevel(event) ? waiting(view, { name: 'waiting for the model', progress: '' }) : [view, []];
    case 'text_delta':
    case 'thinking':
      return isTopLevel(event) ? delta(view, event) : [view, []];
    case 'tool_use_start':
      return toolStart(view, event);
    case 'tool_progress':
      return toolProgress(view, event);
    case 'tool_result':
      return toolResult(view, event);
    case 'tool_approval':
      return toolApproval(view, event);
    case 'server_tool_use':
      return onOwnLine(view, text(`${indent(event)}\u2192 ${printableLine(event.content.name, 80)} ${inputLine(event.content.input)} (run by the service)\n`));
    case 'retry':
      return retry(view, event);
    case 'complete':
      return isTopLevel(event) ? complete(view, event) : [view, []];
    case 'error':
      return isTopLevel(event) ? failed(view, event) : [view, []];
    default:
      return [view, []];
  }
}

/** What an event puts on the screen. Pure: the same events always show the same. */
export function render(view: View, event: StreamEvent): Rendered {
  const isWait = event.type === 'retry' || event.type === 'run_start' || event.type === 'iteration_start';
  if (isWait) return show(timed(event.type === 'iteration_start' ? { ...view, attempts: 1 } : view, event), event);
  const [before, pieces] = answered(view);
  const [after, more] = show(timed(before, event), event);
  return [after, [...pieces, ...more]];
}
