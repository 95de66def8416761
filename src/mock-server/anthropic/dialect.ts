import type { Dialect } from '../dialect.js';
import { seededId } from '../seed.js';
import { failure } from '../turn.js';
import { framesOf } from './frames.js';
import { readRequest } from './read-request.js';

/** Anthropic's Messages API: Server-Sent Events. */
export const anthropicDialect: Dialect = {
  route: 'POST /v1/messages',
  serves: (path) => path === '/v1/messages',
  keyHeaders: ['x-api-key', 'authorization'],
  keyless: failure(401, 'authentication_error', 'x-api-key header is required (any value will do: this is a scripted stand-in)'),
  read: readRequest,
  failure: ({ error }, requestId) => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'request-id': requestId },
    body: JSON.stringify({ type: 'error', error: { type: error.type, message: error.message }, request_id: requestId }),
  }),
  requestId: (random) => seededId('req', random),
  headers: (requestId) => ({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId,
  }),
  wire: framesOf,
  encode: ({ event, data }) => Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
};
