import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { addressOf, closedAddress, eventsOf, folder, killAll, linesOf, start } from './programs.js';

afterEach(killAll);
afterAll(() => rmSync(folder, { recursive: true }));

const quick = 'What is 17 plus -3.5? And run a short operation of 0.2 seconds in 2 steps.';

const awsKeys = { AWS_ACCESS_KEY_ID: 'AKIACANARY0123456789', AWS_SECRET_ACCESS_KEY: 'canary/secret+0123456789', AWS_SESSION_TOKEN: 'canary-session-token' };

describe('the program', () => {
  test.each([
    ['anthropic', { ANTHROPIC_API_KEY: 'sk-canary-123' }],
    ['bedrock', { ...awsKeys, AWS_REGION: 'us-east-1' }],
    ['bedrock', { AWS_BEARER_TOKEN_BEDROCK: 'canary-bearer-token', AWS_REGION: 'us-east-1' }],
  ])('that cannot reach %s ends with 1 and one line that names the cause (N1, D5)', async (provider, environment) => {
    const address = await closedAddress();
    const nowhere = ['run', 'hi', '--provider', provider, '--base-url', `http://${address}`];
    const [plain, json] = await Promise.all([start('main', nowhere, environment).ended, start('main', [...nowhere, '--json'], environment).ended]);
    expect([plain.code, json.code]).toEqual([1, 1]);
    expect(linesOf(plain.err).at(-1)).toContain(`ECONNREFUSED ${address}`);
    expect(linesOf(json.err)).toEqual([expect.stringContaining(`ECONNREFUSED ${address}`)]);
    expect(eventsOf(json.out).at(-1)).toMatchObject({ type: 'error', content: { code: 'connection' } });
    expect([plain.out, plain.err, json.out, json.err].join('')).not.toMatch(/canary/iu);
  });

  test('shows no key of AWS that a prompt or a tool holds (D5)', async () => {
    const shown = await start('demo', [`say ${Object.values(awsKeys).join(' ')}`, '--json'], awsKeys).ended;
    expect(shown.code).toBe(0);
    expect(eventsOf(shown.out)[0]).toMatchObject({ type: 'run_start', input: [{ content: [{ text: 'say [redacted] [redacted] [redacted]' }] }] });
  });

  test('says what to do without a key, with bad arguments (exit 2) and with a file that is no recording', async () => {
    const argvs = [['run', 'hi'], ['run'], ['replay', 'package.json']];
    const [keyless, usage, replay] = await Promise.all(argvs.map((argv) => start('main', argv).ended));
    expect([keyless?.code, usage?.code, replay?.code]).toEqual([1, 2, 1]);
    expect(linesOf(keyless?.err ?? '')).toEqual([expect.stringContaining('ANTHROPIC_API_KEY')]);
    expect(linesOf(replay?.err ?? '')).toEqual([expect.stringContaining('package.json:1:')]);
  });

  test('says what to do without a region, and without credentials, in one line each', async () => {
    const argv = ['run', 'hi', '--provider', 'bedrock'];
    const region = { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
    const [regionless, keyless] = await Promise.all([start('main', argv, awsKeys).ended, start('main', argv, region).ended]);
    expect([regionless, keyless]).toMatchObject([{ code: 1, out: '' }, { code: 1, out: '' }]);
    expect(linesOf(regionless.err)).toEqual([expect.stringContaining('set AWS_REGION')]);
    expect(linesOf(keyless.err)).toEqual([expect.stringMatching(/AWS_ACCESS_KEY_ID.*AWS_PROFILE.*AWS_BEARER_TOKEN_BEDROCK/u)]);
  });
});

describe('the demo', () => {
  test.each([
    ['anthropic', 'ANTHROPIC_API_KEY is not set'],
    ['bedrock', 'AWS_ACCESS_KEY_ID, AWS_PROFILE and AWS_BEARER_TOKEN_BEDROCK are not set'],
  ])('runs an agent with MCP tools from end to end on the wire of %s, records it, and shows the recording alike (D2)', async (provider, notice) => {
    const file = join(folder, `${provider}.jsonl`);
    const shown = await start('demo', [quick, '--record', file, '--provider', provider]).ended;
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain(`${notice}: the answers come from the embedded scripted server`);
    expect(shown.out).toContain('17 plus -3.5 is 13.5.');
    expect(shown.out).toContain('1/2');
    expect(shown.out).toMatch(/tokens in, \d+ out .* first token after/u);
    expect(shown.out).not.toContain('\u001b');

    const replayed = await start('main', ['replay', file, '--speed', 'max']).ended;
    expect(replayed).toMatchObject({ code: 0, err: '' });
    expect(shown.out.endsWith(replayed.out)).toBe(true);
    expect(replayed.out.startsWith('> What is 17')).toBe(true);

    const events = eventsOf(readFileSync(file, 'utf8'));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index));
    expect(events.at(-1)).toMatchObject({ type: 'complete', stopReason: 'end_turn' });
    expect(events.filter(({ type }) => type === 'tool_progress')).toHaveLength(2);
    const origins = events.flatMap((event) => (event.type === 'message' && event.message.role === 'assistant' ? [event.message.origin] : []));
    expect(origins).toEqual([provider, provider]);
  });

  test('denies every call with --approve where there is no terminal, says so, and the next turn takes it up', async () => {
    const { code, out, err } = await start('demo', ['What is 17 plus 25?', '--approve']).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('? get-sum denied: there is no terminal to ask at');
    expect(out).toMatch(/^I may not use get-sum, so I leave that undone/mu);
  });

  test("never asks for the metadata of EC2 where the stand-in answers, whatever AWS's own settings say", async () => {
    let asked = 0;
    const metadata = createServer((socket) => {
      asked++;
      socket.destroy();
    });
    const environment = {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${await addressOf(metadata)}`,
      AWS_DEFAULTS_MODE: 'auto',
    };
    const { code, out } = await start('demo', ['hello', '--provider', 'bedrock'], environment).ended;
    metadata.close();
    expect([code, asked]).toEqual([0, 0]);
    expect(out).toContain('not a model');
  });

  test('prints only events with --json, and ends quietly when its reader goes away', async () => {
    const [whole, cut] = [start('demo', ['hello', '--json']), start('demo', [quick, '--json'])];
    cut.child.stdout?.once('data', () => cut.child.stdout?.destroy());
    const { code, out, err } = await whole.ended;
    expect(code).toBe(0);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: 'complete' });
    expect(err).toContain('scripted');
    expect(await cut.ended).toMatchObject({ code: 0, err: expect.not.stringContaining('EPIPE') });
  });

  async function stop(signal: NodeJS.Signals, code: number, provider: string): Promise<void> {
    const pidFile = join(folder, `${signal}.pid`);
    const mcp = `"${process.execPath}" test/cli/fixtures/everything.mjs "${pidFile}"`;
    const { child, out, ended } = start('demo', ['run a long operation of 60 seconds in 600 steps', '--mcp', mcp, '--provider', provider]);
    while (!out().includes(' 1/600')) {
      if (child.exitCode !== null) throw new Error('it ended by itself');
      await once(child.stdout ?? child, 'data');
    }
    child.kill(signal);
    // npm passes a signal on that the terminal has sent already.
    child.kill(signal);
    expect(await ended).toMatchObject({ code, err: expect.not.stringMatching(/^\s+at /mu) });
    expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow('ESRCH');
  }

  test('ends with 130 for SIGINT and 143 for SIGTERM in the middle of a tool, and no server is left (T14)', async () => {
    await Promise.all([stop('SIGINT', 130, 'anthropic'), stop('SIGTERM', 143, 'bedrock')]);
  });
});
