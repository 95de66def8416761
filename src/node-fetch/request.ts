import type { Dispatcher } from 'undici';

/** A request as undici wants it, and as `fetch` was told of it. */
export interface LeanRequest {
  readonly url: URL;
  readonly options: Dispatcher.DispatchOptions;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
}

function urlOf(input: string | URL | Request): URL {
  if (typeof input !== 'string' && !(input instanceof URL)) throw new TypeError('nodeFetch takes an address, as a string or a URL, and no Request');
  const url = URL.canParse(input) ? new URL(input) : undefined;
  // The address is not repeated: it may hold a password.
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new TypeError('nodeFetch takes whole addresses that begin with http:// or https://');
  if (url.username !== '' || url.password !== '') throw new TypeError('nodeFetch takes no address with a user name or a password');
  return url;
}

function bodyOf(body: BodyInit | null | undefined): string | Uint8Array | null {
  if (body === undefined || body === null || typeof body === 'string') return body ?? null;
  if (body instanceof Uint8Array) return body;
  throw new TypeError('nodeFetch sends a string or a Uint8Array as the body, and nothing else');
}

/** Names and values by turns. */
function headersOf(headers: HeadersInit | undefined, body: string | Uint8Array | null): string[] {
  // Headers that are made from any other form are checked and joined; those of the SDK are such already.
  const checked = headers instanceof Headers ? headers : new Headers(headers);
  const flat: string[] = [];
  for (const [name, value] of checked) flat.push(name, value);
  if (typeof body === 'string' && !checked.has('content-type')) flat.push('content-type', 'text/plain;charset=UTF-8');
  return flat;
}

/** Reads the arguments of `fetch`; throws `TypeError` for what is not supported. */
export function leanRequest(input: string | URL | Request, init: RequestInit = {}): LeanRequest {
  const url = urlOf(input);
  const body = bodyOf(init.body);
  const options: Dispatcher.DispatchOptions = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: init.method?.toUpperCase() ?? 'GET',
    headers: headersOf(init.headers, body),
    body,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return { url, options, redirect: init.redirect ?? 'follow', signal: init.signal ?? undefined };
}
