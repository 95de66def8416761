import { defer, tap } from 'rxjs';
import { reportUnhandled } from '../../../operators/internal/report-unhandled.js';
import type { StreamEvent } from '../../events/events.js';
import type { JsonObject } from '../../events/json.js';
import { eventFactory, modelOf, withRunId, type Provider } from '../../provider.js';
import { isDecorated, markDecorated } from '../../resilience/marks.js';
import { cleaning } from './clean.js';
import { ANSWER, errorAsJson, REQUEST } from './markers.js';

/** How `recordingProvider` records. */
export interface RecordingOptions {
  /** Texts that must not stand in a recording: the keys in use. What looks like a key is taken out in any case. */
  readonly secrets?: readonly string[];
}

/**
 * Records each turn of a provider, so that a run that was captured once becomes a test: see {@link replayProvider}.
 *
 * The recording is events, to be kept as lines of JSON: for each request a `custom` event `coldstream.request` with its
 * attempt, then what the provider told, as it told it, then a `custom` event `coldstream.answer` with the end, a failure
 * included. A turn is handed to the sink whole, when it is over, failed or unsubscribed; so turns that run side by side do
 * not mix. The events name the step by `runId`, `path` and `iteration`.
 *
 * - Nothing of the stream is changed, delayed or held back. A sink that throws does not disturb the turn: what it throws is
 *   reported as an error that nobody handled.
 * - Put it beneath `retrying`, and each attempt is recorded as a request of its own.
 * - Keys are taken out of all texts, in events and in failures: the `secrets`, and whatever looks like a key.
 *
 * @example
 * ```ts
 * import { appendFileSync } from 'node:fs';
 * import { agent } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 * import { recordingProvider } from 'coldstream/testing';
 *
 * const apiKey = process.env['ANTHROPIC_API_KEY'] ?? '';
 * const provider = recordingProvider(
 *   anthropic({ model: 'claude-sonnet-5', apiKey }),
 *   (event) => appendFileSync('turns.jsonl', `${JSON.stringify(event)}\n`),
 *   { secrets: [apiKey] },
 * );
 * const ask = agent({ provider });
 * ```
 *
 * @param provider the provider to listen to
 * @param sink gets the recorded events
 * @param options the secrets to leave out
 * @returns the provider, recorded
 */
export function recordingProvider(provider: Provider, sink: (event: StreamEvent) => void, { secrets = [] }: RecordingOptions = {}): Provider {
  const clean = cleaning(secrets);
  const recorded: Provider = (request) =>
    defer(() => {
      const asked = withRunId(request);
      const create = eventFactory(asked, modelOf(provider) ?? null);
      const events: StreamEvent[] = [create({ type: 'custom', name: REQUEST, content: { attempt: asked.attempt ?? 1 } })];
      const write = (answer: JsonObject): void => {
        try {
          for (const event of [...events, create({ type: 'custom', name: ANSWER, content: answer })]) sink(clean(event));
        } catch (error) {
          reportUnhandled(error);
        }
      };
      return provider(asked).pipe(
        tap({
          next: (event) => void events.push(event),
          error: (error: unknown) => write({ end: 'error', error: errorAsJson(error) }),
          complete: () => write({ end: 'complete' }),
          unsubscribe: () => write({ end: 'stopped' }),
        }),
      );
    });
  return isDecorated(provider) ? markDecorated(recorded, provider) : recorded;
}
