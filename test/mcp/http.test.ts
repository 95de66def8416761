import { filter, firstValueFrom, interval, lastValueFrom, timeout } from 'rxjs';
import type { McpNotice } from 'coldstream/mcp';
import { closeServers, event, http, httpPeer, json, stream, text, type HttpPeer, type Replies } from './http-support.js';
import { call, nobodyLeft, outcome, outputs, textOf, until, using } from './support.js';

afterEach(async () => {
  await nobodyLeft();
  await closeServers();
});

const progress = (token: string | undefined, count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({ method: 'notifications/progress', params: { progressToken: token, progress: index + 1 } }));

const echo: Replies = { echo: ({ id, params }, response) => json(response, { id, result: text(JSON.stringify(params?.arguments)) }) };
/** Waits until the connection of the notification was closed; no longer than the goodbyes may take, and a little. */
const isCut = (peer: HttpPeer, what: string): Promise<unknown> =>
  firstValueFrom(interval(10).pipe(filter(() => peer.seen.some(({ message, cut }) => message.method === what && cut)), timeout(3_500)));
const said = (peer: HttpPeer, what: string): number => peer.asked().filter((name) => name === what).length;

describe('mcpHttp', () => {
  it('begins a session, calls, and ends it', async () => {
    const peer = await httpPeer(echo);
    await using(http(peer), {}, async (find) => {
      expect(await textOf(find('echo'), { city: 'Lima' })).toBe('{"city":"Lima"}');
    });
    await until(() => said(peer, 'DELETE') === 1);
    expect(peer.asked()).toEqual(['initialize', 'notifications/initialized', ...peer.asked().slice(2)]);
    expect([...peer.asked()].sort()).toEqual(['DELETE', 'GET', 'initialize', 'notifications/initialized', 'tools/call echo', 'tools/list']);
    for (const { headers } of peer.seen.slice(1)) expect(headers).toMatchObject({ 'mcp-session-id': 'session-1-secret', 'mcp-protocol-version': '2025-06-18' });
  });

  it('C6 asks nothing before it is subscribed, and begins a session for each subscription', async () => {
    const peer = await httpPeer(echo);
    const source = http(peer);
    expect(peer.seen).toEqual([]);
    await using(source, {}, () => using(source, {}, () => Promise.resolve()));
    await until(() => said(peer, 'DELETE') === 2);
    expect(said(peer, 'initialize')).toBe(2);
  });

  it('C1 closes the request when it is unsubscribed while it connects', async () => {
    const peer = await httpPeer({ initialize: () => undefined });
    const subscription = http(peer).subscribe();
    await until(() => peer.seen.length === 1);
    subscription.unsubscribe();
    await until(() => peer.seen[0]?.cut === true);
    expect(peer.asked()).toEqual(['initialize']);
  });

  it('C1 leaves although the server does not answer its DELETE', async () => {
    const peer = await httpPeer({ ...echo, DELETE: () => undefined });
    await using(http(peer), {}, () => Promise.resolve());
    await until(() => peer.seen.some(({ verb, cut }) => verb === 'DELETE' && cut));
  });

  it('C1 closes a notification that the server does not answer, when it is unsubscribed while it connects', async () => {
    const peer = await httpPeer({ 'notifications/initialized': () => undefined });
    const subscription = http(peer).subscribe();
    await until(() => said(peer, 'notifications/initialized') === 1);
    subscription.unsubscribe();
    await isCut(peer, 'notifications/initialized');
  });

  it('C1 closes a notification that the server does not answer, when it leaves', async () => {
    const peer = await httpPeer({ mute: () => undefined, 'notifications/cancelled': () => undefined });
    await using(http(peer), {}, async (find) => {
      const calling = call(find('mute')).subscribe();
      await until(() => said(peer, 'tools/call mute') === 1);
      calling.unsubscribe();
      await until(() => said(peer, 'notifications/cancelled') === 1);
      expect(peer.seen.some(({ message, cut }) => message.method === 'notifications/cancelled' && cut)).toBe(false);
    });
    await isCut(peer, 'notifications/cancelled');
  });
});

describe('progress over HTTP', () => {
  it('T10 arrives whole, in order and before the outcome, though it came in one chunk with the answer', async () => {
    const peer = await httpPeer({
      burst: ({ id, params }, response) => {
        stream(response, ...progress(params?._meta?.progressToken, 2_000).map((message) => event(message)), event({ id, result: text('done') })).end();
      },
    });
    await using(http(peer), {}, async (find) => {
      const all = await outputs(find('burst'));
      expect(all.map((output) => (output.type === 'tool_progress' ? output.content.progress : output.type))).toEqual([
        ...Array.from({ length: 2_000 }, (_, index) => index + 1),
        'tool_outcome',
      ]);
    });
  });
});

describe('an answer that breaks off', () => {
  it.each([
    ['ends', 'end'],
    ['is reset', 'destroy'],
  ] as const)('T11 fails the call at once when its stream %s without a reply', async (_what, way) => {
    const peer = await httpPeer({
      ...echo,
      broken: ({ params }, response) => {
        const [first = {}] = progress(params?._meta?.progressToken, 1);
        stream(response, event(first));
        setImmediate(() => response[way]());
      },
    });
    await using(http(peer), {}, async (find) => {
      const all = await outputs(find('broken'));
      expect(all.map(({ type }) => type)).toEqual(['tool_progress', 'tool_outcome']);
      expect(all.at(-1)).toMatchObject({ isError: true });
      expect(await textOf(find('echo'))).toBe('{}');
    });
    expect(said(peer, 'notifications/cancelled')).toBe(0);
  });

  it.each([
    ['202', 202, '', {}],
    ['a page', 200, '<html>log in</html>', { 'content-type': 'text/html' }],
    ['no JSON', 200, '{"jsonrpc"', { 'content-type': 'application/json' }],
    ['an empty stream', 200, '', { 'content-type': 'text/event-stream' }],
    ['a stream of something else', 200, 'data: hello\n\n', { 'content-type': 'text/event-stream' }],
    ['a failure', 500, '{"error":{"message":"out of order"}}', {}],
  ])('T11 fails the call at once when its answer is %s', async (_what, status, body, headers) => {
    const peer = await httpPeer({ ...echo, broken: (_message, response) => response.writeHead(status, headers).end(body) });
    await using(http(peer), {}, async (find) => {
      expect(await outcome(find('broken'))).toMatchObject({ isError: true });
      expect(await textOf(find('echo'))).toBe('{}');
    });
  });

  it('T11 goes on where the server has marked how far it had come', async () => {
    let waiting: number | string | undefined;
    const peer = await httpPeer({
      polled: ({ id, params }, response) => {
        waiting = id;
        stream(response, 'retry: 1\n', event(progress(params?._meta?.progressToken, 1)[0] ?? {}, 'a')).end();
      },
      GET: (_message, response, { headers }) => {
        if (headers['last-event-id'] === 'a') stream(response, 'id: b\n\n').end();
        else if (headers['last-event-id'] === 'b') stream(response, event({ id: waiting, result: text('late') }));
        else response.writeHead(405).end();
      },
    });
    await using(http(peer), {}, async (find) => {
      const all = await outputs(find('polled'));
      expect(all).toMatchObject([{ type: 'tool_progress' }, { type: 'tool_outcome', isError: false, content: [{ text: 'late' }] }]);
    });
    expect(said(peer, 'tools/call polled')).toBe(1);
  });

  it('T11 gives up a marked stream that is lost again and again', async () => {
    const peer = await httpPeer({
      lost: (_message, response) => void stream(response, 'id: a\nretry: 1\n\n').end(),
      GET: (_message, response, { headers }) => (headers['last-event-id'] === 'a' ? stream(response).end() : response.writeHead(405).end()),
    });
    await using(http(peer), {}, async (find) => {
      expect(await outcome(find('lost'))).toMatchObject({ isError: true });
    });
    expect(peer.seen.filter(({ headers }) => headers['last-event-id'] === 'a')).toHaveLength(4);
  });

  it('T18 gives up a marked stream that says where it is again and again, and goes no further', async () => {
    const peer = await httpPeer({
      stuck: (_message, response) => void stream(response, 'retry: 0\nid: 1\n\n').end(),
      GET: (_message, response, { headers }) => (headers['last-event-id'] === '1' ? stream(response, 'retry: 0\nid: 1\n\n').end() : response.writeHead(405).end()),
    });
    await using(http(peer), {}, async (find) => {
      expect(await outcome(find('stuck'))).toMatchObject({ isError: true });
    });
    expect(peer.seen.filter(({ headers }) => headers['last-event-id'] === '1')).toHaveLength(4);
  });

  it('T11 takes an error in a marked stream for the answer that it is, and does not open the stream again', async () => {
    const peer = await httpPeer({ refused: ({ id }, response) => void stream(response, 'id: a\nretry: 1\n\n', event({ id, error: { code: -32000, message: 'no' } }, 'b')).end(), ...echo });
    await using(http(peer), {}, async (find) => {
      expect(await outcome(find('refused'))).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('no') }] });
      expect(await textOf(find('echo'))).toBe('{}');
    });
    expect(peer.seen.filter(({ headers }) => headers['last-event-id'] !== undefined)).toEqual([]);
  });

  it('T15 a message over the limit fails only the call that it answers', async () => {
    const long = 'x'.repeat(100_000);
    const peer = await httpPeer({
      ...echo,
      longStream: ({ id }, response) => void stream(response, event({ id, result: text(long) })).end(),
      longJson: ({ id }, response) => json(response, { id, result: text(long) }),
    });
    await using(http(peer, { maxMessageBytes: 50_000 }), {}, async (find) => {
      const [one, two, echoed] = await Promise.all([outcome(find('longStream')), outcome(find('longJson')), textOf(find('echo'))]);
      expect([one, two]).toMatchObject([{ isError: true }, { isError: true }]);
      expect(echoed).toBe('{}');
    });
  });

  it('T16 lives through junk, strange ids and a second answer', async () => {
    const warnings: string[] = [];
    const peer = await httpPeer({
      junk: ({ id }, response) =>
        void stream(response, 'data: hello\n\n', 'event: ping\ndata: {}\n\n', `data: ${JSON.stringify({ hello: 1 })}\n\n`, event({ id: 4242, result: {} }), event({ id, result: text('first') }), event({ id, result: text('second') })).end(),
    });
    await using(http(peer, { onWarning: (message) => warnings.push(message) }), {}, async (find) => {
      expect(await textOf(find('junk'))).toBe('first');
      expect(await textOf(find('junk'))).toBe('first');
    });
    expect(warnings.length).toBeGreaterThanOrEqual(4);
  });
});

describe('cancellation over HTTP', () => {
  it('T9 tells the server that the call was given up, and closes its stream', async () => {
    const peer = await httpPeer({
      ...echo,
      hang: ({ params }, response) => void stream(response, event(progress(params?._meta?.progressToken, 1)[0] ?? {})),
      mute: () => undefined,
    });
    await using(http(peer), {}, async (find) => {
      await firstValueFrom(call(find('hang')));
      const mute = call(find('mute')).subscribe();
      await until(() => said(peer, 'tools/call mute') === 1);
      mute.unsubscribe();
      await until(() => said(peer, 'notifications/cancelled') === 2);
      const calls = peer.seen.filter(({ message }) => message.params?.name === 'hang' || message.params?.name === 'mute');
      await until(() => calls.every(({ cut }) => cut));
      const cancelled = peer.seen.filter(({ message }) => message.method === 'notifications/cancelled').map(({ message }) => message.params?.requestId);
      expect(cancelled).toEqual(calls.map(({ message }) => message.id));
      expect(await textOf(find('echo'))).toBe('{}');
    });
  });

  it('T9 tells the server of the calls that still wait when it leaves, before it ends the session', async () => {
    const peer = await httpPeer({ mute: () => undefined });
    const waits = await using(http(peer), {}, async (find) => {
      const waiting = lastValueFrom(call(find('mute')));
      await until(() => said(peer, 'tools/call mute') === 1);
      return { waiting };
    });
    expect(await waits.waiting).toMatchObject({ type: 'tool_outcome', isError: true });
    await until(() => said(peer, 'DELETE') === 1);
    expect(peer.asked().slice(-2)).toEqual(['notifications/cancelled', 'DELETE']);
    await until(() => peer.seen.some(({ message, cut }) => message.params?.name === 'mute' && cut));
  });

  it('T9 says nothing of calls that are over', async () => {
    const peer = await httpPeer(echo);
    await using(http(peer), {}, async (find) => {
      for (let count = 0; count < 5; count += 1) await lastValueFrom(call(find('echo')));
    });
    await until(() => said(peer, 'DELETE') === 1);
    expect(said(peer, 'notifications/cancelled')).toBe(0);
  });
});

describe('a session that the server has forgotten', () => {
  it('T12 is begun anew, once for all calls, and the calls of idempotent tools are sent again', async () => {
    const peer = await httpPeer({ ...echo, unsafe: ({ id }, response) => json(response, { id, result: text('done') }) });
    const notices: McpNotice[] = [];
    await using(http(peer, { isIdempotent: (tool) => tool === 'echo', onNotice: (notice) => notices.push(notice) }), {}, async (find, lists) => {
      peer.forget();
      const [first, second, unsafe] = await Promise.all([textOf(find('echo'), { a: 1 }), textOf(find('echo'), { a: 2 }), outcome(find('unsafe'))]);
      expect([first, second]).toEqual(['{"a":1}', '{"a":2}']);
      expect(unsafe).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('not sent again') }] });
      expect(await textOf(find('unsafe'))).toBe('done');
      // The tools of the new session may be others: they are listed again.
      await until(() => lists.length === 2);
    });
    expect(said(peer, 'initialize')).toBe(2);
    expect(said(peer, 'tools/call unsafe')).toBe(2);
    expect(notices.filter(({ type }) => type === 'session_renewed')).toHaveLength(1);
  });

  it('T12 is not begun anew for ever', async () => {
    const peer = await httpPeer({ ...echo, gone: (_message, response) => response.writeHead(404).end('Session not found') });
    await using(http(peer, { isIdempotent: () => true }), {}, async (find) => {
      expect(await outcome(find('gone'))).toMatchObject({ isError: true });
    });
    expect(said(peer, 'tools/call gone')).toBe(2);
    expect(said(peer, 'initialize')).toBe(2);
  });

  it('T12 fails the call when no new one can be begun, and tries again with the next', async () => {
    const peer = await httpPeer(echo);
    await using(http(peer, { isIdempotent: () => true }), {}, async (find) => {
      peer.forget();
      peer.refuse(500);
      expect(await outcome(find('echo'))).toMatchObject({ isError: true });
      peer.refuse(undefined);
      expect(await textOf(find('echo'))).toBe('{}');
    });
  });
});

describe('the stream of notifications', () => {
  it('T18 is opened again after pauses that grow', async () => {
    const peer = await httpPeer({ ...echo, GET: (_message, response) => void stream(response).end() });
    const pauses: number[] = [];
    const onNotice = (notice: McpNotice): void => {
      if (notice.type === 'stream_lost') pauses.push(notice.delayMs);
    };
    await using(http(peer, { reopen: { initial: 1, max: 60_000 }, onNotice }), {}, () => until(() => pauses.length >= 6));
    expect(pauses.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('T18 goes on where it ended, and hears what the server says by itself', async () => {
    const peer = await httpPeer({
      ...echo,
      GET: (_message, response, { headers }) => {
        const parts = headers['last-event-id'] === 'a' ? [event({ method: 'notifications/tools/list_changed' }, 'b')] : ['id: a\nretry: 1\n\n'];
        const open = stream(response, ...parts);
        if (headers['last-event-id'] === undefined) open.end();
      },
    });
    await using(http(peer, { reopen: { initial: 1, max: 8 } }), {}, (_find, lists) => until(() => lists.length === 2));
    expect(peer.seen.filter(({ verb }) => verb === 'GET').map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'a']);
  });
});
