import type { BodyFlow, BodyReceiver, PushedBody } from '../internal/read-stream.js';

/** Answers that have no body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

const HIGH_WATER_MARK = 64 * 1024;

/** A pushed body as a stream of the web, for those who want one. */
function webStream(body: PushedBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  let flow: BodyFlow | undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => {
        flow = body.pushTo({
          next: (chunk) => {
            controller.enqueue(new Uint8Array(chunk));
            if ((controller.desiredSize ?? 0) <= 0) flow?.pause();
          },
          error: (error) => controller.error(error),
          complete: () => controller.close(),
        });
      },
      pull: () => flow?.resume(),
      cancel: () => flow?.stop(),
    },
    { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength },
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

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#whole().body;
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
    this.#made ??= new Response(WITHOUT_BODY.includes(status) ? null : webStream(this.#body), { status, statusText, headers });
    return this.#made;
  }
}
