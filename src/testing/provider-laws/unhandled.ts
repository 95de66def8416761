import { config } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import { LawFailure } from './judge.js';
import { tick } from './waiting.js';

/** Errors that reach nobody surface within a few turns of the event loop. */
const TURNS = 3;

/** Runs a law, and fails it for a rejection or an error of rxjs that nobody handled meanwhile. */
export async function withNothingUnhandled<T>(work: () => Promise<T>): Promise<T> {
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => {
    unhandled.push(error);
  };
  const before = config.onUnhandledError;
  config.onUnhandledError = hear;
  if (typeof process !== 'undefined') process.on('unhandledRejection', hear);
  const done = async (): Promise<T> => {
    const outcome = await work();
    for (let turn = 0; turn < TURNS; turn += 1) await tick();
    if (unhandled.length > 0) throw new LawFailure(`Nobody handled ${unhandled.map(messageOf).join('; ')}.`);
    return outcome;
  };
  try {
    return await done();
  } finally {
    config.onUnhandledError = before;
    if (typeof process !== 'undefined') process.off('unhandledRejection', hear);
  }
}
