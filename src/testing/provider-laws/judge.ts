import { isColdstreamError } from '../../errors/describe.js';
import type { StreamEvent, StreamEventType } from '../../events/events.js';
import { isContentEvent } from '../../provider.js';
import { describeValue } from '../describe.js';
import type { Consumer } from './consumer.js';
import type { LawTurn } from './subject.js';

/** Judges what a consumer was told, without any waiting. */
export interface Judge {
  /** The types of the events that the first frames tell. */
  readonly owed: (frames: number) => readonly StreamEventType[];
  /** Fails unless the consumer was told these events. */
  readonly sameTypes: (consumer: Consumer, types: readonly StreamEventType[], when: string) => void;
  /** Fails unless the consumer was told these events and completed. */
  readonly whole: (consumer: Consumer, types: readonly StreamEventType[], when: string) => void;
  /** Fails unless the consumer was told the events of the first frames and then of the failure, by one of these names. */
  readonly failed: (consumer: Consumer, frames: number, tags: readonly string[], when: string) => void;
}

/** A law that is broken, and not something that broke in holding it. */
export class LawFailure extends Error {}

export function fail(text: string): never {
  throw new LawFailure(text);
}

/** Says over what a law was broken. */
export function describeFailureOver(what: string, hold: () => void): void {
  try {
    hold();
  } catch (error) {
    if (!(error instanceof LawFailure)) throw error;
    throw new LawFailure(`Over ${what}: ${error.message}`);
  }
}

export const list = (types: readonly string[]): string => (types.length === 0 ? 'nothing' : types.join(', '));

export const typesOf = (events: readonly StreamEvent[]): readonly StreamEventType[] => events.map(({ type }) => type);

function describeEnd(consumer: Consumer): string {
  if (consumer.ended() === 'complete') return 'completed';
  if (consumer.ended() === undefined) return 'did not end';
  return `failed with ${describeValue(consumer.error())}`;
}

export function createJudge(turn: LawTurn): Judge {
  const owed: Judge['owed'] = (frames) => turn.tells.slice(0, frames).flat();
  const sameTypes: Judge['sameTypes'] = (consumer, types, when) => {
    const told = typesOf(consumer.events);
    if (list(told) !== list(types)) fail(`${when}, the provider told ${list(told)}; owed: ${list(types)}. It ${describeEnd(consumer)}.`);
  };
  return {
    owed,
    sameTypes,
    whole: (consumer, types, when) => {
      if (consumer.ended() !== 'complete') {
        fail(`${when}, the turn is whole, but the provider ${describeEnd(consumer)} after ${list(typesOf(consumer.events))}.`);
      }
      sameTypes(consumer, types, when);
    },
    failed: (consumer, frames, tags, when) => {
      const error = consumer.error();
      const told = list(typesOf(consumer.events));
      if (consumer.ended() !== 'error') fail(`${when}, the provider ${describeEnd(consumer)} after ${told}; owed: ${tags.join(' or ')}.`);
      sameTypes(consumer, owed(frames), when);
      if (!isColdstreamError(error)) fail(`${when}, the provider failed with ${describeValue(error)}, which is none of the package's errors.`);
      if (!tags.includes(error._tag)) fail(`${when}, the provider failed with ${error._tag} ("${error.message}"); owed: ${tags.join(' or ')}.`);
      const partial = consumer.events.some(isContentEvent);
      if (error.partial !== partial) fail(`${when}, the error says partial: ${error.partial}, though the provider told ${told}.`);
      if (!error.retryable) fail(`${when}, the error says that asking again is of no use (retryable: false).`);
    },
  };
}
