import type { IncomingHttpHeaders } from 'node:http';
import type { Failure } from './turn.js';

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

function isLoopback(address: string): boolean {
  return URL.canParse(address) && loopbackNames.has(new URL(address).hostname);
}

/** A refusal in the API's shape. */
export function failure(status: number, type: string, message: string): Failure {
  return { error: { status, type, message } };
}

/** What is looked at before a body is read. */
export interface Head {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const largestBody = 32 * 1024 * 1024;

/**
 * Why a request is refused before its body is read, or null. A page in a browser that has a name of its own resolve to
 * 127.0.0.1 (DNS rebinding) still sends that name as `Host`, and another page its own `Origin`: neither gets in.
 */
export function refusalOf({ method, url = '/', headers }: Head): Failure | null {
  if (!isLoopback(`http://${headers.host ?? ''}`)) return failure(403, 'permission_error', 'Host: only loopback names are served');
  if (headers.origin !== undefined && !isLoopback(headers.origin)) {
    return failure(403, 'permission_error', 'Origin: only loopback origins are served');
  }
  const path = url.split('?')[0];
  if (path !== '/v1/messages') return failure(404, 'not_found_error', 'Not found: this scripted stand-in serves POST /v1/messages only');
  if (method !== 'POST') return failure(405, 'invalid_request_error', 'Method not allowed: use POST');
  if (headers['x-api-key'] === undefined && headers.authorization === undefined) {
    return failure(401, 'authentication_error', 'x-api-key header is required (any value will do: this is a scripted stand-in)');
  }
  if (Number(headers['content-length'] ?? 0) > largestBody) {
    return failure(413, 'request_too_large', `the request exceeds ${largestBody} bytes`);
  }
  return null;
}
