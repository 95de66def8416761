import { connect, type ClientHttp2Session } from 'node:http2';
import { Http2Sessions } from '../../src/providers/bedrock/http2-sessions.js';
import { closeAll, serve } from './support.js';

afterEach(closeAll);

describe('sessions that are lent and taken back', () => {
  it('are listened to no more with each stream', async () => {
    const { url } = await serve('http2', () => undefined);
    const made: ClientHttp2Session[] = [];
    const sessions = new Http2Sessions((origin) => {
      const session = connect(origin);
      made.push(session);
      return session;
    });
    const listeners = (): readonly number[] => made.flatMap((session) => session.eventNames().map((name) => session.listenerCount(name)));
    sessions.giveBack(url, sessions.take(url));
    const first = listeners();
    for (let streams = 0; streams < 20; streams++) sessions.giveBack(url, sessions.take(url));
    expect([made.length, listeners()]).toEqual([1, first]);
    for (const session of made) session.destroy();
  });
});
