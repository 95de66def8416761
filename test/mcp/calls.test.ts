import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { getEventListeners } from 'node:events';
import { config, defer, firstValueFrom, lastValueFrom, merge, take, throwError, toArray } from 'rxjs';
import { mcpStdio, mcpTools, type McpNotice } from 'coldstream/mcp';
import { ConfigurationError, ConnectionError } from '../../src/errors/errors.js';
import { call, fixture, mark, nobodyLeft, outcome, outputs, server, textOf, until, using, type Output } from './support.js';

afterEach(nobodyLeft);

const steps = (all: readonly Output[]): readonly (number | undefined)[] =>
  all.flatMap((output) => (output.type === 'tool_progress' ? [output.content.progress] : []));
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);
const behaviours = (): ReturnType<typeof server> => server('behaviours.mjs');

describe('a call', () => {
  it('sends the input and answers with the text', () =>
    using(behaviours(), {}, async (find) => {
      expect(await outputs(find('echo'), { city: 'Lima' })).toEqual([
        { type: 'tool_outcome', isError: false, content: [{ type: 'text', text: '{"city":"Lima"}' }] },
      ]);
    }));

  it('refuses an input that is not an object, without asking the server', () =>
    using(behaviours(), {}, async (find) => {
      expect(await outcome(find('echo'), [1])).toMatchObject({ isError: true });
    }));

  it('hands on the failure that a server reports as a result, and a JSON-RPC error by its message only', () =>
    using(behaviours(), {}, async (find) => {
      expect(await outcome(find('failing'))).toEqual({ type: 'tool_outcome', isError: true, content: [{ type: 'text', text: 'it did not work' }] });
      const refused = await outcome(find('rpcError'));
      expect(refused.isError).toBe(true);
      expect(JSON.stringify(refused)).toContain('No such city');
      expect(JSON.stringify(refused)).not.toContain('secret.js');
    }));

  it('T16 keeps content of an unknown type', () =>
    using(behaviours(), {}, async (find) => {
      expect(await outcome(find('unknownContent'))).toEqual({
        type: 'tool_outcome',
        isError: false,
        content: [
          { type: 'text', text: '{"type":"hologram","depth":3}' },
          { type: 'text', text: 'and text' },
        ],
      });
    }));

  it.each([['text'], [null], [{}], [{ content: 'text' }], [[]]])('T16 answers a malformed result with an error: %j', (result) =>
    using(behaviours(), {}, async (find) => {
      expect(await outcome(find('malformed'), { result })).toMatchObject({ isError: true });
    }),
  );

  it('D1 refuses a result with a member __proto__, and only that', () =>
    using(behaviours(), {}, async (find) => {
      expect(await outcome(find('prototype'))).toMatchObject({ isError: true });
      expect(await textOf(find('echo'))).toBe('{}');
    }));

  it('T16 lives through junk, strange ids and a second answer', async () => {
    const warnings: string[] = [];
    await using(server('behaviours.mjs', [], { onWarning: (message) => warnings.push(message) }), {}, async (find) => {
      expect(await textOf(find('junk'))).toBe('first');
      expect(await textOf(find('echo'))).toBe('{}');
    });
    expect(warnings.length).toBeGreaterThan(5);
    expect(warnings.join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('progress', () => {
  it('T10 arrives whole, in order and before the outcome, though it came in one chunk with the answer', () =>
    using(behaviours(), {}, async (find) => {
      const all = await outputs(find('burst'), { count: 10_000 });
      expect(steps(all)).toEqual(upTo(10_000));
      expect(all.at(-1)).toMatchObject({ type: 'tool_outcome', content: [{ type: 'text', text: 'done' }] });
      expect(all[0]).toMatchObject({
        type: 'tool_progress',
        runId: 'run_1',
        iteration: 2,
        path: [],
        content: { id: 'call_1', name: 'burst', progress: 1, total: 10_000, message: 'step 1' },
      });
    }));

  it('T10 arrives whole when the chunks are cut anywhere', () =>
    using(behaviours(), {}, async (find) => {
      const all = await outputs(find('dribble'), { count: 50 });
      expect(steps(all)).toEqual(upTo(50));
      expect(all.at(-1)).toMatchObject({ content: [{ type: 'text', text: 'é✓😀' }] });
    }));

  it("T10 arrives whole over the SDK's own transport", async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [fixture('behaviours.mjs')], env: mark }));
    await using(client, {}, async (find) => {
      expect(steps(await outputs(find('burst'), { count: 10_000 }))).toEqual(upTo(10_000));
    });
    await client.close();
  });

  it('T10 goes to the call that it belongs to', () =>
    using(behaviours(), {}, async (find) => {
      const both = [find('burst'), find('dribble')].map((tool) => outputs(tool, { count: 20 }));
      for (const all of await Promise.all(both)) expect(steps(all)).toEqual(upTo(20));
    }));

  it('T17 that is malformed breaks nothing, and its usable parts are kept', () =>
    using(behaviours(), {}, async (find) => {
      const all = await outputs(find('badProgress'));
      expect(all).toMatchObject([
        { type: 'tool_progress', content: { progress: 1, message: 'one' } },
        { type: 'tool_outcome', isError: false },
      ]);
      expect(all[0]).not.toHaveProperty('content.total');
      expect((await outputs(find('lateProgress'))).at(-1)).toMatchObject({ type: 'tool_outcome', isError: false });
      expect(await textOf(find('echo'))).toBe('{}');
    }));

  it('T17 goes on when its consumer throws', async () => {
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    try {
      await using(behaviours(), {}, async (find) => {
        const seen: string[] = [];
        await new Promise<void>((resolve) => {
          call(find('burst'), { count: 3 }).subscribe({
            next: ({ type }) => {
              seen.push(type);
              if (type === 'tool_progress') throw new Error('cannot draw');
            },
            complete: resolve,
          });
        });
        expect(seen).toEqual(['tool_progress', 'tool_progress', 'tool_progress', 'tool_outcome']);
        expect(await textOf(find('echo'))).toBe('{}');
      });
      // They are reported in a later turn of the event loop.
      await until(() => thrown.length === 3);
    } finally {
      config.onUnhandledError = null;
    }
  });
});

describe('cancellation', () => {
  it('T9 tells the server once that the call was given up', () =>
    using(behaviours(), {}, async (find) => {
      await firstValueFrom(call(find('hang')));
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual(['hang']);
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual(['hang']);
    }));

  it('T9 says nothing of calls that are over', () =>
    using(behaviours(), {}, async (find) => {
      for (let count = 0; count < 5; count += 1) await lastValueFrom(call(find('burst'), { count: 3 }));
      await firstValueFrom(call(find('echo')));
      await lastValueFrom(call(find('rpcError')));
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual([]);
    }));

  it('T9 says nothing of a call whose answer was read, but not yet handed on by the SDK', () =>
    using(behaviours(), {}, async (find) => {
      // The answer of the first call and the progress of the second come in one chunk; the progress ends both.
      await lastValueFrom(merge(call(find('held')), call(find('holder'))).pipe(take(1), toArray()));
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual(['holder']);
    }));

  it('T9 leaves nothing for a later call to trip over', () =>
    using(behaviours(), {}, async (find) => {
      for (let count = 0; count < 20; count += 1) call(find('hang')).subscribe().unsubscribe();
      expect(await textOf(find('echo'))).toBe('{}');
      expect(JSON.parse(await textOf(find('cancelled')))).toHaveLength(20);
    }));
});

describe('a signal that lives for long', () => {
  it('C10 has no listener more after a hundred calls', () =>
    using(behaviours(), {}, async (find) => {
      const echo = find('echo');
      const { signal } = new AbortController();
      const context = { id: 'call_1', name: 'echo', signal, runId: 'run_1', path: [], iteration: 0 };
      for (let count = 0; count < 100; count += 1) await lastValueFrom(echo.run({ id: 'call_1', name: 'echo', input: {} }, context));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual([]);
    }));

  it('C10 of the SDK is not used for more than one call', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [fixture('behaviours.mjs')], env: mark }));
    const signals: AbortSignal[] = [];
    const request = client.request.bind(client);
    client.request = (message, schema, options) => {
      if (options?.signal !== undefined) signals.push(options.signal);
      return request(message, schema, options);
    };
    await using(client, {}, async (find) => {
      for (let count = 0; count < 20; count += 1) expect(await textOf(find('echo'))).toBe('{}');
    });
    await client.close();
    expect(new Set(signals).size).toBe(21);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
  });
});

describe('a server that goes away', () => {
  it.each([
    ['crash', 'exit code 3', 'the disk is full'],
    ['kill', 'signal SIGKILL', ''],
    ['closeOutput', 'closed its output', ''],
  ])('T7 T8 answers the calls that wait with errors, and fails where it is not to be started again: %s', (way, how, why) =>
    using(behaviours(), { restart: false }, async (find, _lists, failures) => {
      const [waiting, cause, later] = [find('hang'), find(way), find('echo')];
      const waits = outcome(waiting);
      expect(await outcome(cause)).toMatchObject({ isError: true });
      expect(await waits).toMatchObject({ isError: true });
      expect(await outcome(later)).toMatchObject({ isError: true });
      expect(failures).toMatchObject([{ _tag: 'ConnectionError', retryable: true }]);
      expect(String(failures[0])).toContain(how);
      expect(String(failures[0])).toContain(why);
      expect(String(failures[0])).not.toMatch(/\p{Cc}|first line/u);
    }),
  );

  it.each([['crash'], ['kill'], ['closeOutput']])('T7 T8 is down, then started again, and says so: %s', async (way) => {
    const order: string[] = [];
    const onNotice = (notice: McpNotice): void => {
      if (notice.type !== 'tools_listed') order.push(notice.type);
    };
    await using(behaviours(), { restart: { initial: 1, max: 8 }, onNotice }, async (find, lists, failures) => {
      const [before, echo] = [await textOf(find('pid')), find('echo')];
      const waits = outcome(find('hang')).then(({ isError }) => order.push(`hang ${String(isError)}`));
      await Promise.all([outcome(find(way)), waits]);
      // The old process answers no more, whether or not the new one is there.
      expect(await outcome(echo)).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('down') }] });
      await until(() => lists.length > 1);
      expect(await textOf(find('pid'))).not.toBe(before);
      expect(failures).toEqual([]);
    });
    expect(order).toEqual(['server_down', 'hang true', 'server_up']);
  });

  it('T7 is started again after pauses that grow, also when it dies while it starts', async () => {
    const pauses: unknown[] = [];
    let starts = 0;
    const dying = defer(() => {
      starts += 1;
      return starts > 1 && starts < 5 ? throwError(() => new ConnectionError('died')) : behaviours();
    });
    const onNotice = (notice: McpNotice): void => {
      if (notice.type === 'server_down') pauses.push([notice.attempt, notice.delayMs]);
    };
    await using(dying, { restart: { initial: 1, max: 60_000 }, onNotice }, async (find, lists) => {
      await outcome(find('crash'));
      await until(() => lists.length > 1);
      expect(await textOf(find('echo'))).toBe('{}');
    });
    expect(pauses).toEqual([[1, 1], [2, 2], [3, 4], [4, 8]]);
  });

  it('T7 is not started again where it never was there, or the source says that it is no use', async () => {
    const error = await lastValueFrom(mcpTools(mcpStdio(process.execPath, ['-e', 'process.exit(9)']))).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ _tag: 'ConnectionError' });
    const removed = new ConfigurationError('was removed');
    let starts = 0;
    const once = defer(() => (starts++ === 0 ? behaviours() : throwError(() => removed)));
    await using(once, { restart: { initial: 1, max: 4 } }, async (find, _lists, failures) => {
      await outcome(find('crash'));
      await until(() => failures.length > 0);
      expect(failures).toEqual([removed]);
    });
  });
});
