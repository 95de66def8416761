import { AsyncSubject, catchError, concat, defer, EMPTY, finalize, ignoreElements, mergeMap, of, retry, Subscription, tap, throwError, timer, type Observable } from 'rxjs';
import { describeError } from '../../../errors/describe.js';
import { ConnectionError } from '../../../errors/errors.js';
import { isRecord } from '../guards.js';
import { isAnswer, type Message } from '../well-formed.js';
import { exchange, statusOf } from './exchange.js';
import type { Reading } from './readings.js';
import type { HttpSettings } from './settings.js';

const busyRetries = 2;
const busyPause = 500;
const longestBusyPause = 30_000;
const overloaded: ReadonlySet<unknown> = new Set([502, 503, 504]);

/** The id of a request; undefined for what expects no answer. */
export function requestId(message: Message): unknown {
  return message['method'] === undefined ? undefined : message['id'];
}

/** An id as text: some servers send a number back as a string. */
function printed(id: unknown): string | undefined {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** Whether the message answers the request with the id for good. */
export function answers(id: unknown): (message: Message) => boolean {
  return (message) => id !== undefined && message['method'] === undefined && isAnswer(message) && printed(message['id']) === printed(id);
}

/** Whether the request may reach the server twice: it changes nothing, or the application has said so of the tool. */
function mayRepeat({ method, params }: Message, { isIdempotent }: HttpSettings): boolean {
  if (method !== 'tools/call') return true;
  return isRecord(params) && typeof params['name'] === 'string' && isIdempotent(params['name']);
}

/** Sends a request again that a busy server refused: 429 says that it was not begun, the others do not. */
function patient(message: Message, settings: HttpSettings) {
  return retry<Reading>({
    count: busyRetries,
    delay: (error: unknown, attempt) => {
      const status = statusOf(error);
      const isBusy = status === 429 || (overloaded.has(status) && mayRepeat(message, settings));
      const { message: why } = describeError(error);
      const asked = isRecord(error) && typeof error['retryAfterMs'] === 'number' ? error['retryAfterMs'] : busyPause * 2 ** (attempt - 1);
      if (!isBusy || asked > longestBusyPause) return throwError(() => error);
      settings.notice({ type: 'request_delayed', error: why, attempt, delayMs: asked });
      return timer(asked);
    },
  });
}

const initialized: Message = { jsonrpc: '2.0', method: 'notifications/initialized' };

/**
 * The session with a server: its id, and how it is begun anew where the server has forgotten it. There is none before its
 * first message, the client's `initialize`, which is kept to begin another.
 */
export class HttpSession {
  private readonly work = new Subscription();
  private id: string | undefined;
  private version: string | undefined;
  private epoch = 0;
  private hello: Message | undefined;
  private renewal$: Observable<unknown> | undefined;

  /** @param onRenewed told when a new session has begun in the place of one that was gone */
  constructor(
    private readonly settings: HttpSettings,
    private readonly onRenewed: () => void,
  ) {}

  /** Sends a message; what the answer to it says. In a session that is gone it is sent again in a new one, if it may be. */
  post(message: Message): Observable<Reading> {
    if (message['method'] !== 'initialize') {
      return this.inSession(() => this.send(message), requestId(message) !== undefined && mayRepeat(message, this.settings));
    }
    this.hello = message;
    return this.send(message);
  }

  /** Goes on with the answer to a request from the mark on. */
  resume(mark: string | undefined, isLast: (message: Message) => boolean): Observable<Reading> {
    const position = mark === undefined ? {} : { 'last-event-id': mark };
    return defer(() => exchange(this.settings, { method: 'GET', headers: { ...this.headers(), ...position }, isLast }));
  }

  /** Opens the stream of what the server says by itself, from the mark on if there is one. */
  listen(mark: string | undefined): Observable<Reading> {
    return this.inSession(() => this.resume(mark, () => false), false);
  }

  /** Tells the server that the session is over. Completes if there is none. */
  end(): Observable<Reading> {
    return defer(() => (this.id === undefined ? EMPTY : exchange(this.settings, { method: 'DELETE', headers: this.headers() })));
  }

  setVersion(version: string): void {
    this.version = version;
  }

  /** Begins no new session any more. */
  unsubscribe(): void {
    this.work.unsubscribe();
  }

  private headers(): { readonly [name: string]: string } {
    return {
      accept: 'application/json, text/event-stream',
      ...(this.id !== undefined && { 'mcp-session-id': this.id }),
      ...(this.version !== undefined && { 'mcp-protocol-version': this.version }),
    };
  }

  private send(message: Message): Observable<Reading> {
    return defer(() => {
      const onHeaders = (got: Headers): void => {
        if (message['method'] === 'initialize') this.id = got.get('mcp-session-id') ?? undefined;
      };
      const headers = { ...this.headers(), 'content-type': 'application/json' };
      return exchange(this.settings, { method: 'POST', headers, body: JSON.stringify(message), isLast: answers(requestId(message)), onHeaders });
    }).pipe(patient(message, this.settings));
  }

  private begin(hello: Message): Observable<unknown> {
    const initialize$ = defer(() => {
      [this.id, this.version] = [undefined, undefined];
      return this.send(hello);
    });
    return concat(
      initialize$.pipe(
        tap(({ message }) => {
          if (message !== undefined && 'error' in message) throw new ConnectionError('The MCP server has ended the session, and begins no new one.');
          const result = message?.['result'];
          if (isRecord(result) && typeof result['protocolVersion'] === 'string') this.version = result['protocolVersion'];
        }),
        ignoreElements(),
      ),
      this.send(initialized).pipe(ignoreElements()),
      defer(() => {
        this.epoch += 1;
        this.onRenewed();
        return of(undefined);
      }),
    );
  }

  /** Begins a session in the place of one that is gone; all who find it gone wait for the same one. */
  private renew(gone: number): Observable<unknown> {
    return defer(() => {
      const { hello, work } = this;
      if (this.renewal$ !== undefined) return this.renewal$;
      if (this.epoch !== gone || hello === undefined || work.closed) return of(undefined);
      const settled = new AsyncSubject<unknown>();
      this.renewal$ = settled;
      const forget = (): void => {
        this.renewal$ = undefined;
      };
      work.add(this.begin({ ...hello, id: `renewal-${gone + 1}` }).pipe(finalize(forget)).subscribe(settled));
      return settled;
    });
  }

  /** What is asked in a session that the server has forgotten is asked once more in a new one, if it may be. */
  private inSession(make: () => Observable<Reading>, repeats: boolean): Observable<Reading> {
    return defer(() => this.renewal$ ?? of(undefined)).pipe(
      mergeMap(() => {
        const { epoch, id } = this;
        return make().pipe(
          catchError((error: unknown) => {
            if (id === undefined || statusOf(error) !== 404) return throwError(() => error);
            return this.renew(epoch).pipe(mergeMap(() => (repeats ? make() : throwError(forgotten))));
          }),
        );
      }),
    );
  }
}

function forgotten(): ConnectionError {
  return new ConnectionError('The MCP server had ended the session. A new one has begun, but the call was not sent again, since it may not be idempotent.');
}
