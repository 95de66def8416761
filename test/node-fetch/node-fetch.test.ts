import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Agent } from 'undici';
import { bodyOf, readStream } from '../../src/internal/read-stream.js';
import { nodeFetch } from '../../src/node-fetch/index.js';
import { chunk, closeAll, serve, serveTcp, until } from '../anthropic/support.js';

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no failure', (error: unknown) => error);
const head = (headers: string): string => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`;

/** A connection that has just served rests for a turn of the event loop. */
const rested = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

afterEach(closeAll);

describe('a request', () => {
  it('says what fetch would say', async () => {
    const server = await serve((response) => response.end());
    const fetch = nodeFetch();
    await fetch(`${server.url}/a?b=c#d`, { method: 'post', headers: [['X-One', '1'], ['X-One', '2']], body: 'text' });
    await fetch(new URL(server.url), { method: 'PUT', headers: new Headers({ 'content-type': 'a/b' }), body: new TextEncoder().encode('bytes') });
    await fetch(server.url, { headers: { 'X-Two': '2' } });
    expect(server.requests).toMatchObject([
      { method: 'POST', url: '/a?b=c', headers: { 'x-one': '1, 2', 'content-type': 'text/plain;charset=UTF-8', 'content-length': '4' } },
      { method: 'PUT', url: '/', headers: { 'content-type': 'a/b' } },
      { method: 'GET', url: '/', headers: { 'x-two': '2' } },
    ]);
    expect(server.bodies).toEqual(['text', 'bytes', '']);
  });

  it.each<[string, Parameters<typeof fetch>]>([
    ['an address that is not whole', ['/v1/messages']],
    ['another protocol', ['ftp://127.0.0.1']],
    ['a password in the address', ['http://user:canary@127.0.0.1:1']],
    ['a Request', [new Request('http://127.0.0.1:1')]],
    ['a form', ['http://127.0.0.1:1', { method: 'POST', body: new FormData() }]],
    ['a stream', ['http://127.0.0.1:1', { method: 'POST', body: new ReadableStream() }]],
    ['a header that HTTP does not allow', ['http://127.0.0.1:1', { headers: { 'x-one': 'a\nb' } }]],
  ])('with %s is a TypeError that tells no secret', async (_, given) => {
    const error = await failureOf(nodeFetch()(...given));
    expect(error).toMatchObject({ name: 'TypeError' });
    expect(String(error)).not.toContain('canary');
  });

  it('goes through the dispatcher that is given, also with the request', async () => {
    const server = await serve((response) => response.end());
    const [of, with_] = [new Agent(), new Agent()];
    const asked = [of, with_].map((agent) => jest.spyOn(agent, 'dispatch'));
    const fetch = nodeFetch({ dispatcher: of });
    await fetch(server.url);
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    const init: RequestInit & { dispatcher: unknown } = { dispatcher: with_ };
    await fetch(server.url, init);
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    await Promise.all([of.close(), with_.close()]);
  });

  it('sets no limit of time', async () => {
    const server = await serve((response) => response.end());
    const agent = new Agent({ headersTimeout: 1, bodyTimeout: 1 });
    const dispatch = jest.spyOn(agent, 'dispatch');
    await nodeFetch({ dispatcher: agent })(server.url);
    expect(dispatch.mock.calls[0]?.[0]).toMatchObject({ headersTimeout: 0, bodyTimeout: 0 });
    await agent.close();
  });

  it.each([
    ['N1: nobody listens', 'ECONNREFUSED', async () => {
      const { url } = await serveTcp(() => undefined);
      await closeAll();
      return url;
    }],
    ['N3: the connection is reset', 'ECONNRESET', async () => (await serveTcp((socket) => socket.resetAndDestroy())).url],
    ['N3: the connection ends', 'UND_ERR_SOCKET', async () => (await serveTcp((socket) => socket.end())).url],
    ['what answers speaks no HTTP', undefined, async () => (await serveTcp((socket) => socket.end('SSH-2.0\r\n'))).url],
  ])('fails as fetch does where %s', async (_, code, listen) => {
    expect(await failureOf(nodeFetch()(await listen()))).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code } });
  });
});

describe('an answer', () => {
  it('is read in every way that fetch has', async () => {
    const server = await serve((response) => response.writeHead(201, 'Made', ['content-type', 'application/json', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-odd', 'Ä']).end('{"a":1}'));
    const fetch = nodeFetch();
    const answer = await fetch(`${server.url}/x`);
    expect(answer).toMatchObject({ status: 201, ok: true, statusText: 'Made', url: `${server.url}/x`, redirected: false, type: 'basic', bodyUsed: false });
    expect([answer.headers.get('content-type'), answer.headers.getSetCookie(), answer.headers.get('x-odd')]).toEqual(['application/json', ['a=1', 'b=2'], 'Ä']);
    expect(answer.body).toBe(answer.body);
    const copy = answer.clone();
    expect([await answer.json(), answer.bodyUsed, await copy.text(), copy.status]).toEqual([{ a: 1 }, true, '{"a":1}', 201]);
    expect(await (await fetch(server.url)).text()).toBe('{"a":1}');
    expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(7);
    expect(await (await fetch(server.url)).bytes()).toHaveLength(7);
    expect((await (await fetch(server.url)).blob()).size).toBe(7);
  });

  it('is read once', async () => {
    const server = await serve((response) => response.end('body'));
    const answer = await nodeFetch()(server.url);
    expect(await answer.text()).toBe('body');
    expect(await failureOf(answer.text())).toMatchObject({ name: 'TypeError' });
    const pushed = await nodeFetch()(server.url);
    const chunks: unknown[] = [];
    await new Promise<void>((resolve) => readStream(bodyOf(pushed)).subscribe({ next: (bytes) => chunks.push(bytes), complete: resolve }));
    expect([Buffer.concat(chunks.map((bytes) => Buffer.from(bytes instanceof Uint8Array ? bytes : []))).toString(), pushed.bodyUsed]).toEqual(['body', true]);
    expect(await failureOf(pushed.text())).toMatchObject({ name: 'TypeError' });
  });

  it('has no body where there can be none', async () => {
    const server = await serve((response) => response.writeHead(204).end());
    const answer = await nodeFetch()(server.url);
    expect([answer.body, await answer.text()]).toEqual([null, '']);
  });

  it.each([
    ['to HEAD', 'HEAD'],
    ['of nothing at all', 'GET'],
  ])('%s is empty, whatever coding its headers name', async (_, method) => {
    const server = await serve((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end());
    expect(await (await nodeFetch()(server.url, { method })).text()).toBe('');
  });

  it('N39: is a redirect only where redirects are asked for, and none is followed', async () => {
    const other = await serve((response) => response.end());
    const server = await serve((response) => response.writeHead(307, { location: other.url }).end());
    const fetch = nodeFetch();
    expect(await fetch(server.url, { redirect: 'manual' })).toMatchObject({ status: 307, ok: false });
    for (const redirect of ['error', 'follow', undefined] as const) {
      expect(await failureOf(fetch(server.url, redirect === undefined ? {} : { redirect }))).toMatchObject({ message: 'fetch failed', cause: { message: expect.stringContaining('307') } });
    }
    expect(other.requests).toHaveLength(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('in %s is unpacked', async (coding, pack) => {
    const long = 'text '.repeat(100_000);
    const server = await serve((response) => response.writeHead(200, { 'content-encoding': coding }).end(pack(long)));
    expect(await (await nodeFetch()(server.url)).text()).toBe(long);
  });

  it('in a coding that nobody knows is refused', async () => {
    let closed = false;
    const server = await serve((response) => {
      response.once('close', () => (closed = true));
      response.writeHead(200, { 'content-encoding': 'zip' }).write('PK');
    });
    expect(await failureOf(nodeFetch()(server.url))).toMatchObject({ message: 'fetch failed', cause: { message: expect.stringContaining('content-encoding') } });
    await until(() => closed);
  });

  it.each([
    ['N4: a reset', 'UND_ERR_SOCKET', `${head('transfer-encoding: chunked')}${chunk('half')}`],
    ['N5: an end in the middle of the chunks', 'UND_ERR_SOCKET', `${head('transfer-encoding: chunked')}${chunk('half')}`],
    ['N5: an end before its length', 'UND_ERR_SOCKET', `${head('content-length: 99')}half`],
    ['N11: a packed body that is cut off', 'Z_BUF_ERROR', Buffer.concat([Buffer.from(head('content-encoding: gzip\r\ncontent-length: 15')), gzipSync('half').subarray(0, 15)])],
    ['N12: a packed body that is corrupt', 'Z_DATA_ERROR', `${head('content-encoding: gzip\r\ncontent-length: 4')}half`],
  ])('%s is a failure of the body', async (title, code, answered) => {
    const server = await serveTcp((socket) => {
      socket.write(answered, () => (title.includes('reset') ? setImmediate(() => socket.resetAndDestroy()) : socket.end()));
    });
    expect(await failureOf(nodeFetch()(server.url).then((answer) => answer.text()))).toMatchObject({ message: 'terminated', cause: { code } });
  });
});

describe('abort', () => {
  it('before anything is sent sends nothing, and fails with the reason', async () => {
    const server = await serve((response) => response.end());
    expect(await failureOf(nodeFetch()(server.url, { signal: AbortSignal.abort('because') }))).toBe('because');
    const controller = new AbortController();
    const asked = failureOf(nodeFetch()(server.url, { signal: controller.signal }));
    controller.abort();
    expect(await asked).toMatchObject({ name: 'AbortError' });
    await nodeFetch()(server.url);
    expect(server.requests).toHaveLength(1);
  });

  it.each([false, true])('before the headers (%#) or in the body closes the connection', async (hasBegun) => {
    let answer: ServerResponse | undefined;
    const server = await serve((response) => {
      answer = response;
      if (hasBegun) response.write('begun');
    });
    const controller = new AbortController();
    const asked = nodeFetch()(server.url, { signal: controller.signal });
    const failed = failureOf(asked.then((begun) => begun.text()));
    if (hasBegun) await asked;
    await until(() => server.requests.length === 1);
    controller.abort();
    expect(await failed).toMatchObject({ name: 'AbortError' });
    await until(() => answer?.destroyed === true);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('after the end does nothing, and the signal is left alone', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((response, request) => {
      ports.add(request.socket.remotePort);
      response.end('body');
    });
    const fetch = nodeFetch();
    const controller = new AbortController();
    for (let n = 0; n < 3; n += 1) {
      expect(await (await fetch(server.url, { signal: controller.signal })).text()).toBe('body');
      await rested();
    }
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(await (await fetch(server.url)).text()).toBe('body');
    expect(ports.size).toBe(1);
  });

  it('cancelling the body closes the connection, read or not', async () => {
    for (const isRead of [false, true]) {
      let answer: ServerResponse | undefined;
      const server = await serve((response) => {
        answer = response;
        response.write('begun');
      });
      const { body } = await nodeFetch()(server.url);
      const reader = body?.getReader();
      if (isRead) await reader?.read();
      await reader?.cancel();
      await until(() => answer?.destroyed === true);
    }
  });
});

describe('a body that is pushed', () => {
  it('comes synchronously, chunk by chunk, in the context of its reader', async () => {
    const answers: ServerResponse[] = [];
    const ports = new Set<number | undefined>();
    const server = await serve((response, request) => {
      answers.push(response);
      ports.add(request.socket.remotePort);
      response.write('a');
    });
    const [fetch, storage] = [nodeFetch(), new AsyncLocalStorage<number>()];
    const heard: unknown[] = [];
    const read = (n: number): Promise<void> =>
      storage.run(n, async () => {
        const answer = await fetch(server.url);
        await new Promise<void>((resolve) => readStream(bodyOf(answer)).subscribe({ next: (bytes) => heard.push([storage.getStore(), Buffer.from(bytes).toString()]), complete: resolve }));
        heard.push(storage.getStore());
      });
    for (const n of [1, 2]) {
      const done = read(n);
      await until(() => answers.length === n && heard.length > 0 && JSON.stringify(heard).includes(`[${n},"a"]`));
      answers[n - 1]?.end('b');
      await done;
      await rested();
    }
    expect(ports.size).toBe(1);
    expect(heard).toEqual([[1, 'a'], [1, 'b'], 1, [2, 'a'], [2, 'b'], 2]);
  });

  it('C5: waits for its reader, and for one that pauses', async () => {
    const piece = Buffer.alloc(64 * 1024);
    let sent = 0;
    const server = await serve((response) => {
      const more = (): void => {
        while (sent < 1000) {
          sent += 1;
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const answer = await nodeFetch()(server.url);
    const stalled = async (): Promise<number> => {
      for (let before = -1, quiet = 0; quiet < 200; quiet = before === sent ? quiet + 1 : 0) {
        before = sent;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return sent;
    };
    expect(await stalled()).toBeLessThan(1000);
    const reader = answer.body?.getReader();
    await reader?.read();
    expect(await stalled()).toBeLessThan(1000);
    let read = 0;
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) read += step.value.length;
    expect([sent, read > 900 * piece.length]).toEqual([1000, true]);
  });
});
