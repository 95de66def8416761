import type { Observable, ObservableInput } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';
import type { Message } from '../../src/messages/message.js';

/** What a user says, as an agent takes it. */
export type ConversationInput = string | Message | readonly Message[];

/** The memory of a conversation, as an agent takes it: any `History`. It is handed on, and not looked into. */
export interface ConversationHistory {
  load(): ObservableInput<readonly Message[]>;
  append(messages: readonly Message[]): ObservableInput<unknown>;
  onError?(error: unknown): void;
}

/** What answers in a conversation: any `Agent`, or a function of yours around one. */
export type ConversationAgent = (input: ConversationInput, params: { readonly history: ConversationHistory }) => Observable<StreamEvent>;

/** What becomes of a message that comes while the one before it is being answered. */
export type ConversationPolicy = 'switch' | 'queue' | 'drop' | 'collect';

/** How a conversation goes. */
export interface ConversationOptions {
  /**
   * `switch`: the answer under way is stopped and this one answered. `queue`: it is answered after those before it.
   * `drop`: it is not heard. `collect`: it is answered after the run under way, together with the others that wait.
   */
  readonly policy: ConversationPolicy;
  /** Default: a new `memoryHistory()` for each subscription. */
  readonly history?: ConversationHistory;
}

function isList(input: ConversationInput): input is readonly Message[] {
  return Array.isArray(input);
}

function messagesOf(input: ConversationInput): readonly Message[] {
  if (isList(input)) return input;
  return [typeof input === 'string' ? { role: 'user', content: [{ type: 'text', text: input }] } : input];
}

/** Several inputs as one; a single one as it is. */
export function joinedInput(inputs: readonly ConversationInput[]): ConversationInput {
  const [only, ...others] = inputs;
  return only !== undefined && others.length === 0 ? only : inputs.flatMap(messagesOf);
}
