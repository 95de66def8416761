import type { ClientHttp2Session } from 'node:http2';

type ConnectHttp2 = (origin: string) => ClientHttp2Session;

/** How long a session waits for its next stream: the turns of a loop follow each other within moments. */
const IDLE_MS = 4000;

const ignore = (): void => undefined;

function destroy(this: ClientHttp2Session): void {
  this.destroy();
}

/**
 * Sessions for one stream at a time, so that stopping a stream closes its connection and no other's. One whose stream has
 * ended serves the next stream: to connect takes longer than all else that a request needs.
 */
export class Http2Sessions {
  readonly #connect: ConnectHttp2;
  readonly #idle = new Map<string, ClientHttp2Session[]>();

  constructor(connect: ConnectHttp2) {
    this.#connect = connect;
  }

  /** An idle session, or a new one. */
  take(origin: string): ClientHttp2Session {
    const idle = this.#idle.get(origin) ?? [];
    for (let session = idle.pop(); session !== undefined; session = idle.pop()) {
      if (session.closed || session.destroyed) continue;
      session.setTimeout(0);
      session.ref();
      return session;
    }
    return this.#open(origin);
  }

  /** Takes a session back whose stream has ended. It does not keep the process. */
  giveBack(origin: string, session: ClientHttp2Session): void {
    if (session.closed || session.destroyed) return;
    const idle = this.#idle.get(origin);
    if (idle === undefined) this.#idle.set(origin, [session]);
    else idle.push(session);
    session.unref();
    session.setTimeout(IDLE_MS);
  }

  #open(origin: string): ClientHttp2Session {
    const session = this.#connect(origin);
    // Its streams tell of it; an error that nobody hears would end the process.
    session.on('error', ignore);
    // Only an idle one has a limit of time.
    session.on('timeout', destroy);
    session.once('close', () => {
      const idle = this.#idle.get(origin);
      const at = idle?.indexOf(session) ?? -1;
      if (at >= 0) idle?.splice(at, 1);
    });
    return session;
  }
}
