import { firstValueFrom } from 'rxjs';
import { untilAborted } from '../../internal/abort.js';
import { beginning } from '../../internal/beginning.js';
import { readStream } from '../../internal/read-stream.js';
import type { HeadersLike } from '../../internal/retry-after.js';
import type { JsonObject } from '../../events/json.js';
import { memberOf } from '../../errors/system-error.js';
import type { BedrockClient } from './config.js';
import { attach, isCommand, isRecord, type HttpResponse, type Middleware } from './middleware.js';
import type { Secrets } from './secrets.js';

/** As much of a refusal as is read; the service's own are far shorter. */
export const MAX_REFUSAL = 64 * 1024;

/** What the service answered: a stream of bytes, a refusal, or, from a client that stands in for one, decoded events. */
export type Answer =
  | { readonly kind: 'stream'; readonly status: number; readonly headers: HeadersLike; readonly body: unknown }
  | { readonly kind: 'refusal'; readonly status: number; readonly headers: HeadersLike; readonly text: string }
  | { readonly kind: 'decoded'; readonly stream: AsyncIterable<unknown>; readonly requestId: string | undefined }
  | { readonly kind: 'nothing' };

export interface Sending {
  readonly client: BedrockClient;
  readonly command: object;
  readonly model: string;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  /** Called once the headers of an answer are there, with the body that is then the caller's to read or to discard. */
  readonly onHeaders: (body?: unknown) => void;
}

/** Stops a body that nobody will read. */
export function discard(body: unknown): void {
  readStream(body).subscribe({ error: () => undefined }).unsubscribe();
}

const EMPTY_STREAM: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

function headersOf({ headers }: HttpResponse): HeadersLike {
  return {
    get: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : null;
    },
  };
}

/** Takes the answer before the SDK does: the stream is ours, and the SDK gets an empty one in its place. */
function takingAnswer({ secrets, signal, onHeaders }: Sending, take: (answer: Answer) => void): Middleware {
  return (next, context) => async (args) => {
    learn(secrets, args.request, context);
    const result = await next(args);
    const { response } = result;
    if (response === undefined) return result;
    const { statusCode: status, body } = response;
    // Not every handler stops a body by the signal.
    if (signal.aborted) discard(body);
    onHeaders(status < 300 ? body : undefined);
    const headers = headersOf(response);
    if (status < 300) {
      take({ kind: 'stream', status, headers, body });
      response.body = EMPTY_STREAM;
      return result;
    }
    // Nobody follows a redirect, and so nobody waits for what it says.
    if (status < 400) discard(body);
    const text = status < 400 ? '' : await firstValueFrom(readStream(body).pipe(beginning(MAX_REFUSAL), untilAborted(signal)), { defaultValue: '' });
    take({ kind: 'refusal', status, headers, text });
    response.body = new TextEncoder().encode(text);
    return result;
  };
}

/** What the request is signed with, and whatever else it carries, is secret from here on. */
function learn(secrets: Secrets, request: unknown, context: object): void {
  const scheme = memberOf(memberOf(context, '__smithy_context'), 'selectedHttpAuthScheme');
  const identity = memberOf(scheme, 'identity');
  if (isRecord(identity)) secrets.add(Object.values(identity));
  const headers = memberOf(request, 'headers');
  if (isRecord(headers)) secrets.addHeaders(headers);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** What a client answered that never came by our middleware: one that stands in for a service, in a test say. */
function decodedAnswer(output: unknown): Answer {
  const stream = memberOf(output, 'stream');
  const requestId = memberOf(memberOf(output, '$metadata'), 'requestId');
  if (!isAsyncIterable(stream)) return { kind: 'nothing' };
  return { kind: 'decoded', stream, requestId: typeof requestId === 'string' ? requestId : undefined };
}

/**
 * Sends one request and gives the answer as soon as its headers are there: from then on it is for the caller to read,
 * or to stop. Rejects with whatever the client fails with before that.
 */
export function send(sending: Sending): Promise<Answer> {
  const { client, command, signal, onHeaders } = sending;
  const answer = new Promise<Answer>((resolve, reject) => {
    if (isCommand(command)) attach(command, sending, takingAnswer(sending, resolve));
    const sent = client.send(command, { abortSignal: signal });
    // Once the answer has been taken, what the SDK makes of the rest is of no matter.
    sent.then((output) => resolve(decodedAnswer(output))).catch(reject);
  });
  return answer.then((taken) => {
    if (taken.kind === 'decoded' || taken.kind === 'nothing') onHeaders();
    return taken;
  });
}
