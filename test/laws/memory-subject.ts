import { Observable, Subject } from 'rxjs';
import { ConnectionError, eventFactory, TruncatedStreamError, type EventBody, type ModelRequest, type Provider } from 'coldstream';
import type { LawBench, LawExchange, LawTurn, ProviderSubject } from 'coldstream/testing';
import type { Message } from '../../src/messages/message.js';
import { isContentEvent } from '../../src/provider.js';
import { contentOfSecond } from './scripted-subject.js';

export interface MemoryTurn extends LawTurn {
  readonly wire: readonly (readonly EventBody[])[];
  /** What an end after `enough` frames adds. */
  readonly added?: readonly EventBody[];
}

/** What comes over the wire: the beginning of the answer, then frames, several in one piece. An error is a break. */
export type Piece = 'answered' | readonly number[];

/** Opens a request: subscribed it is sent, unsubscribed it is closed. */
export type Connect = (body: unknown) => Observable<Piece>;

const said: Message = {
  role: 'assistant',
  content: [
    { type: 'thinking', thinking: 'Let me see', signature: 'c2lnbmVk' },
    { type: 'text', text: 'Hello' },
    { type: 'tool_use', id: 'call_1', name: 'clock', input: { place: 'Lima' } },
  ],
  origin: 'memory',
};
const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, raw: {} };
const wire: readonly (readonly EventBody[])[] = [
  [],
  [{ type: 'thinking', content: 'Let me see', block: 0 }],
  [
    { type: 'text_delta', content: 'Hel', block: 1 },
    { type: 'text_delta', content: 'lo', block: 1 },
  ],
  [{ type: 'tool_input_start', content: { id: 'call_1', name: 'clock' }, block: 2 }],
  [{ type: 'tool_use_start', content: { id: 'call_1', name: 'clock', input: { place: 'Lima' } } }],
];

function turn(name: string, frames: MemoryTurn['wire'], rest: Pick<MemoryTurn, 'enough' | 'added'> = {}): MemoryTurn {
  return { name, wire: frames, tells: frames.map((bodies) => bodies.map(({ type }) => type)), sentBack: said.content, ...rest };
}

const memoryTurns: readonly MemoryTurn[] = [
  turn('a turn with everything', [...wire, [{ type: 'usage', usage }, { type: 'message', message: said, usage }]]),
  turn('a turn that is whole before its last frame', [...wire, [], [{ type: 'raw', content: { provider: 'memory', event: {} } }], [{ type: 'usage', usage }, { type: 'message', message: said, usage }]], {
    enough: { frames: 6, adds: ['message'] },
    added: [{ type: 'message', message: said, usage: null }],
  }),
];

/** A provider that keeps every law, over the wire in memory. */
export const honest =
  (connect: Connect, { wire: frames, enough, added = [] }: MemoryTurn): Provider =>
  (request: ModelRequest) =>
    new Observable((subscriber) => {
      const create = eventFactory(request, 'memory');
      let received = 0;
      let partial = false;
      const tell = (bodies: readonly EventBody[]): void => {
        for (const body of bodies) {
          const event = create(body);
          partial ||= isContentEvent(event);
          subscriber.next(event);
        }
      };
      const isEnough = (): boolean => enough !== undefined && received >= enough.frames;
      const end = (error: Error): void => {
        if (!isEnough()) {
          subscriber.error(error);
          return;
        }
        tell(added);
        subscriber.complete();
      };
      subscriber.add(
        connect(request.messages).subscribe({
          next: (piece) => {
            if (piece === 'answered') {
              request.onAnswer?.();
              return;
            }
            for (const frame of piece) {
              if (subscriber.closed) return;
              received += 1;
              tell(frames[frame] ?? []);
              if (received === frames.length) subscriber.complete();
            }
          },
          error: (error: unknown) => end(new ConnectionError(String(error), { partial })),
          complete: () => end(new TruncatedStreamError('The wire ended', { partial })),
        }),
      );
    });

function memoryBench(makeProvider: (connect: Connect) => Provider): Observable<LawBench> {
  return new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const connect: Connect = (body) =>
      new Observable<Piece>((client) => {
        const pieces = new Subject<Piece>();
        let closed = false;
        exchanges.push({
          body: JSON.parse(JSON.stringify(body)),
          closed: () => closed,
          answer: () => pieces.next('answered'),
          send: (frames) => pieces.next(frames),
          end: () => pieces.complete(),
          break: (how) => pieces.error(how),
        });
        client.add(pieces.subscribe(client));
        client.add(() => (closed = true));
      });
    subscriber.next({ provider: makeProvider(connect), exchanges: () => exchanges });
  });
}

/** A provider over a wire in memory: everything is synchronous, so nothing has to be waited for unless it is owed. */
export function memorySubject(makeProvider: (connect: Connect, turn: MemoryTurn) => Provider = honest): ProviderSubject<MemoryTurn> {
  return {
    name: 'a provider in memory',
    turns: memoryTurns,
    open: (lawTurn) => memoryBench((connect) => makeProvider(connect, lawTurn)),
    breaks: ['broken'],
    sentBack: contentOfSecond,
    official: (_turn, { message }) => [[message.content, said.content]],
    patience: 250,
  };
}
