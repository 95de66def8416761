import { get } from 'node:http';
import { connect } from 'node:http2';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEVER } from 'rxjs';
import { singleBytes } from '../../scripts/recordings/cuts.js';
import { play } from '../../scripts/recordings/play.js';
import { AnswerServer, type Place } from '../../scripts/recordings/serve.js';
import * as anthropic from '../anthropic/support.js';
import * as bedrock from './frames.js';
import { lineOf, record, run, type Run } from './support.js';

describe('npm run recordings', () => {
  let folder: string;
  let played: Run;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recordings-'));
    await record(join(folder, 'anthropic/hello'), 'wire.sse', anthropic.sse(anthropic.GREETING), { text: 'Hello 😀' });
    await record(join(folder, 'bedrock/hello'), 'wire.eventstream', Buffer.concat(bedrock.GREETING), { text: 'Hello 😀' });
    await record(join(folder, 'bedrock/wrong'), 'wire.eventstream', Buffer.concat(bedrock.GREETING), { text: 'Hallo' });
    await mkdir(join(folder, 'anthropic/a folder/wire.sse'), { recursive: true });
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'no wire'));
    await writeFile(join(folder, 'no wire/expected.json'), '{}');
    await mkdir(join(folder, 'links/files'), { recursive: true });
    await symlink('../anthropic/hello', join(folder, 'links/whole'));
    await symlink('../../anthropic/hello/wire.sse', join(folder, 'links/files/wire.sse'));
    await symlink('../../anthropic/hello/expected.json', join(folder, 'links/files/expected.json'));
    await symlink('nowhere', join(folder, 'links/dangling'));
    await symlink('..', join(folder, 'links/circle'));
    played = await run([folder, '--cuts', '1']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('follows links, and says of each thing that cannot be read that it cannot', () => {
    expect(lineOf(played, 'links/whole')).toMatch(/^ok /);
    expect(lineOf(played, 'links/files')).toMatch(/^ok /);
    expect(lineOf(played, 'links/dangling')).toMatch(/^FAIL .*ENOENT/);
    expect(lineOf(played, 'anthropic/a folder')).toMatch(/^FAIL .*is not a file/);
    expect(lineOf(played, 'no wire')).toMatch(/^FAIL .*expected.json stands without its wire.sse or wire.eventstream/);
    expect(played.output).not.toContain('circle');
  });

  it('counts each wire and all, and exits 1 where one differs', () => {
    expect(played.output).toContain('\nanthropic: 3/4 (HTTP/1.1)\n');
    expect(played.output).toContain('\nbedrock: 1/2 (HTTP/2 and HTTP/1.1)\n');
    expect(played.output).toContain('\nof no known wire: 0/2\n');
    expect(played.output).toMatch(/\n4\/8 \(in one piece, byte by byte, 1 random cuts each; all over sockets\)\n$/);
    expect(played.code).toBe(1);
  });

  it('exits 0 where all agree, 1 where there is nothing, 2 for wrong arguments', async () => {
    const [well, nothing, none, many, missing, help] = await Promise.all([
      run([join(folder, 'bedrock/hello'), '--cuts', '0']),
      run([join(folder, 'empty')]),
      run([]),
      run([folder, '--cuts', 'many']),
      run([join(folder, 'missing')]),
      run(['--help']),
    ]);
    expect(well).toMatchObject({ code: 0, output: expect.stringContaining('\n1/1 (') });
    expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('no recordings found') });
    expect(none).toMatchObject({ code: 2, output: expect.stringContaining('Usage') });
    expect(many).toMatchObject({ code: 2 });
    expect(missing).toMatchObject({ code: 2 });
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('Usage') });
  });

  it('ends quietly when its reader leaves', async () => {
    const { output, code } = await run([folder, '--cuts', '0'], true);
    expect(output).not.toMatch(/EPIPE|Error/);
    expect(code).toBe(1);
  });
});

describe('the server of recorded answers', () => {
  const server = new AnswerServer();
  beforeAll(() => server.listen());
  afterAll(() => server.close());

  it('serves each byte on its own over HTTP/1.1', async () => {
    const place = server.open();
    place.answer = { status: 200, headers: {}, pieces: singleBytes(Buffer.from('data: {}\n\n')) };
    const sizes = await new Promise<number[]>((resolve, reject) => {
      const found: number[] = [];
      get(`${place.http1}/v1/messages`, (response) => {
        response.on('data', (data: Buffer) => found.push(data.length)).once('end', () => resolve(found));
      }).once('error', reject);
    });
    expect(sizes).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('serves each byte on its own over HTTP/2', async () => {
    const place = server.open();
    place.answer = { status: 200, headers: { 'x-name': 'value' }, pieces: singleBytes(Buffer.from('ten bytes.')) };
    const { origin, pathname } = new URL(place.http2);
    const session = connect(origin);
    const sizes = await new Promise<number[]>((resolve, reject) => {
      const found: number[] = [];
      const stream = session.request({ ':path': `${pathname}/model/m/converse-stream` });
      stream.on('data', (data: Buffer) => found.push(data.length)).once('end', () => resolve(found)).once('error', reject);
    });
    session.close();
    expect(sizes).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it.each(['http1', 'http2'] as const)('breaks the connection for an answer that %s cannot carry', async (kind) => {
    const place = server.open();
    place.answer = { status: 99, headers: {}, pieces: [] };
    const { origin, pathname } = new URL(place[kind]);
    const answer = await new Promise<string>((resolve) => {
      if (kind === 'http1') {
        get(place.http1, () => resolve('answered')).once('error', () => resolve('broken'));
        return;
      }
      const session = connect(origin);
      session.request({ ':path': pathname }).on('error', () => undefined).once('response', () => resolve('answered')).once('close', () => {
        resolve('broken');
        session.close();
      });
    });
    expect(answer).toBe('broken');
  });
});

it('the server of recorded answers closes, and with it what is still connected', async () => {
  const server = new AnswerServer();
  await server.listen();
  const session = connect(new URL(server.open().http2).origin);
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  const closed = new Promise<string>((resolve) => session.on('error', () => undefined).once('close', () => resolve('closed')));
  server.close();
  expect(await closed).toBe('closed');
});

describe('a provider that never ends', () => {
  beforeAll(() => jest.useFakeTimers());
  afterAll(() => jest.useRealTimers());

  it('N14: is told once nothing has happened for half a minute, not while bytes still leave', async () => {
    const place: Place = { http1: '', http2: '', answer: { status: 200, headers: {}, pieces: [] }, lastActive: 0 };
    let said: unknown;
    const played = play(() => NEVER, place).catch((error: unknown) => (said = error));
    await jest.advanceTimersByTimeAsync(29_000);
    place.lastActive = Date.now();
    await jest.advanceTimersByTimeAsync(29_000);
    expect(said).toBeUndefined();
    await jest.advanceTimersByTimeAsync(3000);
    expect(said).toMatchObject({ message: expect.stringContaining('neither ended nor failed') });
    await played;
  });
});
