/** What one request or run brought: a client that misses a character is not measured, it is refused. */
export interface Seen {
  /** Characters of text, and of the tool input's `text` in a tool-input request. */
  readonly characters: number;
  /** Model turns. */
  readonly turns: number;
}

/** A request or run under way. */
export interface Started {
  /** Settles when all of it has been read; rejects when it failed. */
  readonly ended: Promise<Seen>;
  /** Stops it, down to the socket. */
  stop(): void;
}

/** Called with each piece of text as it comes. */
export type OnText = (text: string) => void;

/**
 * One way to read a service's answers. Every client does the same work: it sends the prompt as the only user message,
 * hands each piece of text on, and knows the finished turn at the end (its text, its tool calls, its usage).
 */
export interface Client {
  /** One turn of text. */
  text(prompt: string, onText: OnText): Started;
  /** One turn that ends in a call of the tool `lookup`, whose input is streamed and not executed. Counts `input.text`. */
  toolInput?(prompt: string): Started;
  /** Turns and calls of `lookup` until the model stops calling: a run with the client's own loop. */
  loop?(prompt: string, onText: OnText): Started;
}

/** Where the services are: none of them needs a key that is real. */
export interface Service {
  /** The address, without a path; `http://127.0.0.1:PORT`. */
  readonly url: string;
}

/** Makes a client. Every module in `clients/` and `peers/clients/` has one export, `connect`. */
export type Connect = (service: Service) => Client | Promise<Client>;
