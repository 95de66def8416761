import type { Json } from '../events/json.js';

/** A piece of what the stand-in answers. Text given in pieces is sent as exactly these deltas; a single string is cut up. */
export type TurnBlock =
  | { readonly type: 'text'; readonly text: string | readonly string[] }
  | { readonly type: 'thinking'; readonly thinking: string | readonly string[]; readonly signature?: string }
  | {
      readonly type: 'tool_use';
      readonly name: string;
      readonly input: Json;
      /** Default: one made from the seed and the request. */
      readonly id?: string;
    };

/** One answer of the stand-in. */
export interface Answer {
  readonly content: readonly TurnBlock[];
  /** Default: `tool_use` where the content holds a tool call, `end_turn` otherwise. */
  readonly stopReason?: string;
}

/** A refusal in the API's own shape, sent instead of a stream. */
export interface Failure {
  readonly error: {
    /** HTTP status. Where `type` is translated for the Bedrock wire, its status goes with it. */
    readonly status: number;
    /**
     * The API's name of the failure: `overloaded_error`, `rate_limit_error` … or `ThrottlingException` … The names of the
     * Messages API are translated for the Bedrock wire, so that one script serves both.
     */
    readonly type: string;
    readonly message: string;
  };
}

/** What a script answers to one request. */
export type Turn = Answer | Failure;

/** Whether the script chose to fail the request. */
export function isFailure(turn: Turn): turn is Failure {
  return 'error' in turn;
}

/** A refusal. */
export function failure(status: number, type: string, message: string): Failure {
  return { error: { status, type, message } };
}
