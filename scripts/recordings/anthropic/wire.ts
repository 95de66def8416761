import { anthropic } from 'coldstream/anthropic';
import { statusOf } from '../expected.js';
import { kindOfBody } from '../body.js';
import type { Wire } from '../wire.js';
import { judge } from './judge.js';

const CONTENT_TYPES = { json: 'application/json', page: 'text/html', other: 'text/event-stream; charset=utf-8' } as const;

/** The stream of server-sent events that `POST /v1/messages` answers with. */
export const anthropicWire: Wire = {
  name: 'anthropic',
  file: 'wire.sse',
  transports: [{ name: 'HTTP/1.1', connect: ({ http1 }) => anthropic({ model: 'recorded', apiKey: 'recorded', baseURL: http1 }) }],
  judge,
  head: ({ bytes, expected }) => {
    const requestId = expected?.['requestId'];
    const headers = { 'content-type': CONTENT_TYPES[kindOfBody(bytes)], ...(typeof requestId === 'string' ? { 'request-id': requestId } : {}) };
    return { status: statusOf(expected), headers };
  },
};
