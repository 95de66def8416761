import { ReplaySubject, Subject, type Observable } from 'rxjs';
import { newId } from '../../internal/ids.js';
import type { McpTransport } from './client.js';
import { isRecord } from './guards.js';
import { isAnswer, wellFormed, type Message } from './well-formed.js';

/** What passes on a transport concerning one call. */
export interface Watch {
  /** The progress token that the call's request must carry. */
  readonly token: string;
  /** The parameters of each progress notification, in the same turn of the event loop as it was read. */
  readonly progress$: Observable<{ readonly [member: string]: unknown }>;
  /** Emits when the answer is read, before the SDK has handed it on. */
  readonly answered$: Observable<void>;
  /** Nothing more is of interest. */
  release(): void;
}

/** Looks at the messages of a transport; changes none that its client could use. */
export interface Wiretap {
  /** Follows a call that is about to be made. */
  watch(): Watch;
  readonly listChanged$: Observable<void>;
  /** Emits when the connection is closed, also for those who come later. */
  readonly closed$: Observable<void>;
}

interface Entry {
  readonly progress: Subject<Message>;
  readonly answered: ReplaySubject<void>;
  id?: unknown;
}

// One wiretap a transport, however many sources of tools use it; it goes when the transport does.
const wiretaps = new WeakMap<McpTransport, Wiretap>();

/** The wiretap of a transport that a client is connected to. */
export function wiretapOf(transport: McpTransport): Wiretap {
  const existing = wiretaps.get(transport);
  if (existing !== undefined) return existing;
  const wiretap = install(transport);
  wiretaps.set(transport, wiretap);
  return wiretap;
}

function tokenOf(request: unknown): unknown {
  if (!isRecord(request) || !isRecord(request['params']) || !isRecord(request['params']['_meta'])) return undefined;
  return request['params']['_meta']['progressToken'];
}

/**
 * The SDKs hand notifications on in a microtask and forget a call's progress handler the moment its answer is read:
 * progress in the same chunk as the answer is lost. Read here, synchronously and in order, none is.
 */
function install(transport: McpTransport): Wiretap {
  const entries = new Map<unknown, Entry>();
  const ids = new Map<unknown, Entry>();
  const listChanged = new Subject<void>();
  const closed = new ReplaySubject<void>(1);
  const prefix = `${newId('mcp')}-`;
  let count = 0;
  const send = transport.send.bind(transport);
  const onmessage = transport.onmessage?.bind(transport);
  const { onclose } = transport;

  transport.send = (message, options) => {
    const entry = entries.get(tokenOf(message));
    if (entry !== undefined && isRecord(message)) {
      ids.delete(entry.id);
      entry.id = message['id'];
      ids.set(entry.id, entry);
    }
    return send(message, options);
  };

  const look = (message: Message): boolean => {
    const { method, params } = message;
    if (method === 'notifications/progress' && isRecord(params)) {
      const { progressToken: token } = params;
      entries.get(token)?.progress.next(params);
      // What comes after a call's end is not worth a report either.
      return typeof token === 'string' && token.startsWith(prefix);
    }
    if (method === 'notifications/tools/list_changed') listChanged.next();
    else if (method === undefined && isAnswer(message)) ids.get(message['id'])?.answered.next();
    return false;
  };

  transport.onmessage = (message, extra) => {
    if (!isRecord(message)) return onmessage?.(message, extra);
    const formed = wellFormed(message);
    // Our own tokens are strange to the SDK, which would report them.
    if (!look(formed)) onmessage?.(formed, extra);
  };
  transport.onclose = () => {
    onclose?.();
    closed.next();
  };

  const watch = (): Watch => {
    const token = `${prefix}${(count += 1)}`;
    const entry: Entry = { progress: new Subject(), answered: new ReplaySubject(1) };
    entries.set(token, entry);
    const release = (): void => {
      entries.delete(token);
      ids.delete(entry.id);
    };
    return { token, progress$: entry.progress, answered$: entry.answered, release };
  };
  return { watch, listChanged$: listChanged, closed$: closed };
}
