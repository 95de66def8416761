import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/events/json.js';
import { close, EMPTY_TEXT, end, GREETING, inputJson, open, sse, start, STOP, text } from './support.js';

const ROOT = join(__dirname, '../..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function record(name: string, wire: string, expected: JsonObject): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'wire.sse'), wire);
  await writeFile(join(folder, name, 'expected.json'), JSON.stringify(expected));
}

function run(...parameters: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/recordings.ts', ...parameters], { cwd: ROOT });
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.once('close', (code) => resolve({ code, output }));
  });
}

const TOOL_TURN = [start(), open(0, { type: 'tool_use', id: 't1', name: 'clock', input: {} }), inputJson(0, '{"zone":"Lima"}'), close(0), end('tool_use'), STOP];
const CALL = { id: 't1', name: 'clock', input: { zone: 'Lima' } };
const HELLO: JsonObject = {
  httpStatus: 200,
  id: 'msg_1',
  model: 'claude-test',
  stop_reason: 'end_turn',
  stop_details: null,
  usage: { input_tokens: 10, output_tokens: 7 },
  text: 'Hello 😀',
  thinking: '',
  block_types: ['text'],
  content: [{ type: 'text', text: 'Hello 😀' }],
};

describe('npm run recordings', () => {
  it('passes what agrees: whole turns, refusals, failures in the stream, streams that were cut off', async () => {
    await record('anthropic/hello', sse(GREETING), HELLO);
    await record('anthropic/tool', sse(TOOL_TURN), { stop_reason: 'tool_use', text: '', tool_calls: [CALL], content: [{ type: 'tool_use', ...CALL }] });
    await record('anthropic/refused', '{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}', { httpStatus: 429 });
    await record('anthropic/failed', sse([start(), { type: 'error', error: { type: 'overloaded_error', message: 'x' } }]), { httpStatus: 200, sdkError: 'overloaded' });
    await record('anthropic/cut', sse([start(), open(0, EMPTY_TEXT), text(0, 'Hel')]), { httpStatus: 200, text: 'Hel', stop_reason: null });
    await mkdir(join(folder, 'bedrock/other'), { recursive: true });
    await writeFile(join(folder, 'bedrock/other/wire.eventstream'), '');
    const { code, output } = await run(folder, '--cuts', '3', '--seed', '7');
    expect(output).toContain('5/5');
    expect(output).toContain('bedrock: 1 not tried (no provider yet)');
    expect(code).toBe(0);
  });

  it.each<[string, JsonObject, string]>([
    ['text', { ...HELLO, text: 'Hallo' }, 'text: expected "Hallo", got "Hello 😀"'],
    ['a counter', { ...HELLO, usage: { input_tokens: 11 } }, 'usage.input_tokens: expected 11, got 10'],
    ['the content', { ...HELLO, content: [{ type: 'text', text: 'Hello 😀', citations: null }] }, 'content[0].citations: expected null, got nothing'],
    ['the end', { ...HELLO, sdkError: 'broken' }, 'expected a failure'],
    ['nothing to compare', {}, 'nothing to compare'],
  ])('exits 1 and says what differs: %s', async (_title, expected, said) => {
    await record('hello', sse(GREETING), expected);
    await record('well', sse(GREETING), HELLO);
    const { code, output } = await run(folder, '--cuts', '0');
    expect(output).toContain(said);
    expect(output).toContain('1/2');
    expect(code).toBe(1);
  });

  it('exits 1 where there is nothing, 2 for wrong arguments, 0 for help', async () => {
    expect(await run(folder)).toMatchObject({ code: 1, output: expect.stringContaining('0/0') });
    expect(await run()).toMatchObject({ code: 2, output: expect.stringContaining('Usage') });
    expect(await run(folder, '--cuts', 'many')).toMatchObject({ code: 2 });
    expect(await run(join(folder, 'missing'))).toMatchObject({ code: 2 });
    expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringContaining('Usage') });
  });
});
