import type { BodyFlow, BodyReceiver, PushedBody } from '../internal/read-stream.js';

/** Answers that have no body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

/** As much of a body as is kept for a reader that is slower than the connection. */
const MOST_WAITING_BYTES = 64 * 1024;

const NOBODY: BodyReceiver = { next: () => undefined, error: () => undefined, complete: () => undefined };

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A pushed body as a stream of the web, for those who want one. It takes nothing before it is read: it may only be looked at. */
function webStream(body: PushedBody): Stream {
  let flow: BodyFlow | undefined;
  const open = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): BodyFlow =>
    body.pushTo({
      next: (chunk) => {
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= -MOST_WAITING_BYTES) flow?.pause();
      },
      error: (error) => controller.error(error),
      complete: () => controller.close(),
    });
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: (controller) => {
        if (flow === undefined) flow = open(controller);
        else flow.resume();
      },
      cancel: () => (flow ?? body.pushTo(NOBODY)).stop(),
    },
    { highWaterMark: 0, size: (chunk) => chunk.byteLength },
  );
}

/** What an answer is made of. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: PushedBody;
}

/** An answer whose body is pushed to whoever knows how to take it; a stream of the web is made for all others, and only then. */
export class LeanResponse implements Response, PushedBody {
  readonly type = 'basic';
  readonly redirected = false;
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly #body: PushedBody;
  #isPushed = false;
  #stream: Stream | null | undefined;
  #made: Response | undefined;

  constructor({ url, status, statusText, headers, body }: Answer) {
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.#body = body;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get body(): Stream | null {
    if (this.#stream === undefined) this.#stream = WITHOUT_BODY.includes(this.status) ? null : webStream(this.#body);
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#isPushed || this.#made?.bodyUsed === true;
  }

  pushTo(receiver: BodyReceiver): BodyFlow {
    this.#isPushed = true;
    return this.#body.pushTo(receiver);
  }

  text(): Promise<string> {
    return this.#whole().text();
  }

  json(): Promise<unknown> {
    return this.#whole().json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole().arrayBuffer();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  blob(): Promise<Blob> {
    return this.#whole().blob();
  }

  formData(): Promise<FormData> {
    return this.#whole().formData();
  }

  clone(): Response {
    return this.#whole().clone();
  }

  #whole(): Response {
    const { status, statusText, headers } = this;
    this.#made ??= new Response(this.body, { status, statusText, headers });
    return this.#made;
  }
}
