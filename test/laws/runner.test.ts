import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EMPTY, map, throwError, type Observable } from 'rxjs';
import { providerLaws, type LawBench, type LawExchange, type LawRunner } from 'coldstream/testing';
import { memorySubject, type MemoryTurn } from './memory-subject.js';

interface Announced {
  readonly title: string;
  readonly body: () => Promise<void>;
}

function collecting(): { readonly runner: LawRunner; readonly titles: readonly string[]; readonly tests: readonly Announced[] } {
  const titles: string[] = [];
  const tests: Announced[] = [];
  const announce = (title: string, body: () => Promise<void>) => void tests.push({ title, body });
  const describeInto = (title: string, body: () => void): void => {
    titles.push(title);
    body();
  };
  return { runner: { describe: describeInto, it: announce }, titles, tests };
}

const subject = memorySubject();

/** How the law of that name fails over the service. */
async function failureOf(law: string, changed: Partial<typeof subject>): Promise<string> {
  const { runner, tests } = collecting();
  providerLaws({ ...subject, ...changed }, runner);
  const test = tests.find(({ title }) => title.startsWith(`${law}:`));
  return test === undefined ? 'no such test' : test.body().then(() => 'none', String);
}

describe('what is announced', () => {
  it('has a title for each turn, and the laws that no turn changes only once', () => {
    const { runner, titles, tests } = collecting();
    providerLaws(subject, runner);
    expect(titles).toEqual(['a provider in memory keeps the laws of providers', 'over a turn with everything', 'over a turn that is whole before its last frame']);
    const counts = tests.reduce<Record<string, number>>((sum, { title }) => ({ ...sum, [title]: (sum[title] ?? 0) + 1 }), {});
    expect(Object.values(counts).filter((count) => count === 2)).toHaveLength(11);
    expect(Object.values(counts).filter((count) => count === 1)).toHaveLength(7);
  });

  it('names a law that the subject is without, and why, in the title of the suite', () => {
    const { runner, titles, tests } = collecting();
    providerLaws({ ...subject, without: { 'held open': 'it has no connection', surplus: 'it stops' } }, runner);
    expect(titles[0]).toBe('a provider in memory keeps the laws of providers; not “held open”, since it has no connection; not “surplus”, since it stops');
    expect(tests.filter(({ title }) => /^(?:held open|surplus)/.test(title))).toEqual([]);
    expect(tests.some(({ title }) => title.startsWith('cold'))).toBe(true);
  });
});

describe('a subject that is not whole', () => {
  it('has a turn', () => {
    expect(() => providerLaws({ ...subject, turns: [] }, collecting().runner)).toThrow('a subject without a turn');
  });

  it.each([
    ['broken', { breaks: [] }, 'The subject gives no `breaks`'],
    ['round trip', { turns: subject.turns.map(({ sentBack: _sentBack, ...turn }) => turn) }, 'The subject gives no `sentBack` of its turn'],
    ['cold', { open: () => EMPTY }, 'The subject opened no service'],
    ['cold', { open: () => throwError(() => new Error('no port')) }, 'The law “cold” is broken. no port'],
  ])('fails %s and says why', async (law, changed, says) => {
    expect(await failureOf(law, changed)).toContain(says);
  });

  it.each([
    ['answer announced', 'answer', ({ answer: _answer, ...exchange }: LawExchange): LawExchange => exchange],
    ['ended early', 'end', ({ end: _end, ...exchange }: LawExchange): LawExchange => exchange],
    ['broken', 'break', ({ break: _break, ...exchange }: LawExchange): LawExchange => exchange],
  ])('fails %s without %s of its exchanges', async (law, member, lacking) => {
    const open = (turn: MemoryTurn): Observable<LawBench> =>
      subject.open(turn).pipe(map(({ provider, exchanges }) => ({ provider, exchanges: () => exchanges().map(lacking) })));
    expect(await failureOf(law, { open })).toContain(`The subject gives no \`${member}\` of its exchanges: give it, or say in \`without\` why this law cannot be held.`);
  });
});

describe('under the runner of Node', () => {
  const fixture = join(__dirname, 'fixtures', 'node-test.ts');
  const run = (...args: readonly string[]) => spawnSync(process.execPath, ['--import', 'tsx', fixture, ...args], { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } });

  it('the laws hold, or fail by name', () => {
    const [honestRun, brokenRun] = [run(), run('broken')];
    expect(honestRun.stdout).toContain('# fail 0');
    expect(honestRun.status).toBe(0);
    expect(brokenRun.stdout).toMatch(/not ok \d+ - answer announced: /);
    expect(brokenRun.stdout).toContain('The law “answer announced” is broken. The headers were sent, and the provider has not called onAnswer');
    expect(brokenRun.stdout).toContain('# fail 1');
    expect(brokenRun.status).toBe(1);
  });
});
