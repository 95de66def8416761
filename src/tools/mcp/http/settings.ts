import type { ObservableInput } from 'rxjs';
import type { McpNotice } from '../notices.js';
import type { ReopeningDelay } from '../reopening.js';

/** What the requests to a server are made of. */
export interface HttpSettings {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly token: (() => ObservableInput<string>) | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly maxMessageBytes: number;
  readonly reopen: ReopeningDelay;
  /** Whether a tool may be called a second time with the same input. */
  readonly isIdempotent: (tool: string) => boolean;
  readonly warn: (message: string) => void;
  readonly notice: (notice: McpNotice) => void;
}
