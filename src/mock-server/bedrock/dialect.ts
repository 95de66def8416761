import type { Dialect } from '../dialect.js';
import { demand } from '../complaint.js';
import { seededUuid } from '../seed.js';
import { failure } from '../turn.js';
import { encodeFrame } from './encode-frame.js';
import { typedFailure } from './failures.js';
import { framesOf } from './frames.js';
import { readRequest } from './read-request.js';

const route = /^\/model\/([^/]+)\/converse-stream$/u;

function decoded(model: string): string | null {
  try {
    return decodeURIComponent(model);
  } catch {
    return null;
  }
}

function modelOf(path: string): string {
  const model = decoded(route.exec(path)?.[1] ?? '');
  demand(model !== null, 'modelId: is not encoded as a part of a path should be');
  return model;
}

/** Bedrock's ConverseStream: frames of `application/vnd.amazon.eventstream`. */
export const bedrockDialect: Dialect = {
  route: 'POST /model/{id}/converse-stream',
  serves: (path) => route.test(path),
  keyHeaders: ['authorization'],
  keyless: failure(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token (any will do: this is a scripted stand-in)'),
  read: (body, path) => readRequest(body, modelOf(path)),
  failure: (given, requestId) => {
    const { status, type, message } = typedFailure(given);
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': type },
      body: JSON.stringify({ message }),
    };
  },
  requestId: seededUuid,
  headers: (requestId) => ({ 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId }),
  wire: (request, _model, answer, pace) => framesOf(request, answer, pace),
  encode: encodeFrame,
};
