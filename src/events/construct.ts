import type { Envelope, EventBody, StreamEvent, StreamEventOf, TextDelta, Thinking } from './events.js';

/** A text or thinking delta that has no member beside its own. */
function isPiece(body: EventBody): body is TextDelta | Thinking {
  return (body.type === 'text_delta' || body.type === 'thinking') && Object.keys(body).length === 3;
}

/** Puts an envelope around a body. The result is a new object; neither argument is changed. */
export function withEnvelope<Body extends EventBody>(envelope: Envelope, body: Body): StreamEventOf<Body['type']>;
export function withEnvelope(envelope: Envelope, body: EventBody): StreamEvent {
  const { runId, seq, path, iteration, timestamp, model, metadata } = envelope;
  // Members are named where they are known: a spread takes many times as long, and this happens for every delta.
  if (isPiece(body)) return { runId, seq, path, iteration, timestamp, model, metadata, type: body.type, content: body.content, block: body.block };
  return { runId, seq, path, iteration, timestamp, model, metadata, ...body };
}

/** Whether the event ends its run: `complete` or `error`. Look at its `path` too: a sub-agent ends as well. */
export function isTerminal(event: StreamEvent): event is StreamEventOf<'complete' | 'error'> {
  return event.type === 'complete' || event.type === 'error';
}

/** Whether the event belongs to the run itself and not to a sub-agent. */
export function isTopLevel(event: StreamEvent): boolean {
  return event.path.length === 0;
}

/** A guard for events of one or more types: `isEvent('text_delta', 'thinking')`. */
export function isEvent<const Types extends readonly StreamEvent['type'][]>(
  ...types: Types
): (event: StreamEvent) => event is StreamEventOf<Types[number]> {
  const wanted: ReadonlySet<string> = new Set(types);
  return (event): event is StreamEventOf<Types[number]> => wanted.has(event.type);
}
