import { catchError, defer, from, mergeMap, of, take, throwError, type Observable } from 'rxjs';
import { isColdstreamError, messageOf } from '../../../errors/describe.js';
import { AuthenticationError, ConnectionError, type ColdstreamError } from '../../../errors/errors.js';
import { redacting, secretHeaders, type Redact } from '../../../errors/redact.js';
import { serviceError, type Meaning } from '../../../errors/service-error.js';
import { excerpt, unreachable } from '../../../errors/system-error.js';
import { answered } from '../../../internal/answered.js';
import { beginning } from '../../../internal/beginning.js';
import { bodyOf, readStream } from '../../../internal/read-stream.js';
import { retryAfterMs } from '../../../internal/retry-after.js';
import { isRecord, printable } from '../guards.js';
import type { Message } from '../well-formed.js';
import { readingsOf, type Reading } from './readings.js';
import type { HttpSettings } from './settings.js';

/** One request to the server, and what of its answer matters. */
export interface Exchange {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Told of the headers of an answer that was no refusal. */
  readonly onHeaders?: (headers: Headers) => void;
  /** Whether nothing that follows the message is of interest. Default: everything is. */
  readonly isLast?: (message: Message) => boolean;
}

const maxHops = 5;
const maxRefusal = 4096;

/** Where a redirect leads, if it may be followed: with the same method, and within the origin. */
function nextHop(response: Response, from: URL, method: string): URL | undefined {
  const keepsMethod = response.status === 307 || response.status === 308 || (method === 'GET' && response.status < 304);
  const location = response.headers.get('location');
  if (!keepsMethod || location === null) return undefined;
  try {
    const to = new URL(location, from);
    return to.origin === from.origin && to.username === '' ? to : undefined;
  } catch {
    return undefined;
  }
}

async function follow(settings: HttpSettings, init: RequestInit & { readonly method: string }): Promise<Response> {
  let url = settings.url;
  for (let hops = 0; ; hops += 1) {
    const response = await settings.fetch(url.href, { ...init, redirect: 'manual' });
    const next = response.status >= 300 && response.status < 400 && hops < maxHops ? nextHop(response, url, init.method) : undefined;
    if (next === undefined) return response;
    await response.body?.cancel();
    url = next;
  }
}

function meaningOf(status: number): Meaning {
  if (status === 401 || status === 403) return 'authentication';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate';
  if (status >= 500) return 'server';
  // A browser tells of a redirect that it was not to follow by the status 0.
  return status < 400 ? 'redirect' : 'invalid';
}

function saidIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body) && isRecord(body['error']) && typeof body['error']['message'] === 'string') return body['error']['message'];
  } catch {
    // It is no JSON; what it is instead is told.
  }
  return excerpt(text);
}

/** The error for an answer that refuses, without what it may repeat of the request. */
function refusal(response: Response, { url }: HttpSettings, text: string, redact: Redact): ColdstreamError {
  const { status } = response;
  const wait = retryAfterMs(response.headers);
  return serviceError({
    meaning: meaningOf(status),
    service: `The MCP server at ${url.origin}`,
    message: printable(redact(saidIn(text))),
    status,
    ...(wait !== undefined && { retryAfterMs: wait }),
    advice: { authentication: 'check token and headers', redirect: 'give the address that it leads to' },
  });
}

function ask(settings: HttpSettings, exchange: Exchange, token: string | undefined): Observable<Reading> {
  const { method, body, onHeaders, isLast = () => false } = exchange;
  const headers = { ...settings.headers, ...exchange.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const { pathname, search } = settings.url;
  const redact = redacting([...secretHeaders(settings.headers), exchange.headers['mcp-session-id'], token, pathname, search]);
  return answered(
    (signal) => follow(settings, { method, headers, signal, ...(body !== undefined && { body }) }),
    (response, ending) => {
      if (!response.ok) {
        return readStream(bodyOf(response)).pipe(
          beginning(maxRefusal),
          mergeMap((text) => throwError(() => refusal(response, settings, text, redact))),
        );
      }
      onHeaders?.(response.headers);
      return readingsOf(response, { settings, redact, ending, isLast });
    },
  ).pipe(
    catchError((error: unknown) => {
      if (isColdstreamError(error)) return throwError(() => error);
      const what = new ConnectionError(`The MCP server at ${settings.url.origin} could not be asked: ${redact(messageOf(error))}`);
      return throwError(() => unreachable(error, redact) ?? what);
    }),
  );
}

function tokenOf({ token }: HttpSettings): Observable<string | undefined> {
  if (token === undefined) return of(undefined);
  return defer(() => from(token())).pipe(
    take(1),
    catchError(() => throwError(() => new AuthenticationError('The function that gives the token for the MCP server failed.'))),
  );
}

/**
 * Sends one request. A token that is refused is asked for once more. Unsubscribing closes the request, whether or not it
 * has been answered.
 */
export function exchange(settings: HttpSettings, what: Exchange): Observable<Reading> {
  const ask$ = tokenOf(settings).pipe(mergeMap((token) => ask(settings, what, token)));
  if (settings.token === undefined) return ask$;
  return ask$.pipe(catchError((error: unknown) => (statusOf(error) === 401 ? ask$ : throwError(() => error))));
}

/** The HTTP status that an error tells of. */
export function statusOf(error: unknown): number | undefined {
  return isColdstreamError(error) ? error.status : undefined;
}
