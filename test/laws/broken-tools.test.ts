import { concat, defer, EMPTY, map, mergeMap, Observable, of, ReplaySubject, Subject, throwError } from 'rxjs';
import { progress, tool, type Tool } from 'coldstream';
import { event, toolLaws, type ToolBench, type ToolLaw, type ToolSubject, type ToolWork } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { errorOutcome, type ToolOutcome } from '../../src/tools/types.js';

type Item = StreamEvent | ToolOutcome;
type Run = Tool['run'];

/** What a tool works on: subscribed, a call begins; unsubscribed, it is stopped. */
type Connect = () => Observable<'report' | 'answer'>;

function bench(make: (connect: Connect) => Tool): Observable<ToolBench> {
  return defer(() => {
    const calls: ToolWork[] = [];
    const connect: Connect = () =>
      new Observable((client) => {
        const pieces = new Subject<'report' | 'answer'>();
        let closed = false;
        calls.push({
          closed: () => closed,
          report: () => pieces.next('report'),
          answer: () => pieces.next('answer'),
          fail: () => pieces.error(new Error('out of paper')),
        });
        client.add(pieces.subscribe(client));
        client.add(() => (closed = true));
      });
    return concat(of({ tool: make(connect), work: () => calls }), new Subject<never>());
  });
}

/** The tool that `tool()` makes of it, which keeps every law. */
const honest = (connect: Connect): Tool =>
  tool({
    name: 'print',
    description: '',
    input: { type: 'object' },
    execute: () =>
      new Observable((subscriber) =>
        connect().subscribe({
          next: (piece) => {
            subscriber.next(piece === 'report' ? progress({ progress: 1 }) : 'printed');
            if (piece === 'answer') subscriber.complete();
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      ),
  });

const subjectOf = (make: (connect: Connect) => Tool): ToolSubject => ({ name: 'a tool in memory', open: () => bench(make), patience: 250 });

/** An honest tool whose calls are changed. */
const over =
  (change: (run: Observable<Item>) => Observable<Item>) =>
  (connect: Connect): Tool => {
    const made = honest(connect);
    const run: Run = (call, context) => change(made.run(call, context));
    return { ...made, run };
  };

/** The laws that a tool breaks, with what is said of each. */
async function brokenBy(make: (connect: Connect) => Tool): Promise<Readonly<Record<string, string>>> {
  const tests: { readonly law: string; readonly body: () => Promise<void> }[] = [];
  toolLaws(subjectOf(make), { describe: (_title, body) => body(), it: (title, body) => tests.push({ law: title.slice(0, title.indexOf(':')), body }) });
  const broken: Record<string, string> = {};
  for (const { law, body } of tests) {
    await body().catch((error: unknown) => {
      broken[law] = String(error);
    });
  }
  return broken;
}

const isAnswer = (item: Item): item is ToolOutcome => item.type === 'tool_outcome';

const faults: readonly { readonly fault: string; readonly make: (connect: Connect) => Tool; readonly breaks: readonly ToolLaw[]; readonly says: RegExp }[] = [
  {
    fault: 'begins as it is called',
    make: over((run$) => {
      const kept$ = new ReplaySubject<Item>(10);
      const subscription = run$.subscribe(kept$);
      return new Observable((subscriber) => kept$.subscribe(subscriber).add(() => subscription.unsubscribe()));
    }),
    breaks: ['cold', 'apart'],
    says: /A call began that nobody had subscribed to/,
  },
  {
    fault: 'never stops its work',
    make: over(
      (run$) =>
        new Observable((subscriber) => {
          run$.subscribe({ next: (item) => subscriber.next(item), error: (error: unknown) => subscriber.error(error), complete: () => subscriber.complete() });
        }),
    ),
    breaks: ['left at once', 'left while working'],
    says: /Left at once, it still works/,
  },
  {
    fault: 'answers twice',
    make: over((run$) => run$.pipe(mergeMap((item) => (isAnswer(item) ? [item, item] : [item])))),
    breaks: ['apart', 'answered'],
    says: /told 2 outcomes/,
  },
  {
    fault: 'goes on after its answer',
    make: over((run$) => concat(run$, of(event.toolProgress('call_of_the_laws', 'print', {}, { runId: 'run_of_the_laws', path: ['call_1'], iteration: 2 })))),
    breaks: ['apart', 'answered'],
    says: /After its outcome it told tool_progress/,
  },
  {
    fault: 'answers, and then fails',
    make: over((run$) => concat(run$, throwError(() => new Error('late')))),
    breaks: ['answered'],
    says: /It was answered, and failed with Error "late"/,
  },
  {
    fault: 'takes every answer for an error',
    make: over((run$) => run$.pipe(map((item) => (isAnswer(item) ? errorOutcome('no') : item)))),
    breaks: ['answered'],
    says: /its outcome is an error/,
  },
  {
    fault: 'takes a failure for an answer',
    make: over((run$) => new Observable((subscriber) => run$.subscribe({ next: (item) => subscriber.next(item), error: () => { subscriber.next({ ...errorOutcome('fine'), isError: false }); subscriber.complete(); }, complete: () => subscriber.complete() }))),
    breaks: ['failed'],
    says: /It failed, and its outcome is no error/,
  },
  {
    fault: 'says nothing of a failure',
    make: over((run$) => new Observable((subscriber) => run$.subscribe({ next: (item) => subscriber.next(item), error: () => undefined, complete: () => subscriber.complete() }))),
    breaks: ['failed'],
    says: /After its failure, the call came to no end/,
  },
  {
    fault: 'reports in the name of another call',
    make: over((run$) => run$.pipe(map((item) => (item.type === 'tool_progress' ? { ...item, content: { ...item.content, id: 'other' } } : item)))),
    breaks: ['of the call'],
    says: /is not of its call: id: expected "call_of_the_laws", got "other"/,
  },
  {
    fault: 'reports in the name of another run',
    make: over((run$) => run$.pipe(map((item) => (isAnswer(item) ? item : { ...item, runId: 'other' })))),
    breaks: ['of the call'],
    says: /is not of its call: runId/,
  },
  {
    fault: 'answers with what is no JSON',
    make: over((run$) => run$.pipe(map((item) => Object.assign({ ...item }, { extra: undefined })))),
    breaks: ['plain'],
    says: /is not plain JSON: extra/,
  },
];

const every: Readonly<Record<ToolLaw, true>> = {
  cold: true,
  apart: true,
  'left at once': true,
  'left while working': true,
  answered: true,
  failed: true,
  'of the call': true,
  plain: true,
};

it('has a tool that breaks each law', () => {
  expect([...new Set(faults.flatMap(({ breaks }) => breaks))].sort()).toEqual(Object.keys(every).sort());
});

toolLaws(subjectOf(honest));

it.each(faults)('a tool that $fault breaks $breaks', async ({ make, breaks, says }) => {
  const broken = await brokenBy(make);
  expect(Object.keys(broken).sort()).toEqual([...breaks].sort());
  expect(broken[breaks[0] ?? '']).toMatch(says);
});

it('says what a subject lacks, and names what it is without', async () => {
  const lacking: ToolSubject = {
    ...subjectOf(honest),
    open: () => bench(honest).pipe(map(({ tool: made, work }) => ({ tool: made, work: () => work().map(({ fail: _fail, ...rest }) => rest) }))),
  };
  const titles: string[] = [];
  const tests: (() => Promise<void>)[] = [];
  const describeInto = (title: string, body: () => void): void => {
    titles.push(title);
    body();
  };
  const runner = { describe: describeInto, it: (title: string, body: () => Promise<void>) => (title.startsWith('failed') ? tests.push(body) : 0) };
  toolLaws(lacking, runner);
  await expect(tests[0]?.()).rejects.toThrow('The subject gives no `fail` of its work');
  toolLaws({ ...lacking, without: { failed: 'it cannot fail' } }, runner);
  expect(titles[1]).toBe('a tool in memory keeps the laws of tools; not “failed”, since it cannot fail');
  toolLaws({ ...lacking, open: () => EMPTY }, runner);
  await expect(tests.at(-1)?.()).rejects.toThrow('The subject opened nothing');
});
