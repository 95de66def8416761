import { firstValueFrom } from 'rxjs';
import { untilAborted } from '../../internal/abort.js';
import { beginning } from '../../internal/beginning.js';
import { readStream } from '../../internal/read-stream.js';
import type { HeadersLike } from '../../internal/retry-after.js';
import type { JsonObject } from '../../events/json.js';
import { memberOf } from '../../errors/system-error.js';
import type { Connection } from './connect.js';
import { attach, isCommand, isRecord, type HttpResponse, type Middleware } from './middleware.js';
import type { SameAgain } from './same-again.js';
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
  readonly connection: Connection;
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

/** What an answer of HTTP is to us; its body is not the sender's any more. */
async function answerOf(response: HttpResponse, { signal, onHeaders }: Sending): Promise<Answer> {
  const { statusCode: status, body } = response;
  // Not every handler stops a body by the signal.
  if (signal.aborted) discard(body);
  onHeaders(status < 300 ? body : undefined);
  const headers = headersOf(response);
  if (status < 300) return { kind: 'stream', status, headers, body };
  // Nobody follows a redirect, and so nobody waits for what it says.
  if (status < 400) discard(body);
  const text = status < 400 ? '' : await firstValueFrom(readStream(body).pipe(beginning(MAX_REFUSAL), untilAborted(signal)), { defaultValue: '' });
  return { kind: 'refusal', status, headers, text };
}

/** Takes the answer before the SDK does: the stream is ours, and the SDK gets an empty one in its place. */
function takingAnswer(sending: Sending, take: (answer: Answer) => void): Middleware {
  return (next, context) => async (args) => {
    const { request } = args;
    learn(sending.secrets, memberOf(selectedScheme(context), 'identity'), memberOf(request, 'headers'));
    const result = await next(args);
    const { response } = result;
    if (response === undefined) return result;
    const answer = await answerOf(response, sending);
    if (answer.kind === 'stream') sending.connection.sameAgain?.learn(request, selectedScheme(context));
    take(answer);
    response.body = answer.kind === 'refusal' ? new TextEncoder().encode(answer.text) : EMPTY_STREAM;
    return result;
  };
}

/** How the request is signed. */
function selectedScheme(context: object): unknown {
  return memberOf(memberOf(context, '__smithy_context'), 'selectedHttpAuthScheme');
}

/** What the request is signed with, and whatever else it carries, is secret from here on. */
function learn(secrets: Secrets, identity: unknown, headers: unknown): void {
  if (isRecord(identity)) secrets.add(Object.values(identity));
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

/** Sends by the SDK, through all of its client's steps. */
async function sendByClient(sending: Sending): Promise<Answer> {
  const { connection, model, body, signal, onHeaders } = sending;
  const { client } = connection;
  const command = await connection.command({ modelId: model, ...body });
  signal.throwIfAborted();
  const answer = await new Promise<Answer>((resolve, reject) => {
    if (isCommand(command)) attach(command, sending, takingAnswer(sending, resolve));
    const sent = client.send(command, { abortSignal: signal });
    // Once the answer has been taken, what the SDK makes of the rest is of no matter.
    sent.then((output) => resolve(decodedAnswer(output))).catch(reject);
  });
  if (answer.kind === 'decoded' || answer.kind === 'nothing') onHeaders();
  return answer;
}

/** Sends like the request before this one; undefined where none is to go by. */
async function sendSameAgain(sending: Sending, sameAgain: SameAgain): Promise<Answer | undefined> {
  const { body, secrets, signal } = sending;
  try {
    const request = await sameAgain.make(JSON.stringify(body));
    if (request === undefined) return undefined;
    signal.throwIfAborted();
    learn(secrets, request.identity, request.headers);
    const answer = await answerOf(await request.send(signal), sending);
    if (answer.kind !== 'stream') sameAgain.forget();
    return answer;
  } catch (error) {
    sameAgain.forget();
    throw error;
  }
}

/**
 * Sends one request and gives the answer as soon as its headers are there: from then on it is for the caller to read,
 * or to stop. Rejects with whatever the client fails with before that.
 */
export async function send(sending: Sending): Promise<Answer> {
  const { sameAgain } = sending.connection;
  const again = sameAgain === undefined ? undefined : await sendSameAgain(sending, sameAgain);
  return again ?? sendByClient(sending);
}
