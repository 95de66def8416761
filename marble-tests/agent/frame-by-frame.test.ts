import { createHook } from 'node:async_hooks';
import { map, timer } from 'rxjs';
import { agent, memoryHistory, OverloadedError, retrying, tool } from 'coldstream';
import { event, marbles, scriptedProvider, scriptedTool, type Marbles } from 'coldstream/testing';

/** What would take real time, or could not be seen in virtual time, with how often it was used while the work ran. */
function asynchronously(work: () => void): Readonly<Record<string, number>> {
  const used: Record<string, number> = {};
  const count = (what: string): void => {
    used[what] = (used[what] ?? 0) + 1;
  };
  const spies = [
    jest.spyOn(globalThis, 'setTimeout'),
    jest.spyOn(globalThis, 'setInterval'),
    jest.spyOn(globalThis, 'setImmediate'),
    jest.spyOn(globalThis, 'queueMicrotask'),
    jest.spyOn(process, 'nextTick'),
    jest.spyOn(Promise.prototype, 'then'),
  ];
  // The engine tells of every promise, one of an async function too, which no spy on the constructor would see.
  const hook = createHook({ init: (_id, type) => count(type) }).enable();
  try {
    work();
  } finally {
    hook.disable();
    for (const spy of spies) {
      spy.mock.calls.forEach(() => count(spy.getMockName()));
      spy.mockRestore();
    }
  }
  return used;
}

const hotel = { id: 'call_1', name: 'hotel', input: { city: 'Lima' } };
const flight = { id: 'call_2', name: 'flight', input: { city: 'Lima' } };
const book = { id: 'call_3', name: 'book', input: { room: 7 } };

/** Three turns, two tools side by side, a refusal that is tried again, and a person who takes a minute. */
function travelAgent(m: Marbles) {
  const provider = scriptedProvider([
    m.turn('1s (hf|)', { h: hotel, f: flight }),
    m.turn('200ms #', undefined, { error: new OverloadedError('Overloaded') }),
    m.turn('800ms a-(b|)', { a: 'A room it is.', b: book }),
    m.turn('500ms a--(b|)', { a: 'Booked. ', b: 'Have a good trip!' }),
  ]);
  const tools = [
    scriptedTool('hotel', { free: true }, { latency: 30_000 }),
    scriptedTool('flight', 'full', { latency: 90_000 }),
    scriptedTool('book', 'room 7', { latency: 2_000, approval: 'ask' }),
  ];
  const approve = () => timer(60_000).pipe(map(() => ({ decision: 'allow' as const, reason: 'within the budget' })));
  const history = memoryHistory();
  return { ask: agent({ provider: retrying({ backoff: 5_000, jitter: 0 })(provider), tools, approve, approval: 'allow', history }), provider, history };
}

const lanes = {
  run: '   (si)                              @91s (Mei)                                       @159.002s (Mei) @159.505s (ec|)',
  model: '      @1s (ododum)                 @91.2s y @97s t-(odum)                           @159.502s t--(tum)',
  hotel: '      @1s (b) @31s (rz)',
  flight: '     @1s (b)          @91s (rz)',
  book: '                                                 @97.002s (ba) @157.002s g @159.002s (rz)',
};

describe('three turns, two tools of 30 and 90 seconds, a retry after five and an approval after sixty', () => {
  it('are what they are frame by frame, with no timer and no promise', () => {
    let asked: ReturnType<typeof travelAgent> | undefined;
    const test = marbles((m) => {
      asked = travelAgent(m);
      m.expectRun(asked.ask('A week in Lima')).toBe(lanes);
    });
    expect(asynchronously(test)).toEqual({});
    asked?.provider.assertConsumed();
    expect(asked?.history.messages().map(({ role, content }) => [role, ...content.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'tool_use', 'tool_use'],
      ['user', 'tool_result', 'tool_result'],
      ['assistant', 'text', 'tool_use'],
      ['user', 'tool_result'],
      ['assistant', 'text'],
    ]);
  });

  it('come in this order, all of them', marbles((m) => {
    m.expectRun(travelAgent(m).ask('A week in Lima')).toBe(
      '(si) @1s (odbodbum) @31s (rz) @91s (rzMei) @91.2s y @97s t-(odbuma) @157.002s g @159.002s (rzMei) @159.502s t--(tumec|)',
    );
  }));

  it('are red for a second that a tool takes longer', () => {
    const later = marbles((m) => m.expectRun(travelAgent(m).ask('A week in Lima')).toBe({ ...lanes, hotel: '@1s b @32s (rz)' }));
    expect(later).toThrow(/in lane hotel r \(tool_result\) was expected at frame\s+32000 \(32 s\), but came at frame 31000 \(31 s\)/);
  });
});

describe('the spies see', () => {
  const spied = (execute: () => unknown): Readonly<Record<string, number>> =>
    asynchronously(
      marbles((m) => {
        const clock = tool({ name: 'clock', description: '', input: { type: 'object' }, execute });
        const provider = scriptedProvider([m.turn('(c|)', { c: { id: 'call_1', name: 'clock' } })]);
        m.expectRun(agent({ provider, tools: [clock] })('Hi'), '---!').toBe('(siodbum)', { t: event.text('') });
      }),
    );

  it('a promise, a function that is async, a timer, a tick', () => {
    expect(spied(() => Promise.resolve(1))['PROMISE']).toBeGreaterThan(0);
    expect(spied(async () => 1)['PROMISE']).toBeGreaterThan(0);
    expect(spied(() => new Promise(() => clearTimeout(setTimeout(() => undefined, 1))))).toMatchObject({ Timeout: 1 });
    expect(spied(() => new Promise(() => process.nextTick(() => undefined)))).toMatchObject({ TickObject: 1 });
  });
});
