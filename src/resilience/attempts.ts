import type { Observable } from 'rxjs';
import { describeError } from '../errors/describe.js';
import { ConfigurationError } from '../errors/errors.js';
import type { StreamEvent } from '../events/events.js';
import { recovering } from '../internal/isolated.js';
import type { Usage } from '../messages/usage.js';
import { eventFactory, isContentEvent, modelOf, type ModelRequest, type Provider } from '../provider.js';

/**
 * Until when a failed attempt may be made again: before the first piece of its answer has been emitted, or always, which
 * takes back what had been emitted.
 */
export type RepeatWhen = 'before-content' | 'always';

/** The value itself. @throws ConfigurationError if it is no such word */
export function requireWhen(when: RepeatWhen): RepeatWhen {
  if (when === 'before-content' || when === 'always') return when;
  throw new ConfigurationError(`when must be 'before-content' or 'always', not ${String(when)}.`);
}

/** What is known of the attempt under way. Decorators beneath may have made others before it. */
export interface AttemptSoFar {
  /** Its number, from 1. */
  attempt: number;
  /** What it has cost, as far as it told. */
  usage: Usage | null;
  /** The model that answers, or was asked to. */
  model: string | null;
  /** Whether it has emitted a part of its answer. */
  answering: boolean;
  /** Whether it has emitted its `message`: the turn is over, and nothing of it can be taken back. */
  answered: boolean;
}

function begun(provider: Provider, { attempt = 1 }: ModelRequest): AttemptSoFar {
  return { attempt, usage: null, model: modelOf(provider) ?? null, answering: false, answered: false };
}

function note(soFar: AttemptSoFar, event: StreamEvent): void {
  soFar.model = event.model ?? soFar.model;
  if (event.type === 'usage') soFar.usage = event.usage;
  else if (event.type === 'retry') {
    // Its cost has been told, and is not told again.
    soFar.usage = null;
    soFar.attempt = event.content.attempt + 1;
    soFar.model = event.content.to ?? soFar.model;
    if (event.content.discard) soFar.answering = false;
  } else {
    soFar.answering ||= isContentEvent(event);
    soFar.answered ||= event.type === 'message';
  }
}

/**
 * Whether the turn may begin anew. Not once it is over, and not once a tool of it has started: what tools do is not taken
 * back by dropping the events.
 */
export function mayRepeat(soFar: AttemptSoFar, when: RepeatWhen, { eager }: ModelRequest): boolean {
  if (soFar.answered || eager?.started === true) return false;
  return !soFar.answering || when === 'always';
}

/** The `retry` event that abandons the attempt. */
export function abandoned(
  request: ModelRequest,
  { attempt, usage, model, answering }: AttemptSoFar,
  error: unknown,
  next: { readonly delayMs: number; readonly to?: string },
): StreamEvent {
  const { code, message } = describeError(error);
  const { delayMs, to } = next;
  const content = { attempt, delayMs, error: { code, message }, discard: answering, ...(to === undefined ? {} : { to }) };
  return eventFactory(request, model)({ type: 'retry', content, usage });
}

/**
 * Subscribes the provider; what follows its failure is made of what was known by then. The failed attempt is torn down
 * first, and a teardown that throws does not get in the way.
 */
export function attempting(
  provider: Provider,
  ask: () => ModelRequest,
  afterFailure: (error: unknown, soFar: AttemptSoFar, request: ModelRequest) => Observable<StreamEvent>,
): Observable<StreamEvent> {
  return recovering(() => {
    const request = ask();
    const soFar = begun(provider, request);
    return {
      source: () => provider(request),
      seen: (event) => note(soFar, event),
      recover: (error) => afterFailure(error, soFar, request),
    };
  });
}
