import { lastValueFrom, materialize, toArray, type ObservableNotification } from 'rxjs';
import { anthropic } from 'coldstream/anthropic';
import type { StreamEvent } from '../../src/events/events.js';
import type { Recording } from './find.js';
import { statusOf } from './judge.js';
import type { Answer } from './serve.js';

/** What came of one try. */
export interface Outcome {
  readonly events: readonly StreamEvent[];
  readonly error: unknown;
}

function contentType(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  if (start.startsWith('{')) return 'application/json';
  return start.startsWith('<') ? 'text/html' : 'text/event-stream; charset=utf-8';
}

/** The recorded answer, in the given pieces. */
export function answerOf({ bytes, expected }: Recording, pieces: Iterable<Uint8Array>): Answer {
  const requestId = expected?.['requestId'];
  const headers = { 'content-type': contentType(bytes), ...(typeof requestId === 'string' ? { 'request-id': requestId } : {}) };
  return { status: statusOf(expected), headers, pieces };
}

/** Plays the answer that is served at the address through the provider and the SDK. */
export async function play(baseURL: string): Promise<Outcome> {
  const provider = anthropic({ model: 'recorded', apiKey: 'recorded', baseURL });
  const request = { messages: [{ role: 'user', content: [{ type: 'text', text: 'recorded' }] }], runId: 'run' } as const;
  const notifications: ObservableNotification<StreamEvent>[] = await lastValueFrom(provider(request).pipe(materialize(), toArray()));
  const events = notifications.flatMap((notification) => (notification.kind === 'N' ? [{ ...notification.value, timestamp: 0 }] : []));
  const last = notifications.at(-1);
  return { events, error: last?.kind === 'E' ? last.error : undefined };
}
