/**
 * What happens to a server or its tools outside of any call. An application shows it, logs it, or passes it into a
 * Subject; a run goes on whatever it does with it.
 *
 * | type | means |
 * | --- | --- |
 * | `tools_listed` | the server's tools were listed: their hashes, and how they differ from the pins or the list before |
 * | `server_down` | the connection ended by itself; the server is started again after `delayMs`, its tools answer with errors until then |
 * | `server_up` | it is there again |
 * | `stream_lost` | HTTP: the stream of notifications ended by itself; it is opened again after `delayMs` |
 * | `session_renewed` | HTTP: the server had forgotten the session, a new one has begun |
 * | `request_delayed` | HTTP: the server was too busy; the request is sent again after `delayMs` |
 * | `elicitation_complete` | a person is done on the page that a question led to |
 */
export type McpNotice =
  | ToolsListed
  | Pause
  | { readonly type: 'server_up' | 'session_renewed' }
  | { readonly type: 'elicitation_complete'; readonly elicitationId: string };

/** The tools of a server, by the server's own names. */
export interface ToolsListed {
  readonly type: 'tools_listed';
  /** The hash of each tool's definition. Kept by the application and given as `pins`, they hold across processes. */
  readonly hashes: { readonly [name: string]: string };
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Something failed and is tried again. */
export interface Pause {
  readonly type: 'server_down' | 'stream_lost' | 'request_delayed';
  /** Why, for people. Never holds a key. */
  readonly error: string;
  /** How many times in a row it has failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** Takes notices. What it throws is not heard. */
export type OnNotice = (notice: McpNotice) => void;

/** A caller's listener that cannot break what it listens to. */
export function listener<T>(given: ((value: T) => void) | undefined): (value: T) => void {
  return (value) => {
    try {
      given?.(value);
    } catch {
      // A log that fails is no reason to lose a server.
    }
  };
}
