import { BehaviorSubject, catchError, concat, defer, EMPTY, filter, finalize, first, from, ignoreElements, lastValueFrom, merge, mergeMap, startWith, Subject, Subscription, switchMap, takeUntil, tap, throwError, timer, type Observable } from 'rxjs';
import { messageOf } from '../../../errors/describe.js';
import { ConnectionError } from '../../../errors/errors.js';
import type { McpTransport } from '../client.js';
import { isRecord } from '../guards.js';
import { reopening } from '../reopening.js';
import type { Message } from '../well-formed.js';
import { conversation } from './conversation.js';
import { statusOf } from './exchange.js';
import { HttpSession, requestId } from './session.js';
import type { HttpSettings } from './settings.js';

/** How long the goodbyes may take together, in milliseconds. */
const leavePause = 2_000;

/** Whether the stream of notifications is not to be had at all: the server says so, and says so for good. */
function isRefused(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 300 && status < 500 && status !== 408 && status !== 429;
}

/** What the server says by itself. A stream that ends is opened again, where it ended. */
function notifications(session: HttpSession, { reopen, notice }: HttpSettings): Observable<Message> {
  return defer(() => {
    let mark: string | undefined;
    let retryMs = 0;
    const ended = new ConnectionError('The MCP server ended its stream of notifications.');
    return concat(defer(() => session.listen(mark)), throwError(() => ended)).pipe(
      tap((reading) => {
        mark = reading.mark ?? mark;
        retryMs = reading.retryMs ?? retryMs;
      }),
      reopening({
        ...reopen,
        least: () => retryMs,
        isFinal: isRefused,
        proves: ({ message }) => message !== undefined,
        onPause: ({ error, ...pause }) => notice({ type: 'stream_lost', error: messageOf(error), ...pause }),
      }),
      mergeMap(({ message }) => (message === undefined ? [] : [message])),
      // A server need not have such a stream.
      catchError(() => EMPTY),
    );
  });
}

function cancel(id: unknown): Message {
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: 'The client leaves.' } };
}

/** A transport, in the form that the SDK asks for, over Streamable HTTP. */
export class HttpTransport implements McpTransport {
  onmessage?: ((message: unknown) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  private readonly listening = new Subscription();
  private readonly cancelled = new Subject<unknown>();
  private readonly closed = new Subject<void>();
  private readonly left = new Subject<void>();
  private readonly renewed = new Subject<void>();
  private readonly underWay = new Set<unknown>();
  private readonly saying = new BehaviorSubject(0);
  private readonly session: HttpSession;
  private isOver = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: HttpSettings) {
    this.session = new HttpSession(settings, () => {
      settings.notice({ type: 'session_renewed' });
      this.renewed.next();
      // The tools of a new session may be others.
      this.hear({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async send(message: unknown): Promise<void> {
    await lastValueFrom(this.sending(message), { defaultValue: undefined });
  }

  setProtocolVersion(version: string): void {
    this.session.setVersion(version);
  }

  /** Closes all streams and ends the session, within two seconds; never rejects. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private hear(message: Message): void {
    if (!this.isOver) this.onmessage?.(message);
  }

  private sending(message: unknown): Observable<unknown> {
    if (!isRecord(message) || this.isOver) return throwError(() => new ConnectionError('The MCP server is not connected.'));
    const id = requestId(message);
    if (id !== undefined) return this.ask(message, id);
    const { method, params } = message;
    if (method === 'notifications/cancelled' && isRecord(params)) this.cancelled.next(params['requestId']);
    return method === 'notifications/initialized' ? concat(this.say(message), this.listen()) : this.say(message);
  }

  /** A request, until it is answered or given up. */
  private ask(request: Message, id: unknown): Observable<Message> {
    return defer(() => {
      // A server is not told to forget the beginning.
      if (request['method'] !== 'initialize') this.underWay.add(id);
      const givenUp$ = merge(this.closed, this.cancelled.pipe(filter((other) => other === id)));
      return conversation(this.session, request).pipe(
        tap((message) => this.hear(message)),
        takeUntil(givenUp$),
        finalize(() => this.underWay.delete(id)),
      );
    });
  }

  /** A notification or an answer; the last ones are heard even when the transport is closed, until it has left. */
  private say(message: Message): Observable<unknown> {
    const { saying } = this;
    return defer(() => {
      saying.next(saying.value + 1);
      return this.session.post(message).pipe(
        takeUntil(this.left),
        finalize(() => saying.next(saying.value - 1)),
      );
    });
  }

  /** Begins to hear what the server says by itself, in this session and those after it. */
  private listen(): Observable<never> {
    return defer(() => {
      const messages$ = this.renewed.pipe(startWith(undefined), switchMap(() => notifications(this.session, this.settings)));
      this.listening.add(messages$.subscribe({ next: (message) => this.hear(message), error: () => undefined }));
      return EMPTY;
    });
  }

  /** Tells the server what it need not go on with, and that the session is over. */
  private leave(calls: readonly unknown[]): Observable<never> {
    const cancel$ = from(calls).pipe(mergeMap((id) => this.say(cancel(id)).pipe(catchError(() => EMPTY))));
    return concat(cancel$, this.saying.pipe(first((count) => count === 0)), this.session.end()).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
      takeUntil(timer(leavePause)),
    );
  }

  private async end(): Promise<void> {
    const calls = [...this.underWay];
    this.isOver = true;
    this.listening.unsubscribe();
    this.session.unsubscribe();
    this.closed.next();
    this.onclose?.();
    await lastValueFrom(this.leave(calls), { defaultValue: undefined });
    // Nothing is open after the last goodbye, whether or not the server has heard it.
    this.left.next();
  }
}
