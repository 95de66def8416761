import * as t from 'io-ts';
import { firstValueFrom, of, Subject, throwError, toArray, type Observable } from 'rxjs';
import { z } from 'zod';
import { custom, progress, tool, type Json, type Tool, type ToolContext, type ToolOutcome } from 'coldstream';
import type { StreamEvent } from '../../src/events/events.js';
import { collect } from '../support/collect.js';

const contextOf = (name: string): ToolContext => ({ id: 'call_1', name, signal: new AbortController().signal, runId: 'run_1', path: [], iteration: 0 });

const run = (made: Tool, input: Json): Observable<StreamEvent | ToolOutcome> =>
  made.run({ id: 'call_1', name: made.name, input }, contextOf(made.name));

/** A tool without input that does the given thing. */
const doing = (execute: (context: ToolContext) => unknown): Tool =>
  tool({ name: 'it', description: '', input: { type: 'object' }, execute: (_, context) => execute(context) });

const outcome = (text: string, rest: Partial<ToolOutcome> = {}): ToolOutcome => ({ type: 'tool_outcome', isError: false, content: [{ type: 'text', text }], ...rest });

describe('the input of a tool', () => {
  const jsonSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } as const;

  it.each<[string, Tool]>([
    ['JSON Schema', tool({ name: 'double', description: '', input: jsonSchema, execute: ({ n }) => n * 2 })],
    ['io-ts', tool({ name: 'double', description: '', input: { codec: t.type({ n: t.number }), jsonSchema }, execute: ({ n }) => n * 2 })],
    ['Standard Schema', tool({ name: 'double', description: '', input: z.object({ n: z.number() }), execute: ({ n }) => n * 2 })],
    ['a Standard Schema beside its JSON Schema', tool({ name: 'double', description: '', input: { codec: z.object({ n: z.number() }), jsonSchema }, execute: ({ n }) => n * 2 })],
  ])('as %s is checked, synchronously, with the path in the message', (_, double) => {
    expect(double.inputSchema).toMatchObject({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] });
    expect(collect(run(double, { n: 21 }))).toEqual([outcome('42', { structured: 42 })]);
    const [refused] = collect(run(double, { n: 'x' }));
    expect(refused).toMatchObject({ type: 'tool_outcome', isError: true, content: [{ text: expect.stringMatching(/double is not valid\. .*\bn\b/) }] });
  });

  it('names a path deep inside, and cuts a long list of faults', () => {
    const deep = tool({
      name: 'deep',
      description: '',
      input: { type: 'object', properties: { list: { type: 'array', items: { type: 'object', properties: { n: { type: 'number' } } } } } },
      execute: () => 'never',
    });
    const [refused] = collect(run(deep, { list: Array.from({ length: 20 }, () => ({ n: 'x' })) }));
    expect(refused).toMatchObject({ content: [{ text: expect.stringMatching(/list\/0\/n.*and \d+ more$/s) }] });
  });

  it('is what the codec made of it', () => {
    const when = tool({ name: 'when', description: '', input: { codec: z.object({ at: z.string().transform((text) => text.length) }), jsonSchema: { type: 'object' } }, execute: ({ at }) => at });
    expect(collect(run(when, { at: 'noon' }))).toEqual([outcome('4', { structured: 4 })]);
  });

  it('may be checked by a promise, where the user\'s schema is asynchronous', async () => {
    const slow = tool({ name: 'slow', description: '', input: { codec: z.object({ n: z.number().refine(async (n) => Promise.resolve(n > 0), 'too small') }), jsonSchema }, execute: () => 'ok' });
    expect(await firstValueFrom(run(slow, { n: 1 }))).toEqual(outcome('ok'));
    expect(await firstValueFrom(run(slow, { n: 0 }))).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('too small') }] });
  });

  it.each<[string, () => Tool, RegExp]>([
    ['a name with a space', () => tool({ name: 'no good', description: '', input: { type: 'object' }, execute: () => '' }), /"no good"/],
    ['a schema that is no object', () => tool({ name: 'x', description: '', input: { type: 'string' }, execute: () => '' }), /"type": "object"/],
    [
      'a Standard Schema without JSON Schema',
      () => tool({ name: 'x', description: '', input: { '~standard': { version: 1, vendor: 'acme', validate: (value: unknown) => ({ value }) } }, execute: () => '' }),
      /acme.*codec: schema/,
    ],
  ])('is refused at once for %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('what a tool returns', () => {
  it.each<[string, unknown, ToolOutcome]>([
    ['text', 'plain', outcome('plain')],
    ['nothing', undefined, outcome('(no output)')],
    ['null', null, outcome('null', { structured: null })],
    ['an object', { a: [1, true] }, outcome('{"a":[1,true]}', { structured: { a: [1, true] } })],
    ['an array of values', [1, 2], outcome('[1,2]', { structured: [1, 2] })],
    ['a date', new Date(0), outcome('"1970-01-01T00:00:00.000Z"', { structured: '1970-01-01T00:00:00.000Z' })],
    ['MCP blocks', [{ type: 'text', text: 'a' }, { type: 'image', data: 'AA==', mimeType: 'image/png' }], { type: 'tool_outcome', isError: false, content: [{ type: 'text', text: 'a' }, { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }] }],
    ['an Observable', of('first', 'last'), outcome('last')],
    ['an Observable of signals alone', of(progress({ progress: 1 })), outcome('(no output)')],
  ])('%s becomes its result', (_, returned, expected) => {
    expect(collect(run(doing(() => returned), {})).at(-1)).toEqual(expected);
  });

  it.each<[string, () => unknown]>([
    ['a promise', () => Promise.resolve('done')],
    [
      'an async iterable',
      async function* () {
        await Promise.resolve();
        yield 'done';
      },
    ],
  ])('%s is followed', async (_, execute) => {
    expect(await firstValueFrom(run(doing(execute), {}))).toEqual(outcome('done'));
  });

  it.each<[string, () => unknown]>([
    ['a circle', () => { const circle: Record<string, unknown> = {}; circle['self'] = circle; return circle; }],
    ['a BigInt', () => 1n],
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('s')],
  ])('T6 %s fails the call, not the run', (_, execute) => {
    const errors: unknown[] = [];
    run(doing(execute), {}).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.any(TypeError)]);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('out of paper'); }],
    ['fails as an Observable', () => throwError(() => new Error('out of paper'))],
  ])('T1 passes on the error when it %s', (_, execute) => {
    const errors: unknown[] = [];
    run(doing(execute), {}).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toMatchObject([{ message: 'out of paper' }]);
  });
});

describe('what a tool emits before its result', () => {
  it('is shown in order: signals and early values', () => {
    const events = collect(run(doing(() => of(progress({ progress: 1, total: 2, message: 'half' }), 'early', custom('note', { a: 1 }), 'late')), {}));
    expect(events).toMatchObject([
      { type: 'tool_progress', content: { id: 'call_1', name: 'it', progress: 1, total: 2, message: 'half' } },
      { type: 'tool_progress', content: { partial: 'early' } },
      { type: 'custom', name: 'note', content: { a: 1 } },
      { type: 'tool_outcome', content: [{ text: 'late' }] },
    ]);
    expect(events[0]).toMatchObject({ runId: 'run_1', path: [], iteration: 0 });
  });

  it('is not waited for: a value is shown though none follows yet', async () => {
    const values$ = new Subject<string>();
    const shown = firstValueFrom(run(doing(() => values$), {}).pipe(toArray()));
    const first = firstValueFrom(run(doing(() => values$), {}));
    values$.next('early');
    expect(await first).toMatchObject({ type: 'tool_progress', content: { partial: 'early' } });
    values$.complete();
    expect(await shown).toMatchObject([{ type: 'tool_progress' }, { type: 'tool_outcome', content: [{ text: 'early' }] }]);
  });
});

describe('what a tool is told', () => {
  it('is the call, the step and a signal', () => {
    const seen: ToolContext[] = [];
    collect(run(doing((context) => seen.push(context)), {}));
    expect(seen).toMatchObject([{ id: 'call_1', name: 'it', runId: 'run_1', path: [], iteration: 0 }]);
    expect(seen[0]?.signal.aborted).toBe(false);
  });
});
