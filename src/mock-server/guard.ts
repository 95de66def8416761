import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from './dialect.js';
import { failure, type Failure } from './turn.js';

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

function isLoopback(address: string): boolean {
  return URL.canParse(address) && loopbackNames.has(new URL(address).hostname);
}

/** What is looked at before a body is read. */
export interface Head {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const largestBody = 32 * 1024 * 1024;

/** The name that the client gave the server: HTTP/2 has a pseudo-header for it, and may have the other too. */
const hostsOf = (headers: IncomingHttpHeaders): readonly string[] => {
  const named = [headers.host, headers[':authority']].filter((name) => typeof name === 'string');
  return named.length === 0 ? [''] : named;
};

/**
 * Why a request is refused before its body is read, or null. A page in a browser that has a name of its own resolve to
 * 127.0.0.1 (DNS rebinding) still sends that name as `Host`, and another page its own `Origin`: neither gets in.
 */
export function refusalOf({ method, headers }: Head, path: string, dialect: Dialect, routes: string): Failure | null {
  if (!hostsOf(headers).every((host) => isLoopback(`http://${host}`))) {
    return failure(403, 'permission_error', 'Host: only loopback names are served');
  }
  if (headers.origin !== undefined && !isLoopback(headers.origin)) {
    return failure(403, 'permission_error', 'Origin: only loopback origins are served');
  }
  if (!dialect.serves(path)) return failure(404, 'not_found_error', `Not found: this scripted stand-in serves ${routes} only`);
  if (method !== 'POST') return failure(405, 'invalid_request_error', 'Method not allowed: use POST');
  if (dialect.keyHeaders.every((name) => headers[name] === undefined)) return dialect.keyless;
  if (Number(headers['content-length'] ?? 0) > largestBody) {
    return failure(413, 'request_too_large', `the request exceeds ${largestBody} bytes`);
  }
  return null;
}
