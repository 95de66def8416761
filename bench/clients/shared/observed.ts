import { agent, tool, type Provider, type StreamEvent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { of, type Observable } from 'rxjs';
import type { Client, OnText, Seen, Started } from '../../client.js';
import { lookup, lookUp } from '../../tool.js';

/** Subscribes a source and tells how it ended. */
function started<T>(source: Observable<T>, see: (value: T) => void, seen: () => Seen): Started {
  let stop = (): void => undefined;
  const ended = new Promise<Seen>((resolve, reject) => {
    const next = (value: T): void => {
      try {
        see(value);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const subscription = source.subscribe({ next, error: reject, complete: () => resolve(seen()) });
    stop = () => subscription.unsubscribe();
  });
  return { ended, stop };
}

/** A run tells of its failure as its last event. */
function refuse(event: StreamEvent): void {
  if (event.type === 'error') throw new Error(event.content.error);
}

/** Every event of the source, in full. */
function events(source: Observable<StreamEvent>, onText: OnText): Started {
  let characters = 0;
  let turns = 0;
  const see = (event: StreamEvent): void => {
    if (event.type === 'text_delta') {
      characters += event.content.length;
      onText(event.content);
    } else if (event.type === 'tool_use_start') characters += textOf(event.content.input).length;
    else if (event.type === 'message') turns += event.message.role === 'assistant' ? 1 : 0;
    else refuse(event);
  };
  return started(source, see, () => ({ characters, turns }));
}

/** Nothing but the text of the source. */
function text(source: Observable<StreamEvent>, onText: OnText): Started {
  let characters = 0;
  const see = (piece: string): void => {
    characters += piece.length;
    onText(piece);
  };
  return started(source.pipe(textOnly()), see, () => ({ characters, turns: 1 }));
}

function textOf(input: unknown): string {
  return typeof input === 'object' && input !== null && 'text' in input && typeof input.text === 'string' ? input.text : '';
}

const lookupTool = tool({ name: lookup.name, description: lookup.description, input: lookup.inputSchema, execute: ({ text }) => of(lookUp(text)) });

/** The agent, with all of its events. */
export function agentClient(provider: Provider): Client {
  const ask = agent({ provider });
  const once = agent({ provider, tools: [], maxIterations: 1 });
  const looping = agent({ provider, tools: [lookupTool], maxIterations: 1_000 });
  return {
    text: (prompt, onText) => events(ask(prompt), onText),
    toolInput: (prompt) => events(once(prompt), () => undefined),
    loop: (prompt, onText) => loopOf(looping(prompt), onText),
  };
}

/** A loop counts the model's text and leaves the inputs out. */
function loopOf(source: Observable<StreamEvent>, onText: OnText): Started {
  let characters = 0;
  let turns = 0;
  const see = (event: StreamEvent): void => {
    if (event.type === 'text_delta') {
      characters += event.content.length;
      onText(event.content);
    } else if (event.type === 'iteration_end') turns += 1;
    else refuse(event);
  };
  return started(source, see, () => ({ characters, turns }));
}

/** The agent's text alone, by `textOnly`. */
export function textClient(provider: Provider): Client {
  const ask = agent({ provider });
  return { text: (prompt, onText) => text(ask(prompt), onText) };
}

/** The provider without an agent around it. */
export function providerClient(provider: Provider): Client {
  const asked = (prompt: string): Observable<StreamEvent> => provider({ messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }] });
  return {
    text: (prompt, onText) => events(asked(prompt), onText),
    toolInput: (prompt) => events(asked(prompt), () => undefined),
  };
}
