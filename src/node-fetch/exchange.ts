import { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { BodyFlow, BodyReceiver, PushedBody } from '../internal/read-stream.js';

/** How an answer begins. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

/** As much of a body as is kept for a reader that has not come yet; more is left to the connection. */
const MOST_UNREAD_BYTES = 64 * 1024;

function aborted(): Error {
  return new DOMException('This operation was aborted', 'AbortError');
}

function push(receiver: BodyReceiver, chunk: Uint8Array): void {
  receiver.next(chunk);
}

/**
 * One request and its answer, on undici's dispatcher. The head is a promise; the body is pushed to the one reader that
 * asks for it, in the reader's own asynchronous context: the connection's is that of the request which opened it.
 */
export class Exchange implements Dispatcher.DispatchHandler, PushedBody {
  readonly head: Promise<Head>;
  #begin: ((head: Head) => void) | undefined;
  #refuse: ((reason: unknown) => void) | undefined;
  #hasBegun = false;
  readonly #signal: AbortSignal | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #receiver: BodyReceiver | undefined;
  #scope: AsyncResource | undefined;
  #isTaken = false;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #end: { readonly error?: unknown } | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.head = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while there was no connection: nothing is sent.
    if (this.#end !== undefined) controller.abort(aborted());
  }

  onRequestUpgrade(): void {
    this.abort(new TypeError('fetch failed', { cause: new Error('The service asked for another protocol') }));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, statusText = ''): void {
    // Before the answer proper there may be others, which say that it will come.
    if (status < 200) return;
    this.#hasBegun = true;
    this.#begin?.({ status, statusText, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#receiver !== undefined) {
      this.#scope?.runInAsyncScope(push, undefined, this.#receiver, chunk);
      return;
    }
    if (this.#isTaken) return;
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes >= MOST_UNREAD_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#settle({});
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#settle({ error: new TypeError(this.#hasBegun ? 'terminated' : 'fetch failed', { cause }) });
  }

  /** Fails with this, and closes the connection. */
  abort(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#settle({ error });
    this.#controller?.abort(aborted());
  }

  pushTo(receiver: BodyReceiver): BodyFlow {
    if (this.#isTaken) throw new TypeError('Body is unusable: Body has already been read');
    this.#isTaken = true;
    for (const chunk of this.#unread) receiver.next(chunk);
    this.#unread = [];
    if (this.#end === undefined) {
      this.#receiver = receiver;
      this.#scope = new AsyncResource('COLDSTREAM_BODY');
      this.#controller?.resume();
    } else if ('error' in this.#end) receiver.error(this.#end.error);
    else receiver.complete();
    return { pause: () => this.#controller?.pause(), resume: () => this.#controller?.resume(), stop: () => this.#stop() };
  }

  readonly #onAbort = (): void => {
    this.abort(this.#signal?.reason);
  };

  #stop(): void {
    this.#receiver = undefined;
    if (this.#end === undefined) this.abort(aborted());
  }

  #settle(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (!this.#hasBegun) this.#refuse?.(end.error);
    else this.#scope?.runInAsyncScope(() => {
      if ('error' in end) receiver?.error(end.error);
      else receiver?.complete();
    });
  }
}
