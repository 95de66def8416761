import { getEventListeners } from 'node:events';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitationCompleteNotificationSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { finalize, firstValueFrom, map, mergeMap, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import type { ElicitationAnswer, ElicitationRequest, McpNotice, McpStdioOptions } from 'coldstream/mcp';
import { elicitationCapabilities, eliciting } from '../../src/tools/mcp/elicitation.js';
import { call, nobodyLeft, outcome, server, textOf, until, using } from './support.js';

afterEach(nobodyLeft);

type Asked = Observable<ElicitationRequest>;
const elicitor = (options: McpStdioOptions): ReturnType<typeof server> => server('elicitor.mjs', [], options);
const answering = (answer: Omit<ElicitationAnswer, 'id'>) => (requests: Asked): Observable<ElicitationAnswer> => requests.pipe(map(({ id }) => ({ id, ...answer })));

describe('elicitation', () => {
  it('hands a form to whoever answers, and puts in the defaults of its schema', async () => {
    const seen: ElicitationRequest[] = [];
    const elicit = (requests: Asked): Observable<ElicitationAnswer> =>
      requests.pipe(
        mergeMap((request) => {
          seen.push(request);
          return of({ id: request.id, action: 'accept', content: { name: 'Ada' } } as const);
        }),
      );
    await using(elicitor({ elicit }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'form' }))).toEqual({ action: 'accept', content: { name: 'Ada', size: 7 } });
    });
    expect(seen).toMatchObject([{ mode: 'form', message: 'Who are you?', server: process.execPath, schema: { type: 'object', required: ['name'] } }]);
  });

  it('puts in the defaults also where nothing was filled in', () =>
    using(elicitor({ elicit: answering({ action: 'accept' }) }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'form' }))).toEqual({ action: 'accept', content: { size: 7 } });
    }));

  it('hands over a page, and tells when the person is done there', async () => {
    const notices: McpNotice[] = [];
    const seen: ElicitationRequest[] = [];
    const elicit = (requests: Asked): Observable<ElicitationAnswer> =>
      requests.pipe(
        map((request) => {
          seen.push(request);
          return { id: request.id, action: 'accept' };
        }),
      );
    await using(elicitor({ elicit, onNotice: (notice) => notices.push(notice) }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'page' }))).toEqual({ action: 'accept' });
      await textOf(find('complete'));
      await until(() => notices.length > 0);
    });
    expect(seen).toMatchObject([{ mode: 'url', url: 'https://example.com/login', elicitationId: 'page-1' }]);
    expect(notices).toEqual([{ type: 'elicitation_complete', elicitationId: 'page-1' }]);
  });

  it.each(['decline', 'cancel'] as const)('passes on that the person said: %s', (action) =>
    using(elicitor({ elicit: answering({ action, content: { name: 'not sent' } }) }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'form' }))).toEqual({ action });
    }),
  );

  it('declines a page that is no page, without asking', async () => {
    const warnings: string[] = [];
    const elicit = (requests: Asked): Observable<ElicitationAnswer> => requests.pipe(mergeMap(() => throwError(() => new Error('asked'))));
    await using(elicitor({ elicit, onWarning: (message) => warnings.push(message) }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'script' }))).toEqual({ action: 'decline' });
    });
    expect(warnings).toEqual([expect.stringContaining('neither http nor https')]);
  });

  it('joins answers with questions by their ids, in whichever order they come', async () => {
    const answers = new Subject<ElicitationAnswer>();
    const seen: ElicitationRequest[] = [];
    const elicit = (requests: Asked): Observable<ElicitationAnswer> => {
      requests.subscribe((request) => seen.push(request));
      return answers;
    };
    await using(elicitor({ elicit }), {}, async (find) => {
      const both = [textOf(find('ask'), { form: 'form' }), textOf(find('ask'), { form: 'form' })];
      await until(() => seen.length === 2);
      for (const [index, { id }] of [...seen.entries()].reverse()) answers.next({ id, action: 'accept', content: { name: `number ${String(index)}` } });
      expect((await Promise.all(both)).map((answer): unknown => JSON.parse(answer))).toMatchObject([{ content: { name: 'number 0' } }, { content: { name: 'number 1' } }]);
    });
  });

  it.each<[string, McpStdioOptions]>([
    ['the time is over', { elicit: () => NEVER, elicitTimeout: 5 }],
    ['no answer can come any more', { elicit: () => [] }],
    ['the answers fail', { elicit: () => throwError(() => new Error('no terminal')) }],
    ['whoever answers fails at once', { elicit: () => { throw new Error('no terminal'); } }],
  ])('cancels a question when %s', (_when, options) =>
    using(elicitor(options), {}, async (find) => {
      expect(JSON.parse(await textOf(find('ask'), { form: 'form' }))).toEqual({ action: 'cancel' });
    }),
  );

  it('waits for no answer to a question that the server has withdrawn', async () => {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: elicitationCapabilities });
    const handlers: ((request: unknown, extra: { readonly signal: AbortSignal }) => Promise<unknown>)[] = [];
    Reflect.set(client, 'setRequestHandler', (_schema: unknown, handler: (typeof handlers)[number]) => handlers.push(handler));
    const settings = { elicit: () => NEVER, timeout: undefined, server: 'test', warn: () => undefined, notice: () => undefined };
    const asking = eliciting({ Client, ElicitRequestSchema, ElicitationCompleteNotificationSchema }, client, settings).subscribe();
    const withdrawn = new AbortController();
    const waits = handlers[0]?.({ params: { message: 'Who?', requestedSchema: { type: 'object' } } }, { signal: withdrawn.signal });
    withdrawn.abort();
    await expect(waits).rejects.toMatchObject({ _tag: 'AbortedError' });
    expect(getEventListeners(withdrawn.signal, 'abort')).toEqual([]);
    asking.unsubscribe();
  });

  it('C1 lets go of a question that waits when it is unsubscribed', async () => {
    const asked = new Subject<void>();
    let left = false;
    const elicit = (requests: Asked): Observable<never> =>
      requests.pipe(
        mergeMap(() => {
          asked.next();
          return NEVER.pipe(
            finalize(() => {
              left = true;
            }),
          );
        }),
      );
    await using(elicitor({ elicit }), {}, async (find) => {
      const waits = firstValueFrom(asked);
      call(find('ask'), { form: 'form' }).subscribe();
      await waits;
      expect(left).toBe(false);
    });
    await until(() => left);
  });

  it('tells the server whether anybody can be asked', async () => {
    await using(elicitor({ elicit: () => NEVER }), {}, async (find) => {
      expect(JSON.parse(await textOf(find('capabilities')))).toEqual({ elicitation: { form: { applyDefaults: true }, url: {} } });
    });
    await using(elicitor({}), {}, async (find) => {
      expect(JSON.parse(await textOf(find('capabilities')))).toEqual({});
    });
  });

  it('tells the model which page has to be opened first, where the server refuses a call for that', () =>
    using(elicitor({}), {}, async (find) => {
      expect(await outcome(find('required'))).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('https://example.com/login') }] });
    }));
});
