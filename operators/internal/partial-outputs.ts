import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import { GrowingJson } from './growing-json.js';

/** The value of an answer, as far as it has come. */
export interface PartialOutput {
  readonly runId: string;
  /** The iteration that answers. */
  readonly iteration: number;
  /** What has come; with `done`, the whole value as the schema's check left it. */
  readonly output: Json;
  /** Whether this is the run's answer, whole and checked. */
  readonly done: boolean;
  /** The answer has been taken back by a `retry`; another begins. */
  readonly discarded?: true;
}

const FENCE = '```';
/** The longest first line of a block of code that is waited for. */
const LONGEST_FENCE = 64;

/** An answer's text, of which JSON is expected: bare, or in a block of code. */
class AnswerText {
  readonly #json = new GrowingJson();
  /** What has come before the JSON begins; null from there on. */
  #lead: string | null = '';

  push(piece: string): Json | undefined {
    if (this.#lead === null) return this.#json.push(piece);
    const lead = (this.#lead + piece).trimStart();
    const begins = beginningOf(lead);
    this.#lead = begins === undefined ? lead : null;
    return begins === undefined ? undefined : this.#json.push(lead.slice(begins));
  }
}

/** Where the JSON of a text begins; undefined where that cannot be said yet. */
function beginningOf(text: string): number | undefined {
  if (text === '') return undefined;
  const fence = text.slice(0, FENCE.length);
  if (!FENCE.startsWith(fence)) return 0;
  const line = text.indexOf('\n');
  if (line !== -1) return line + 1;
  return text.length > LONGEST_FENCE ? 0 : undefined;
}

/** The answer under way in one run. */
interface Attempt {
  readonly iteration: number;
  readonly text: AnswerText;
  /** What was told of it last. */
  told: PartialOutput | undefined;
  /** Whether the turn was paused: the next one goes on with it. */
  paused: boolean;
}

/** Follows the answers of runs. */
export interface PartialOutputs {
  /** What the event shows of an answer that was not there before. */
  take(event: StreamEvent): PartialOutput | undefined;
}

/** Keeps nothing but the answers that are under way. */
export function partialOutputs(): PartialOutputs {
  const attempts = new Map<string, Attempt>();

  const attemptOf = ({ runId, iteration }: StreamEvent): Attempt => {
    const found = attempts.get(runId);
    if (found?.iteration === iteration) return found;
    const goesOn = found?.paused === true ? found : undefined;
    const fresh: Attempt = { iteration, text: goesOn?.text ?? new AnswerText(), told: goesOn?.told, paused: false };
    attempts.set(runId, fresh);
    return fresh;
  };

  const grow = (event: StreamEventOf<'text_delta'>): PartialOutput | undefined => {
    const { runId, iteration } = event;
    const attempt = attemptOf(event);
    const output = attempt.text.push(event.content);
    if (output === undefined) return undefined;
    attempt.told = { runId, iteration, output, done: false };
    return attempt.told;
  };

  const end = (event: StreamEventOf<'message'>): void => {
    const attempt = attempts.get(event.runId);
    if (attempt !== undefined && event.stopReason === 'pause_turn') attempt.paused = true;
    else attempts.delete(event.runId);
  };

  const discard = ({ runId, iteration }: StreamEventOf<'retry'>): PartialOutput | undefined => {
    const attempt = attempts.get(runId);
    if (attempt?.iteration !== iteration) return undefined;
    attempts.delete(runId);
    return attempt.told === undefined ? undefined : { ...attempt.told, discarded: true };
  };

  return {
    take: (event) => {
      if (event.path.length > 0) return undefined;
      if (event.type === 'text_delta') return grow(event);
      if (event.type === 'retry' && event.content.discard) return discard(event);
      if (event.type === 'message') end(event);
      if (event.type !== 'complete') return undefined;
      attempts.delete(event.runId);
      const { runId, iteration, output } = event;
      return output === undefined ? undefined : { runId, iteration, output, done: true };
    },
  };
}
