import { concatMap, defer, finalize, map, Observable, pairwise, ReplaySubject, tap, throwError, timer, type Observer, type Subscription } from 'rxjs';
import { eventFactory, type Provider } from 'coldstream';
import { providerLaws, type ProviderLaw } from 'coldstream/testing';
import { ConnectionError, ProtocolError, TruncatedStreamError } from '../../src/errors/errors.js';
import type { StreamEvent } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { ContentBlock } from '../../src/messages/message.js';
import { honest, memorySubject, type Connect, type MemoryTurn, type Piece } from './memory-subject.js';

type Make = (connect: Connect, turn: MemoryTurn) => Provider;

/** The laws that a provider breaks, with what is said of each. */
async function brokenBy(make: Make): Promise<Readonly<Record<string, string>>> {
  const tests: { readonly law: string; readonly body: () => Promise<void> }[] = [];
  providerLaws(memorySubject(make), {
    describe: (_title, body) => body(),
    it: (title, body) => tests.push({ law: title.slice(0, title.indexOf(':')), body }),
  });
  const broken: Record<string, string> = {};
  for (const { law, body } of tests) {
    await body().catch((error: unknown) => {
      broken[law] ??= String(error);
    });
  }
  return broken;
}

/** An honest provider over a wire that is spoilt. */
const over =
  (spoil: (wire: Observable<Piece>, turn: MemoryTurn) => Observable<Piece>): Make =>
  (connect, turn) =>
    honest((body) => spoil(connect(body), turn), turn);

/** An honest provider whose events are changed. */
const telling =
  (change: (event: StreamEvent, index: number) => StreamEvent): Make =>
  (connect, turn) =>
  (request) =>
    honest(connect, turn)(request).pipe(map(change));

/** An honest provider whose failures are changed; null is a silent end. */
const failing =
  (change: (error: unknown, told: number) => Error | null): Make =>
  (connect, turn) =>
  (request) =>
    new Observable((subscriber) => {
      let told = 0;
      return honest(connect, turn)(request).subscribe({
        next: (event) => {
          told += 1;
          subscriber.next(event);
        },
        complete: () => subscriber.complete(),
        error: (error: unknown) => {
          const other = change(error, told);
          if (other === null) subscriber.complete();
          else subscriber.error(other);
        },
      });
    });

interface Moment {
  readonly answered: boolean;
  readonly frames: number;
  /** In the middle of telling what has come. */
  readonly telling: boolean;
}

/** A provider that closes its request at some moments only. */
const closing = (closes: (moment: Moment) => boolean): Make =>
  over(
    (wire$) =>
      new Observable((subscriber) => {
        const moment = { answered: false, frames: 0, telling: false };
        const subscription: Subscription = wire$.subscribe({
          next: (piece) => {
            if (piece === 'answered') moment.answered = true;
            else moment.frames += piece.length;
            moment.telling = true;
            subscriber.next(piece);
            moment.telling = false;
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        return () => {
          if (closes(moment)) subscription.unsubscribe();
        };
      }),
  );

/** The source; to whoever leaves it, it tells its last event once more. */
function rude(source: Observable<StreamEvent>): Observable<StreamEvent> {
  const subscribe = (observer: Partial<Observer<StreamEvent>>): Subscription => {
    let last: StreamEvent | undefined;
    const farewell = (): void => {
      if (last !== undefined) observer.next?.(last);
    };
    return source.pipe(tap({ next: (event) => (last = event), unsubscribe: farewell })).subscribe(observer);
  };
  return Object.assign(new Observable<StreamEvent>(subscribe), { subscribe });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** The block without what no delta tells of. */
function unsigned(block: ContentBlock): ContentBlock {
  return block.type === 'thinking' ? { type: block.type, thinking: block.thinking } : block;
}

interface Fault {
  readonly fault: string;
  readonly make: Make;
  /** The laws that it breaks, all of them. */
  readonly breaks: readonly ProviderLaw[];
  /** What is said of the first of them. */
  readonly says: RegExp;
}

const faults: readonly Fault[] = [
  {
    fault: 'asks when it is called, and hands the answer to the first who subscribes',
    make: (connect, turn) => (request) => {
      const sent$ = new ReplaySubject<StreamEvent>(Infinity);
      const subscription = honest(connect, turn)(request).subscribe(sent$);
      let taken = false;
      return defer(() => {
        if (taken) return honest(connect, turn)(request);
        taken = true;
        return sent$.pipe(finalize(() => subscription.unsubscribe()));
      });
    },
    breaks: ['cold'],
    says: /2 requests of 2 sources that nobody had subscribed to/,
  },
  {
    fault: 'counts its events on from one subscription to the next',
    make: (connect, turn) => (request) => {
      const create = eventFactory(request, 'memory');
      return honest(connect, turn)(request).pipe(map(({ runId: _runId, seq: _seq, path: _path, iteration: _iteration, timestamp: _timestamp, model: _model, metadata: _metadata, ...body }) => create(body)));
    },
    breaks: ['apart'],
    says: /something else when it was subscribed again: \[0\]\.seq/,
  },
  {
    fault: 'connects a moment later, whether or not anybody is left',
    make: over((wire$) => new Observable((subscriber) => void timer(0).subscribe(() => wire$.subscribe(subscriber.closed ? {} : subscriber)))),
    breaks: ['left at once'],
    says: /After an unsubscription at once, the request is still open at the service/,
  },
  { fault: 'cannot be stopped before the answer', make: closing(({ answered }) => answered), breaks: ['left at once', 'left while connecting', 'left before the answer'], says: /After an unsubscription at once, the request is still open/ },
  { fault: 'cannot be stopped between headers and first frame', make: closing(({ answered, frames }) => !answered || frames > 0), breaks: ['left before the first event'], says: /before the first event, the request is still open/ },
  { fault: 'cannot be stopped while it tells', make: closing(({ telling: busy }) => !busy), breaks: ['left within an event', 'held open'], says: /within event 1 of 7 \(thinking\), the request is still open/ },
  { fault: 'cannot be stopped while it waits for more', make: closing(({ frames, telling: busy }) => frames === 0 || busy), breaks: ['left between events', 'apart'], says: /after 1 of 6 frames, the request is still open/ },
  {
    fault: 'keeps the connection of a whole turn',
    make: (connect, turn) => (request) => defer(() => {
      let whole = false;
      const kept: Connect = (body) =>
        new Observable((subscriber) => {
          const subscription = connect(body).subscribe({
            next: (piece) => subscriber.next(piece),
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          });
          return () => {
            if (!whole) subscription.unsubscribe();
          };
        });
      return honest(kept, turn)(request).pipe(tap({ complete: () => (whole = true) }));
    }),
    breaks: ['held open'],
    says: /After a whole turn, the request is still open at the service/,
  },
  {
    fault: 'tells on when it was left',
    make: (connect, turn) => (request) => rude(honest(connect, turn)(request)),
    breaks: ['left between events', 'apart'],
    says: /still told thinking, .* to a consumer that had left/,
  },
  {
    fault: 'never says that the answer begins',
    make: (connect, turn) => ({ onAnswer: _onAnswer, ...request }) => honest(connect, turn)(request),
    breaks: ['answer announced'],
    says: /The headers were sent, and the provider has not called onAnswer/,
  },
  {
    fault: 'says that the answer begins when it asks',
    make: (connect, turn) => (request) => defer(() => {
      request.onAnswer?.();
      return honest(connect, turn)({ ...request, onAnswer: () => undefined });
    }),
    breaks: ['answer announced'],
    says: /announced an answer before there was one/,
  },
  {
    fault: 'says twice that the answer begins',
    make: (connect, turn) => (request) => honest(connect, turn)({ ...request, onAnswer: () => [1, 2].forEach(() => request.onAnswer?.()) }),
    breaks: ['answer announced'],
    says: /announced one answer 2 times/,
  },
  {
    fault: 'completes when the stream ends early',
    make: failing((error) => (error instanceof TruncatedStreamError ? null : asError(error))),
    breaks: ['ended early'],
    says: /After 0 of 6 frames and a clean end, the provider completed after nothing; owed: TruncatedStreamError/,
  },
  {
    fault: 'completes when the connection breaks in the middle',
    make: failing((error, told) => (error instanceof ConnectionError && told > 0 ? null : asError(error))),
    breaks: ['broken'],
    says: /After 2 of 6 frames and a break \(broken\), the provider completed after thinking; owed: ConnectionError or TruncatedStreamError/,
  },
  {
    fault: 'completes when the connection breaks before the answer',
    make: (connect, turn) => (request) => {
      let answered = false;
      return failing((error) => (answered ? asError(error) : null))((body) => connect(body).pipe(tap(() => (answered = true))), turn)(request);
    },
    breaks: ['broken before the answer'],
    says: /After a break before the answer \(broken\), the provider completed after nothing/,
  },
  {
    fault: 'fails with an error of nobody',
    make: failing(() => new TypeError('terminated')),
    breaks: ['ended early', 'broken before the answer', 'broken'],
    says: /failed with TypeError "terminated", which is none of the package's errors/,
  },
  {
    fault: 'fails with another error of ours',
    make: failing(() => new ProtocolError('odd')),
    breaks: ['ended early', 'broken before the answer', 'broken'],
    says: /failed with ProtocolError \("odd"\); owed: TruncatedStreamError/,
  },
  {
    fault: 'never says that it has told a part',
    make: failing((error) => (error instanceof TruncatedStreamError ? new TruncatedStreamError('ended') : asError(error))),
    breaks: ['ended early'],
    says: /After 2 of 6 frames and a clean end, the error says partial: false, though the provider told thinking/,
  },
  {
    fault: 'says that asking again is of no use',
    make: failing((error) => (error instanceof TruncatedStreamError ? new TruncatedStreamError('ended', { retryable: false, partial: error.partial }) : asError(error))),
    breaks: ['ended early'],
    says: /retryable: false/,
  },
  {
    fault: 'takes a turn that is whole for one that was cut',
    make: (connect, { enough: _enough, ...turn }) => honest(connect, turn),
    breaks: ['ended early', 'broken'],
    says: /After 6 of 8 frames and a clean end, the turn is whole, but the provider failed with TruncatedStreamError/,
  },
  {
    fault: 'holds an event back until the next one comes',
    make: (connect, turn) => (request) => honest(connect, turn)(request).pipe(pairwise(), concatMap(([before, event]) => (event.type === 'message' ? [before, event] : [before]))),
    breaks: ['ended early', 'broken', 'left between events', 'apart'],
    says: /After 2 of 6 frames and a clean end, the provider told nothing; owed: thinking/,
  },
  {
    fault: 'minds what comes after the terminal frame',
    make: over((wire$, turn) =>
      wire$.pipe(
        map((piece) => {
          if (piece !== 'answered' && piece.length > turn.wire.length) throw new ProtocolError('too much');
          return piece;
        }),
      ),
    ),
    breaks: ['surplus'],
    says: /After a turn that was sent twice, the turn is whole, but the provider failed/,
  },
  { fault: 'numbers its events from 1', make: telling((event) => ({ ...event, seq: event.seq + 1 })), breaks: ['order'], says: /Event 0 \(thinking\) is not of the step that was asked: seq: expected 0, got 1/ },
  { fault: 'forgets which step it was asked', make: telling((event) => ({ ...event, path: [] })), breaks: ['order'], says: /is not of the step that was asked: path/ },
  { fault: 'tells of a value that JSON does not know', make: telling((event) => ({ ...event, metadata: Object.assign(Object.create(null), { at: undefined }) })), breaks: ['plain'], says: /is not plain JSON/ },
  { fault: 'tells a block that is none', make: telling((event) => (event.type === 'text_delta' ? { ...event, block: -1 } : event)), breaks: ['plain', 'lossless'], says: /none that the codec StreamEvent knows/ },
  {
    fault: 'changes an event that it has told',
    make: (connect, turn) => (request) => {
      const metadata: Record<string, Json> = {};
      return honest(connect, turn)(request).pipe(map((event, index) => {
        metadata['told'] = index;
        return { ...event, metadata };
      }));
    },
    breaks: ['plain'],
    says: /was changed after it was told/,
  },
  { fault: 'says the wrong block', make: telling((event) => (event.type === 'text_delta' ? { ...event, block: 0 } : event)), breaks: ['lossless'], says: /says block 0, which is thinking in the message/ },
  { fault: 'loses a piece of text', make: telling((event) => (event.type === 'text_delta' ? { ...event, content: event.content.slice(0, 2) } : event)), breaks: ['lossless'], says: /The deltas tell something else than the message/ },
  {
    fault: 'loses what the deltas do not tell',
    make: telling((event) => (event.type === 'message' ? { ...event, message: { ...event.message, content: event.message.content.map(unsigned) } } : event)),
    breaks: ['lossless', 'round trip'],
    says: /The message is not what the turn held: \[0\]\.signature/,
  },
  {
    fault: 'sends back less than came',
    make: (connect, turn) => (request) => honest(connect, turn)({ ...request, messages: request.messages.map((message) => ({ ...message, content: message.content.map(unsigned) })) }),
    breaks: ['round trip'],
    says: /The message was not sent back as it came: \[0\]\.signature/,
  },
  {
    fault: 'leaves an error to nobody',
    make: failing((error) => {
      throwError(() => error).subscribe();
      return asError(error);
    }),
    breaks: ['ended early', 'broken before the answer', 'broken'],
    says: /Nobody handled The wire ended/,
  },
];

/** Every law that there is: none can be forgotten, and none be impossible to break. */
const every: Readonly<Record<ProviderLaw, true>> = {
  cold: true,
  apart: true,
  'left at once': true,
  'left while connecting': true,
  'left before the answer': true,
  'left before the first event': true,
  'left within an event': true,
  'left between events': true,
  'answer announced': true,
  'ended early': true,
  'broken before the answer': true,
  broken: true,
  'held open': true,
  surplus: true,
  order: true,
  plain: true,
  lossless: true,
  'round trip': true,
};

it('has a provider that breaks each law', () => {
  expect([...new Set(faults.flatMap(({ breaks }) => breaks))].sort()).toEqual(Object.keys(every).sort());
});

it('an honest provider breaks none', async () => {
  expect(await brokenBy(honest)).toEqual({});
});

it.each(faults)('a provider that $fault breaks $breaks, and that alone', async ({ make, breaks, says }) => {
  const broken = await brokenBy(make);
  expect(Object.keys(broken).sort()).toEqual([...breaks].sort());
  expect(broken[breaks[0] ?? '']).toMatch(says);
});
