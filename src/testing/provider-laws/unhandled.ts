import { config } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import { LawFailure } from './judge.js';
import { tick } from './waiting.js';

/** Errors that reach nobody surface within a few turns of the event loop. */
const TURNS = 3;

type Listener = (error: unknown) => void;

/** Laws that are held at once share the one hook that there is: what nobody handled fails each of them. */
const listeners = new Set<Listener>();
const hear: Listener = (error) => {
  for (const listener of listeners) listener(error);
};
let before = config.onUnhandledError;

function listen(listener: Listener): void {
  listeners.add(listener);
  if (listeners.size > 1) return;
  before = config.onUnhandledError;
  config.onUnhandledError = hear;
  if (typeof process !== 'undefined') process.on('unhandledRejection', hear);
}

function leave(listener: Listener): void {
  listeners.delete(listener);
  if (listeners.size > 0) return;
  config.onUnhandledError = before;
  if (typeof process !== 'undefined') process.off('unhandledRejection', hear);
}

/** Runs a law, and fails it for a rejection or an error of rxjs that nobody handled meanwhile. */
export async function withNothingUnhandled<T>(work: () => Promise<T>): Promise<T> {
  const unhandled: unknown[] = [];
  const note: Listener = (error) => {
    unhandled.push(error);
  };
  listen(note);
  try {
    const outcome = await work();
    for (let turn = 0; turn < TURNS; turn += 1) await tick();
    if (unhandled.length > 0) throw new LawFailure(`Nobody handled ${unhandled.map(messageOf).join('; ')}.`);
    return outcome;
  } finally {
    leave(note);
  }
}
