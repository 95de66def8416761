import { bedrock } from 'coldstream/bedrock';
import type { Provider } from '../../../src/provider.js';
import { kindOfBody } from '../body.js';
import { failureName, isRefused, statusOf } from '../expected.js';
import type { Wire } from '../wire.js';
import { judge } from './judge.js';

const CONTENT_TYPES = { json: 'application/json', page: 'text/html', other: 'application/vnd.amazon.eventstream' } as const;

function connect(endpoint: string, handler: 'http2' | 'http1'): Provider {
  const credentials = { accessKeyId: 'recorded', secretAccessKey: 'recorded' };
  return bedrock({ model: 'recorded', region: 'us-east-1', endpoint, credentials, handler });
}

/** The event stream that `POST /model/{id}/converse-stream` answers with. */
export const bedrockWire: Wire = {
  name: 'bedrock',
  file: 'wire.eventstream',
  transports: [
    { name: 'HTTP/2', connect: ({ http2 }) => connect(http2, 'http2') },
    { name: 'HTTP/1.1', connect: ({ http1 }) => connect(http1, 'http1') },
  ],
  judge,
  head: ({ bytes, expected }) => {
    const requestId = expected?.['requestId'];
    const status = statusOf(expected);
    // The service names its failure in a header, which was recorded with the failure alone.
    const name = isRefused(status) ? failureName(expected ?? {}) : undefined;
    const headers = {
      'content-type': CONTENT_TYPES[kindOfBody(bytes)],
      ...(typeof requestId === 'string' ? { 'x-amzn-requestid': requestId } : {}),
      ...(name === undefined ? {} : { 'x-amzn-errortype': name }),
    };
    return { status, headers };
  },
};
