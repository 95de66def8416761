import type { Observable, ObservableInput } from 'rxjs';
import { messageOf } from '../../errors/describe.js';
import type { StreamEvent, StreamEventOf } from '../../events/events.js';
import type { ModelRequest } from '../../provider.js';
import { consume, type Consumer } from './consumer.js';
import { createJudge, fail, list, typesOf, type Judge } from './judge.js';
import type { LawBench, LawExchange, LawTurn, ProviderSubject } from './subject.js';
import { eventually } from './waiting.js';

/** What a law cannot be held without: members of an exchange, of the turn or of the subject. */
export type Need = 'answer' | 'end' | 'break' | 'breaks' | 'sentBack';

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** What the laws ask. Frozen, with all that is in it: a provider that writes into its request fails. */
export const QUESTION: ModelRequest = frozen({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  runId: 'run_of_the_laws',
  path: ['call_1'],
  iteration: 2,
  attempt: 1,
});

/** One law at work on one service. */
export interface Trial extends Judge {
  readonly turn: LawTurn;
  readonly subject: Pick<ProviderSubject, 'breaks' | 'sentBack' | 'without'>;
  readonly bench: LawBench;
  /** How many frames the turn has. */
  readonly frames: number;
  readonly official: (event: StreamEventOf<'message'>) => ObservableInput<readonly [told: unknown, official: unknown]>;
  readonly request: (more?: Partial<ModelRequest>) => Observable<StreamEvent>;
  readonly hear: (source: Observable<StreamEvent>) => Consumer;
  readonly ask: (more?: Partial<ModelRequest>) => Consumer;
  /** Waits until this many requests have come, and gives the last of them. */
  readonly exchange: (count: number) => Promise<LawExchange>;
  /** Sends all frames, or the ones from a position on. */
  readonly sendAll: (exchange: LawExchange, from?: number) => void;
  /** Answers, and sends the first frames. */
  readonly give: (exchange: LawExchange, frames: number) => void;
  /** Waits until the consumer has been told all that the first frames tell. */
  readonly told: (consumer: Consumer, frames: number, when: string) => Promise<void>;
  /** Waits until the consumer has heard an end. */
  readonly over: (consumer: Consumer, when: string) => Promise<void>;
  /** Waits until the service sees that the exchange is over. */
  readonly closed: (exchange: LawExchange, when: string) => Promise<void>;
  /** Waits until every exchange is over but the ones of `barrier`. */
  readonly allClosed: (when: string) => Promise<void>;
  /** Asks once more, to the end: whatever was on its way has arrived by then. Answers what comes meanwhile. */
  readonly barrier: () => Promise<void>;
  /** Waits until something is so. */
  readonly until: (isSo: () => boolean, owed: string) => Promise<void>;
  /** Fails if a consumer heard anything after its end, or after it left. */
  readonly quiet: () => void;
  readonly dispose: () => void;
}

function missing(what: string): string {
  return `The subject gives no ${what}: give it, or say in \`without\` why this law cannot be held.`;
}

function requireOf({ breaks = [], sentBack }: Pick<ProviderSubject, 'breaks' | 'sentBack'>, turn: LawTurn, needs: readonly Need[]): void {
  if (needs.includes('breaks') && breaks.length === 0) fail(missing('`breaks`'));
  if (!needs.includes('sentBack')) return;
  if (sentBack === undefined) fail(missing('`sentBack`'));
  if (turn.sentBack === undefined) fail(missing('`sentBack` of its turn'));
}

function requireIn(exchange: LawExchange, needs: readonly Need[]): void {
  for (const need of needs) {
    if ((need === 'answer' || need === 'end' || need === 'break') && exchange[need] === undefined) fail(missing(`\`${need}\` of its exchanges`));
  }
}

type Service = Pick<Trial, 'sendAll' | 'give' | 'exchange' | 'closed' | 'allClosed' | 'barrier'>;

/** The service's side. */
function serviceSide(bench: LawBench, frames: number, needs: readonly Need[], patience: number, ask: () => Consumer, troubles: () => string): Service {
  const barriers = new Set<LawExchange>();
  const sendAll: Trial['sendAll'] = (exchange, from = 0) => exchange.send(Array.from({ length: frames - from }, (_, index) => from + index));
  const give: Trial['give'] = (exchange, count) => {
    exchange.answer?.();
    exchange.send(Array.from({ length: count }, (_, frame) => frame));
  };
  const closed: Trial['closed'] = (exchange, when) => eventually(exchange.closed, () => `${when}, the request is still open at the service`, patience);
  return {
    sendAll,
    give,
    closed,
    exchange: async (count) => {
      const seen = (): number => bench.exchanges().length;
      await eventually(() => seen() >= count, () => `The service got ${seen()} requests, and should have got ${count}${troubles()}`, patience);
      const exchange = bench.exchanges()[count - 1] ?? fail('The service has lost a request.');
      requireIn(exchange, needs);
      return exchange;
    },
    allClosed: async (when) => {
      for (const exchange of bench.exchanges()) if (!barriers.has(exchange)) await closed(exchange, when);
    },
    barrier: async () => {
      const before = bench.exchanges().length;
      const consumer = ask();
      let answered = before;
      const isOver = (): boolean => {
        const waiting = bench.exchanges().slice(answered);
        answered += waiting.length;
        for (const exchange of waiting) give(exchange, frames);
        return consumer.ended() !== undefined;
      };
      await eventually(isOver, () => `A whole turn came to no end${troubles()}`, patience);
      // What had been sent before arrived before.
      const own = bench.exchanges().at(-1);
      if (own !== undefined) barriers.add(own);
    },
  };
}

export function createTrial<Turn extends LawTurn>(subject: ProviderSubject<Turn>, turn: Turn, bench: LawBench, needs: readonly Need[]): Trial {
  requireOf(subject, turn, needs);
  const { patience = 5_000 } = subject;
  const consumers: Consumer[] = [];
  const judge = createJudge(turn);
  const troubles = (): string => {
    const failed = consumers.find((consumer) => consumer.ended() === 'error');
    return failed === undefined ? '' : `; the provider failed: ${messageOf(failed.error())}`;
  };
  const hear: Trial['hear'] = (source) => {
    const consumer = consume(source);
    consumers.push(consumer);
    return consumer;
  };
  const request: Trial['request'] = (more = {}) => bench.provider(frozen({ ...QUESTION, ...more }));
  const ask: Trial['ask'] = (more) => hear(request(more));
  return {
    ...judge,
    ...serviceSide(bench, turn.tells.length, needs, patience, ask, troubles),
    subject,
    turn,
    bench,
    frames: turn.tells.length,
    official: (event) => subject.official?.(turn, event) ?? [],
    request,
    hear,
    ask,
    until: (isSo, owed) => eventually(isSo, () => owed, patience),
    over: (consumer, when) => {
      const owed = (): string => `${when}, the provider told ${list(typesOf(consumer.events))} and then neither completed nor failed`;
      return eventually(() => consumer.ended() !== undefined, owed, patience);
    },
    told: (consumer, frames, when) => {
      const types = judge.owed(frames);
      const isSo = (): boolean => consumer.events.length >= types.length || consumer.ended() !== undefined;
      return eventually(isSo, () => `${when}, the provider told ${list(typesOf(consumer.events))}; owed: ${list(types)}`, patience);
    },
    quiet: () => {
      const late = consumers.flatMap((consumer) => consumer.late);
      if (late.length > 0) fail(`The provider still told ${list(late)} to a consumer that had left, or had heard the end.`);
    },
    dispose: () => {
      for (const consumer of consumers) consumer.leave();
    },
  };
}
