import { catchError, concat, defer, EMPTY, from, ignoreElements, map, mergeMap, reduce, tap, throwError, type Observable } from 'rxjs';
import { ProtocolError } from '../../../errors/errors.js';
import { bodyError } from '../../../errors/system-error.js';
import type { Redact } from '../../../errors/redact.js';
import type { Ending } from '../../../internal/answered.js';
import { decode, type Decoder } from '../../../internal/decode.js';
import { draining } from '../../../internal/draining.js';
import { bodyOf, readStream } from '../../../internal/read-stream.js';
import { createSseDecoder } from '../../../internal/sse-decoder.js';
import { isRecord, printable } from '../guards.js';
import { wellFormed, type Message } from '../well-formed.js';
import { redacted } from './redacted.js';
import type { HttpSettings } from './settings.js';

/** What a body says: a message, where in its stream it stands, and how soon the stream may be opened again. */
export interface Reading {
  readonly message?: Message;
  /** The position that a new stream can go on from. */
  readonly mark?: string;
  readonly retryMs?: number;
}

/** How a body is read. */
export interface BodyRules {
  readonly settings: HttpSettings;
  readonly redact: Redact;
  readonly ending: Ending;
  /** Whether nothing that follows the message is of interest. */
  readonly isLast: (message: Message) => boolean;
}

/** The JSON-RPC messages in a text; what is none is warned of, and harms no one else. */
function messagesIn(text: string, { settings: { warn }, redact }: BodyRules): readonly Message[] {
  const junk = (): readonly Message[] => {
    warn(`The MCP server sent something that is not a message: ${printable(text, 80)}`);
    return [];
  };
  try {
    const value: unknown = JSON.parse(text);
    // Protocol 2025-03-26 has batches.
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((message) => (isRecord(message) && message['jsonrpc'] === '2.0' ? [redacted(wellFormed(message), redact)] : junk()));
  } catch {
    return junk();
  }
}

function eventDecoder(rules: BodyRules): Decoder<Uint8Array, Reading> {
  const { settings, redact, ending, isLast } = rules;
  let emit: (reading: Reading) => void = () => undefined;
  const splitter = createSseDecoder(
    {
      onRetry: (retryMs) => emit({ retryMs }),
      onMark: (mark) => emit({ mark }),
      onEvent: (data, name, mark) => {
        // An event without text only tells where the stream is.
        const messages = data === '' || (name !== '' && name !== 'message') ? [] : messagesIn(data, rules);
        ending.over = messages.some(isLast);
        for (const message of messages) emit({ message });
        if (mark !== undefined) emit({ mark });
        return ending.over;
      },
    },
    { maxEventSize: settings.maxMessageBytes },
  );
  return {
    push: (chunk, to) => {
      emit = to;
      splitter.push(chunk);
      return ending.over;
    },
    end: () => undefined,
    fail: (error) => bodyError(error, redact, false),
  };
}

/** The whole of a JSON body; one over the limit fails, and no more of it is read. */
function wholeText(body: Observable<Uint8Array>, limit: number): Observable<string> {
  return defer(() => {
    const utf8 = new TextDecoder();
    let bytes = 0;
    return concat(
      body.pipe(
        tap((chunk) => {
          bytes += chunk.length;
          if (bytes > limit) throw new ProtocolError(`The MCP server's answer was dropped: it was longer than allowed (${limit} bytes).`);
        }),
        map((chunk) => utf8.decode(chunk, { stream: true })),
      ),
      defer(() => [utf8.decode()]),
    ).pipe(reduce((text, piece) => text + piece, ''));
  });
}

/** What an answer says, by its content type. A stream of events is read until its last message, JSON to its end. */
export function readingsOf(response: Response, rules: BodyRules): Observable<Reading> {
  const type = response.headers.get('content-type') ?? '';
  const body$ = readStream(bodyOf(response));
  if (/^text\/event-stream\b/i.test(type)) return body$.pipe(draining(rules.ending), decode(() => eventDecoder(rules)));
  if (/^application\/json\b/i.test(type)) {
    return wholeText(body$, rules.settings.maxMessageBytes).pipe(
      catchError((error: unknown) => throwError(() => bodyError(error, rules.redact, false))),
      mergeMap((text) => from(messagesIn(text, rules))),
      map((message) => ({ message })),
    );
  }
  if (response.status === 202 || response.status === 204) {
    return body$.pipe(ignoreElements(), catchError(() => EMPTY));
  }
  return throwError(() => new ProtocolError(`The MCP server answered with ${type === '' ? 'no content type' : printable(type, 80)} where JSON or an event stream is due.`));
}
