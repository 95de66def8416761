import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom, retry, timer, type Observable } from 'rxjs';
import { mcpStdio, mcpTools, type McpClient, type McpStdioOptions } from 'coldstream/mcp';
import { call, fixture, mark, nobodyLeft, outcome, outputs, server, started, textOf, until, using } from './support.js';

const listeners = (): readonly number[] => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
const listenersBefore = listeners();

afterEach(nobodyLeft);

const failureOf = (source: Observable<unknown>): Promise<unknown> =>
  new Promise((resolve) => {
    source.subscribe({ error: resolve });
  });

/** Subscribes and waits for the server to write the line on its standard error. */
async function subscribeUntil(name: string, line: string): Promise<{ unsubscribe(): void; readonly clients: readonly McpClient[] }> {
  const clients: McpClient[] = [];
  return new Promise((resolve, reject) => {
    const stderr: McpStdioOptions['stderr'] = (read) => {
      if (read === line) resolve({ unsubscribe: () => subscription.unsubscribe(), clients });
    };
    const subscription = server(name, [], { stderr }).subscribe({ next: (client) => clients.push(client), error: reject });
  });
}

describe('mcpStdio', () => {
  it('C6 starts nothing before it is subscribed, and one process for each subscription', async () => {
    const source = server('behaviours.mjs');
    expect(started()).toEqual([]);
    const pids = await using(source, {}, (first) => using(source, {}, (second) => Promise.all([textOf(first('pid')), textOf(second('pid'))])));
    expect(new Set(pids).size).toBe(2);
  });

  it('C1 starts nothing when it is unsubscribed at once', async () => {
    server('silent.mjs').subscribe().unsubscribe();
    await firstValueFrom(timer(0));
    expect(started()).toEqual([]);
  });

  it('C1 leaves no process when it is unsubscribed while it connects', async () => {
    const subscription = await subscribeUntil('silent.mjs', 'ready');
    expect(started()).toHaveLength(1);
    subscription.unsubscribe();
    await nobodyLeft();
    expect(subscription.clients).toEqual([]);
  });

  it('C1 says nothing after it was unsubscribed', async () => {
    const said: string[] = [];
    const note = (what: string) => () => said.push(what);
    const subscription = server('behaviours.mjs').subscribe({ next: note('next'), error: note('error'), complete: note('complete') });
    await until(() => said.length > 0);
    subscription.unsubscribe();
    await nobodyLeft();
    expect(said).toEqual(['next']);
  });

  it('T14 ends a server that ignores the end of its input and SIGTERM, and what it has started', async () => {
    const subscription = await subscribeUntil('stubborn.mjs', 'grandchild ready');
    expect(started()).toHaveLength(2);
    subscription.unsubscribe();
    await nobodyLeft();
  });

  it('T14 ends what a server leaves behind when it goes away by itself', async () => {
    const error = await failureOf(mcpTools(server('orphaning.mjs'), { restart: false }));
    expect(String(error)).toContain('exit code 4');
    await nobodyLeft();
  });

  it('T14 adds no listener that stays', async () => {
    for (let count = 0; count < 12; count += 1) await using(server('behaviours.mjs'), {}, () => Promise.resolve());
    await nobodyLeft();
    await until(() => listeners().join() === listenersBefore.join());
    expect(listeners()).toEqual(listenersBefore);
  });

  it.each([['exit'], ['SIGTERM']])('T14 leaves no server when this process ends without unsubscribing: %s', async (end) => {
    const parent = spawn(process.execPath, ['--import', 'tsx', fixture('parent.ts'), fixture('stubborn.mjs'), end], {
      env: { ...process.env, ...mark },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const over = once(parent, 'exit');
    if (end !== 'exit') {
      await once(parent.stdout, 'data');
      parent.kill('SIGTERM');
    }
    expect(await over).toEqual(end === 'exit' ? [7, null] : [null, 'SIGTERM']);
    await nobodyLeft();
  });

  it('D13 keeps the environment from the server, but for what it needs and what it is given', async () => {
    process.env['COLDSTREAM_TEST_SECRET'] = 'sk-canary-1';
    try {
      await using(server('behaviours.mjs', [], { env: { GIVEN: 'yes' } }), {}, async (find) => {
        const environment = await textOf(find('environment'));
        expect(JSON.parse(environment)).toMatchObject({ GIVEN: 'yes', PATH: process.env['PATH'] });
        expect(environment).not.toContain('sk-canary-1');
      });
    } finally {
      delete process.env['COLDSTREAM_TEST_SECRET'];
    }
  });

  it('D13 runs the command without a shell', async () => {
    expect(await failureOf(mcpStdio('echo hello; exit 3'))).toMatchObject({ _tag: 'ConfigurationError' });
    await using(server('behaviours.mjs', ['$(exit 3)', '; exit 3', '`exit 3`']), {}, async (find) => {
      expect(await textOf(find('echo'))).toBe('{}');
    });
  });

  it('names a command that is not there, and says what to do', async () => {
    const error = await failureOf(mcpStdio('no-such-mcp-server', ['--key=sk-canary-2']));
    expect(error).toMatchObject({ _tag: 'ConfigurationError', code: 'configuration' });
    expect(String(error)).toContain('"no-such-mcp-server" was not found: install it');
    expect(String(error)).not.toContain('sk-canary-2');
  });

  it('names a working directory that is not there, and a file that may not be run', async () => {
    expect(String(await failureOf(mcpStdio(process.execPath, [], { cwd: '/no/such/place' })))).toContain('/no/such/place');
    expect(await failureOf(mcpStdio(fixture('silent.mjs')))).toMatchObject({ _tag: 'ConfigurationError' });
    expect(await failureOf(mcpStdio('a\0b'))).toMatchObject({ _tag: 'ConfigurationError' });
  });

  it('T7 says how a server ended that did not even connect', async () => {
    const error = await failureOf(mcpStdio(process.execPath, ['-e', "console.error('no licence'); process.exit(9)"]));
    expect(error).toMatchObject({ _tag: 'ConnectionError' });
    expect(String(error)).toMatch(/exit code 9.*no licence/);
  });

  it('T7 names the error of a program that broke, not the last line of what it dumped', async () => {
    const error = await failureOf(mcpStdio(process.execPath, [fixture('no-such-server.js')]));
    expect(error).toMatchObject({ _tag: 'ConnectionError' });
    expect(String(error)).toMatch(/exit code 1\): Error: Cannot find module/);
  });

  it('T7 says how a server ended that broke its input while it was connected', async () => {
    expect(String(await failureOf(server('closing.mjs')))).toContain('exit code 9');
  });

  it.each(['result: null', "result: 'x'", 'answer: {}', 'result: {}'])('T8 fails at once when the answer to initialize is malformed: %s', async (member) => {
    const answers = `require('readline').createInterface({ input: process.stdin }).on('line', (line) =>
      console.log(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, ${member} })))`;
    const error = await failureOf(mcpStdio(process.execPath, ['-e', answers], { connectTimeout: 3_000 }));
    expect(error).toMatchObject({ _tag: 'ConnectionError' });
  });

  it('fails when connecting takes too long, and leaves no process', async () => {
    expect(await failureOf(server('silent.mjs', [], { connectTimeout: 50 }))).toMatchObject({ _tag: 'TimeoutError', retryable: true });
  });

  it('T7 starts the server again with retry, and the new tools replace the old ones', () =>
    using(server('behaviours.mjs').pipe(retry({ delay: 1 })), { restart: false }, async (find, lists, failures) => {
      const before = await textOf(find('pid'));
      await outcome(find('crash'));
      await until(() => lists.length > 1);
      expect(await textOf(find('pid'))).not.toBe(before);
      expect(failures).toEqual([]);
    }));

  it('gives each line of standard error to whoever asked for it', async () => {
    const lines: string[] = [];
    await using(server('behaviours.mjs', [], { stderr: (line) => lines.push(line) }), {}, (find) => outcome(find('crash')));
    expect(lines).toContain('first line');
  });

  it.each(['first', 'last', 'notification'])('T15 a message over the limit fails only the call that it answers: id %s', async (form) => {
    const warnings: string[] = [];
    const options = { maxLineBytes: 20_000, onWarning: (message: string) => warnings.push(message) };
    await using(server('behaviours.mjs', [], options), {}, async (find) => {
      const others = Promise.all([outputs(find('burst'), { count: 50 }), textOf(find('echo'))]);
      const long = await outcome(find('long'), { bytes: 300_000, form });
      expect(long.isError).toBe(form !== 'notification');
      if (form !== 'notification') expect(JSON.stringify(long.content)).toContain('longer than allowed');
      expect(warnings).toHaveLength(form === 'notification' ? 1 : 0);
      const [burst, echo] = await others;
      expect(burst).toHaveLength(51);
      expect(echo).toBe('{}');
      expect(await textOf(find('echo'))).toBe('{}');
    });
  });

  it('T15 takes a message of 9 MiB as it is', () =>
    using(server('behaviours.mjs'), {}, async (find) => {
      expect(await textOf(find('long'), { bytes: 9 * 1024 * 1024, form: 'last' })).toHaveLength(9 * 1024 * 1024);
    }));

  it('closes the calls that wait when it is unsubscribed', async () => {
    const waits = await using(server('behaviours.mjs'), {}, async (find) => {
      const waiting = lastValueFrom(call(find('hang')));
      await textOf(find('echo'));
      return { waiting };
    });
    expect(await waits.waiting).toMatchObject({ type: 'tool_outcome', isError: true });
  });
});
