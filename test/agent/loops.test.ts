import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StreamEvent } from 'coldstream';
import { caseOf, type LoopCase } from '../../scripts/loops/case.js';
import { approvalFault, faultOf, scheduleFault } from '../../scripts/loops/judge.js';
import { play, type Played } from '../../scripts/loops/play.js';

/** The short form of `npm run loops`. */
const runs = 1_500;
const seed = 20;

describe('random loops', () => {
  it(`C8 C9: hold the laws, ${String(runs)} of them: seed ${String(seed)}`, () => {
    for (let number = 0; number < runs; number += 1) {
      const one = caseOf(seed, number);
      const fault = faultOf(one, play(one));
      if (fault !== undefined) throw new Error(`npm run loops -- --seed ${String(seed)} --case ${String(number)}: ${fault}`);
    }
  });

  it('are the same for the same seed, and others for another', () => {
    expect(play(caseOf(1, 2)).events.length).toBe(play(caseOf(1, 2)).events.length);
    expect(caseOf(1, 2)).toEqual(caseOf(1, 2));
    expect(caseOf(1, 2)).not.toEqual(caseOf(1, 3));
    expect(caseOf(1, 2)).not.toEqual(caseOf(2, 2));
  });

  it('can be asked for by number, and tell how to repeat one', async () => {
    const script = join(__dirname, '../../scripts/loops.ts');
    const call = (...args: readonly string[]) => promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args]);
    const { stdout } = await call('--seed', '1', '--case', '2');
    expect(stdout).toContain('run 2 of seed 1 holds');
    await expect(call('--runs', 'many')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--runs takes a whole number') });
  });
});

describe('the judge of the loops', () => {
  const one: LoopCase = {
    turns: [{ text: ['So'], calls: ['quick', 'slow', 'broken'], ending: 'whole', pace: 0 }],
    maxIterations: 5,
    toolConcurrency: 8,
    approval: 'all',
    limit: 'none',
    eager: [],
    exclusive: ['broken'],
    retries: false,
    history: 'sound',
    appending: 0,
  };
  const played = play(one);
  const { events } = played;
  const numbered = (some: readonly StreamEvent[]): readonly StreamEvent[] => some.map((event, seq) => ({ ...event, seq }));
  const without = (type: StreamEvent['type']): readonly StreamEvent[] => numbered(events.filter((event) => event.type !== type));
  const at = (type: StreamEvent['type']): number => events.findIndex((event) => event.type === type);
  const twice = (type: StreamEvent['type']): readonly StreamEvent[] => numbered(events.flatMap((event, index) => (index === at(type) ? [event, event] : [event])));
  const fault = (changed: Partial<Played>) => faultOf(one, { ...played, ...changed });

  it('finds nothing in a run that holds', () => {
    expect(events.map(({ type }) => type)).toContain('tool_use_end');
    expect(faultOf(one, played)).toBeUndefined();
  });

  it.each<[string, Partial<Played>, string]>([
    ['a gap in the numbers', { events: events.filter((_, index) => index !== 3) }, 'has seq'],
    ['an event after the last', { events: numbered([...events, ...events.slice(-1)]) }, 'last events'],
    ['a run without an end', { events: without('complete') }, 'last events'],
    ['an Rx error', { failure: new Error('oh') }, 'an Rx error'],
    ['an event after the unsubscription', { late: events.slice(0, 1) }, 'came after'],
    ['a run that hangs', { unsubscribed: 'since it hung', completed: false }, 'did not end'],
    ['a call without a result', { events: without('tool_result') }, 'tool_use_end of'],
    ['a call without an end', { events: without('tool_use_end') }, 'the run is over'],
    ['two results of one call', { events: twice('tool_result') }, 'tool_result of'],
    ['two ends of one call', { events: twice('tool_use_end') }, 'tool_use_end of'],
    ['a call that starts twice', { events: twice('tool_use_start') }, 'tool_use_start of'],
    ['something before the start', { events: without('run_start') }, 'the first event'],
    ['a tool that runs on', { running: ['slow'] }, 'still running: slow'],
    ['a history that is broken', { kept: [...played.kept].slice(0, -2) }, 'the history that was kept'],
    ['a request that is broken', { requests: [{ messages: played.kept.slice(0, -2) }] }, 'request 0'],
    ['a history that lacks what was said', { kept: played.kept.slice(0, -1) }, 'the run says'],
  ])('finds %s', (_, changed, found) => {
    expect(fault(changed)).toContain(found);
  });

  it('finds tools that ran at once, or without leave', () => {
    const [first, ...others] = played.calls;
    const overlapping = first === undefined ? [] : [{ ...first, endedAt: first.startedAt + 20 }, ...others];
    expect(scheduleFault({ ...one, toolConcurrency: 1 }, overlapping)).toContain('2 tools ran at once');
    expect(scheduleFault({ ...one, exclusive: ['quick'] }, overlapping)).toContain('ran at once');
    expect(scheduleFault(one, overlapping)).toBeUndefined();
    const denied = events.map((event): StreamEvent => (event.type === 'tool_approval' && event.content.decision === 'granted' ? { ...event, content: { ...event.content, decision: 'denied' } } : event));
    expect(fault({ events: denied })).toContain('was not allowed');
    expect(fault({ events: twice('tool_approval') })).toContain('requested of');
    expect(approvalFault(without('tool_approval'), played.calls)).toBeUndefined();
  });

  it('finds results that are not in the order of their calls, and results that are not told', () => {
    const swapped = events.map((event): StreamEvent => (event.type === 'message' && event.message.role === 'user' ? { ...event, message: { ...event.message, content: [...event.message.content].reverse() } } : event));
    expect(fault({ events: swapped })).toContain('in the order');
    const untold = numbered(events.filter((event) => event.type !== 'message' || event.message.role !== 'user'));
    expect(fault({ events: untold })).toContain('without a message of results');
  });
});
