import type { StreamEvent } from '../events/events.js';
import { isTopLevel } from '../events/construct.js';
import { messageOf } from '../errors/describe.js';
import { failureLine } from './hints.js';
import { jsonLine, printableLine } from './printable.js';
import { emptyView, fresh, render, type Piece } from './render.js';
import type { ProviderName } from './services.js';
import type { Sink, Terminal } from './terminal.js';
import type { LivePart } from './width.js';

/** Where a run is shown. */
export interface Output {
  event(event: StreamEvent): void;
  /** A line that is no event: where the answers come from, say. */
  notice(text: string): void;
  /** A failure outside of a run: a file that cannot be read, say. */
  failure(error: unknown): void;
  /** Keeps the screen still, from the start of a line, until `release`: somebody is asked something there. */
  hold(): void;
  release(): void;
  close(): void;
}

/** Takes what is secret out of a text. */
export type Redact = (text: string) => string;

const shortestSecret = 8;

/** Removes the given secrets wherever they turn up, in a provider's error, a tool's result or the prompt itself. */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
  const known = secrets.filter((secret) => secret !== undefined).filter((secret) => secret.length >= shortestSecret);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

function failureNote(error: unknown): string {
  return `coldstream: ${printableLine(messageOf(error), 500)}`;
}

/** What an output for people needs to know of the run. */
export interface Shown {
  readonly showsPrompt: boolean;
  /** Whose advice to give when the run fails; null for that of no service. */
  readonly provider: ProviderName | null;
}

/** For people: text as it streams, tool calls, totals at the end. */
export function textOutput(terminal: Terminal, redact: Redact, { showsPrompt, provider }: Shown): Output {
  let view = emptyView(showsPrompt, provider);
  const clean = ({ name, progress }: LivePart): LivePart => ({ name: redact(name), progress: redact(progress) });
  const show = (piece: Piece): void => {
    terminal.show(piece.type === 'live' ? { ...piece, parts: piece.parts.map(clean) } : { ...piece, text: redact(piece.text) });
  };
  return {
    event: (event) => {
      const [next, pieces] = render(view, event);
      view = next;
      pieces.forEach(show);
    },
    notice: (content) => show({ type: 'text', text: `${content}\n`, tone: 'dim' }),
    failure: (error) => {
      if (view.line !== 'empty') show({ type: 'text', text: '\n', tone: 'plain' });
      show({ type: 'note', text: failureNote(error), tone: 'bad' });
    },
    hold: () => {
      const [next, pieces] = fresh(view);
      view = next;
      pieces.forEach(show);
      terminal.hold();
    },
    release: () => terminal.release(),
    close: () => terminal.close(),
  };
}

/** For programs: one event a line on standard output and nothing else there. */
export function jsonOutput(stdout: Sink, stderr: Sink, redact: Redact, provider: ProviderName | null): Output {
  const note = (text: string): void => {
    stderr.write(redact(`${text}\n`));
  };
  return {
    event: (event) => {
      stdout.write(redact(jsonLine(event)));
      if (event.type === 'error' && isTopLevel(event)) note(failureLine(event.content, { provider }));
    },
    notice: note,
    failure: (error) => note(failureNote(error)),
    // What is asked stands on standard error, between whole lines.
    hold: () => undefined,
    release: () => undefined,
    close: () => undefined,
  };
}
