import type { OnNotice } from './notices.js';
import type { Elicit } from './questions.js';

/** What every client of ours can be told, whatever it is connected by. */
export interface McpClientOptions {
  /** The client's name, as told to the server. Default `coldstream`. */
  readonly name?: string;
  /** The client's version, as told to the server. */
  readonly version?: string;
  /** How long starting and connecting may take, in milliseconds. Default 60,000: `npx` may have to download. */
  readonly connectTimeout?: number;
  /** Told of what the server sent that is no message, and of messages that were dropped. Default: nobody is. */
  readonly onWarning?: (message: string) => void;
  /** Told of what happens outside of any call, see {@link McpNotice}. Default: nobody is. */
  readonly onNotice?: OnNotice;
  /**
   * Asks a person what the server wants to know: turns its questions into answers that carry the same `id`. Without it
   * the server is told that nobody can be asked.
   */
  readonly elicit?: Elicit;
  /** How long a question waits for its answer, in milliseconds; then it is cancelled. Default: for as long as the call. */
  readonly elicitTimeout?: number;
}
