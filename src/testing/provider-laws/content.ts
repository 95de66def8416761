import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom, from } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import type { StreamEvent, StreamEventOf } from '../../events/events.js';
import { StreamEvent as streamEvent } from '../../events/stream-event-codec.js';
import { foldMessage } from '../../messages/fold-message.js';
import type { ContentBlock, Message } from '../../messages/message.js';
import { asProviders } from '../../provider.js';
import { firstDifference } from '../compare.js';
import { describeValue } from '../describe.js';
import type { Law } from './law.js';
import { fail } from './judge.js';
import { QUESTION, type Trial } from './trial.js';

const NONE = { defaultValue: [undefined, undefined] } as const;

/** A whole turn, told to the end. */
async function wholeTurn(trial: Pick<Trial, 'ask' | 'exchange' | 'frames' | 'give' | 'over' | 'owed' | 'whole'>): Promise<{ readonly events: readonly StreamEvent[]; readonly texts: readonly string[] }> {
  const consumer = trial.ask();
  trial.give(await trial.exchange(1), trial.frames);
  await trial.over(consumer, 'After a whole turn');
  trial.whole(consumer, trial.owed(trial.frames), 'After a whole turn');
  return consumer;
}

function messageIn(events: readonly StreamEvent[]): StreamEventOf<'message'> {
  const last = events.at(-1);
  return last?.type === 'message' ? last : fail(`The last event of a whole turn is ${last?.type ?? 'none'}; owed: message.`);
}

/** What deltas tell of a message: its text, thinking and calls, without blocks that no delta tells of. */
function told({ content }: Message): readonly object[] {
  return content.flatMap((block): readonly object[] => {
    if (block.type === 'text') return block.text === '' ? [] : [{ type: block.type, text: block.text }];
    if (block.type === 'thinking') return block.thinking === '' ? [] : [{ type: block.type, thinking: block.thinking }];
    return block.type === 'tool_use' ? [{ type: block.type, id: block.id, name: block.name, input: block.input }] : [];
  });
}

/** The kind of block that a delta says it belongs to. */
const kinds: Readonly<Record<string, ContentBlock['type']>> = {
  text_delta: 'text',
  citation: 'text',
  thinking: 'thinking',
  tool_input_start: 'tool_use',
  tool_input_delta: 'tool_use',
};

function misplaced(events: readonly StreamEvent[], { content }: Message): string | undefined {
  for (const event of events) {
    const kind = kinds[event.type];
    if (kind === undefined || !('block' in event)) continue;
    const found = content[event.block]?.type ?? 'no block';
    if (found !== kind) return `${describeValue(event)} says block ${event.block}, which is ${found} in the message`;
  }
  return undefined;
}

function order(events: readonly StreamEvent[]): void {
  messageIn(events);
  const messages = events.filter(({ type }) => type === 'message').length;
  if (messages !== 1) fail(`One turn has ${messages} message events.`);
  events.forEach((event, index) => {
    try {
      asProviders(event);
    } catch (error) {
      fail(messageOf(error));
    }
    const { runId, path, iteration } = QUESTION;
    const place = { seq: event.seq, runId: event.runId, path: event.path, iteration: event.iteration };
    const difference = firstDifference(place, { seq: index, runId, path, iteration });
    if (difference !== undefined) fail(`Event ${index} (${event.type}) is not of the step that was asked: ${difference}.`);
  });
}

function plain(events: readonly StreamEvent[], texts: readonly string[]): void {
  events.forEach((event, index) => {
    const text = texts[index] ?? '';
    const read: unknown = JSON.parse(text);
    const lost = firstDifference(read, event, { envelope: true });
    if (lost !== undefined) fail(`Event ${index} (${event.type}) is not plain JSON, or was changed after it was told: ${lost}.`);
    if (JSON.stringify(event) !== text) fail(`Event ${index} (${event.type}) was changed after it was told.`);
    const decoded = streamEvent.decode(read);
    const refused = E.isLeft(decoded) ? 'is refused' : firstDifference(decoded.right, event, { envelope: true });
    if (refused !== undefined) fail(`Event ${index} (${event.type}) is none that the codec StreamEvent knows: ${refused}.`);
  });
}

/** The conversation after the turn, as an application would go on with it. */
function goingOn(message: Message): readonly Message[] {
  const results = message.content.flatMap((block): readonly ContentBlock[] =>
    block.type === 'tool_use' ? [{ type: 'tool_result', toolUseId: block.id, content: [{ type: 'text', text: 'done' }], isError: false }] : [],
  );
  return [...QUESTION.messages, message, { role: 'user', content: [...results, { type: 'text', text: 'Go on' }] }];
}

export const contentLaws: readonly Law[] = [
  {
    name: 'order',
    says: 'only events of a provider, numbered from 0, of the step that was asked, one `message` and last',
    hold: async (trial) => order((await wholeTurn(trial)).events),
  },
  {
    name: 'plain',
    says: 'every event is plain JSON that the codec knows, and nobody changes it afterwards',
    hold: async (trial) => {
      const { events, texts } = await wholeTurn(trial);
      plain(events, texts);
    },
  },
  {
    name: 'lossless',
    says: 'the message has all that the deltas told and, where the subject gives something official to compare it with, all that the turn held',
    hold: async (trial) => {
      const { events } = await wholeTurn(trial);
      const event = messageIn(events);
      const unlike = firstDifference(told(foldMessage(events, event.path)), told(event.message));
      if (unlike !== undefined) fail(`The deltas tell something else than the message: ${unlike} in the message.`);
      const astray = misplaced(events, event.message);
      if (astray !== undefined) fail(`${astray}.`);
      const [ours, official] = await firstValueFrom(from(trial.official(event)), NONE);
      const lost = firstDifference(ours, official);
      if (lost !== undefined) fail(`The message is not what the turn held: ${lost}.`);
    },
  },
  {
    name: 'round trip',
    says: 'the message goes into the next request as it has to',
    needs: ['sentBack'],
    hold: async (trial) => {
      const { message } = messageIn((await wholeTurn(trial)).events);
      trial.ask({ messages: goingOn(message) });
      const { body } = await trial.exchange(2);
      const lost = firstDifference(trial.subject.sentBack?.(body), trial.turn.sentBack);
      if (lost !== undefined) fail(`The message was not sent back as it came: ${lost}.`);
    },
  },
];
